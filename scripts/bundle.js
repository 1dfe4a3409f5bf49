// Bundles each standalone program into one file, with the parts of packages that it needs: a start then reads a few
// files instead of several hundred. Code that several programs need is in dist/chunks.

import { cpSync, readdirSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

/** Prebuilt for each platform: they find their native part next to themselves. */
const NATIVE = ['fs-native-extensions', 'koffi']

const ALL = { bundle: true, format: 'esm', sourcemap: true, logLevel: 'warning' }

export const FOR_NODE = {
  ...ALL,
  platform: 'node',
  target: 'node20.19',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  external: NATIVE,
  // CommonJS packages load Node's own modules with this.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)"
  }
}

const [{ metafile }] = await Promise.all([
  build({
    ...FOR_NODE,
    outdir: 'dist',
    entryPoints: {
      coordinator: 'src/coordinator.ts',
      peer: 'src/peer.ts',
      potluck: 'src/potluck.ts',
      swarm: 'src/swarm.ts',
      index: 'src/index.ts',
      'store-thread': 'src/store/store-thread.ts'
    },
    metafile: true
  }),
  build({
    ...ALL,
    outdir: 'dist/assets',
    entryPoints: { page: 'src/dashboard/page/main.ts' },
    platform: 'browser',
    target: 'es2023'
  })
])
cpSync('src/dashboard/assets', 'dist/assets', { recursive: true })
cpSync(new URL('uPlot.min.css', import.meta.resolve('uplot')), 'dist/assets/uPlot.min.css')

// Removes chunks of an earlier state last: a program that runs from here during the build still finds its own.
for (const name of readdirSync('dist/chunks')) {
  if (!Object.hasOwn(metafile.outputs, `dist/chunks/${name}`)) {
    rmSync(`dist/chunks/${name}`)
  }
}
