// Puts each program that runs on its own into one file, with what it needs of packages: a start then reads a few
// files in place of several hundred. What more than one program needs lies in dist/chunks.

import { cpSync, readdirSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

/** Prebuilt for each platform: they find their native part beside themselves. */
const NATIVE = ['fs-native-extensions', 'koffi']

const ALL = { bundle: true, format: 'esm', sourcemap: true, logLevel: 'warning' }

export const FOR_NODE = {
  ...ALL,
  platform: 'node',
  target: 'node20.19',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  external: NATIVE,
  // CommonJS packages ask for Node's own modules by this.
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

// Chunks of an earlier state go at the end: what runs from here while the same state is built again still finds its own.
for (const name of readdirSync('dist/chunks')) {
  if (!Object.hasOwn(metafile.outputs, `dist/chunks/${name}`)) {
    rmSync(`dist/chunks/${name}`)
  }
}
