// Bundles each compiled test with the packages that it imports. Each test runs in a process of its own, which would
// otherwise read several hundred files. Code that several tests share lies in chunks.

import { readdirSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { FOR_NODE } from './bundle.js'

const COMPILED = 'build/test'
const BUNDLED = 'build/bundled-tests'

/** A module that starts or reads a file beside itself still finds it beside the compiled module. */
const compiledPlaces = {
  name: 'compiled places',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]build[\\/](test|bench)[\\/].*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const url = JSON.stringify(pathToFileURL(path))
      return { contents: source.replaceAll('import.meta.url', url) }
    })
  }
}

/** Bundles the tests whose path contains one of `parts`, or all tests without `parts`. Returns the paths to run. */
export async function bundleTests(parts) {
  const names = readdirSync(COMPILED, { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)))
  const { metafile } = await build({
    ...FOR_NODE,
    // With source maps each process takes a tenth to half a second longer.
    sourcemap: false,
    entryPoints: names.map((name) => join(COMPILED, name)),
    outbase: COMPILED,
    outdir: BUNDLED,
    external: [...FOR_NODE.external, 'axe-core', 'playwright-core'],
    plugins: [compiledPlaces],
    metafile: true
  })
  // A run of some tests keeps all other files: another run may still use them.
  if (parts.length === 0) {
    removeOthers(new Set(Object.keys(metafile.outputs)))
  }
  return names.map((name) => join(BUNDLED, name))
}

function removeOthers(outputs) {
  for (const entry of readdirSync(BUNDLED, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !outputs.has(path.replaceAll('\\', '/'))) {
      rmSync(path)
    }
  }
}
