// Bundles each compiled test with the packages that it imports, and likewise each program that a test or a bench
// starts. A process would otherwise read several hundred files. Shared code is in chunks.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { FOR_NODE } from './bundle.js'

const COMPILED = 'build'
const TESTS = 'build/test'
const ROOMS = [TESTS, 'build/bench', 'build/sim']
const BUNDLED = 'build/bundled'

/**
 * Tests of these rooms watch nothing that a process shares (sockets, threads, signals). One process runs them one after
 * another, which saves the 0.15 to 0.25 s of processor time that a process of its own costs each test.
 */
const SHARING = ['coordinator', 'core', 'engine', 'keys', 'protocols', 'report', 'store', 'view']
/** So that tests that wait are spread over several processes. */
const MOST_SHARING = 11

/** How a module of these rooms names a program that it starts. */
const PROGRAM = /new URL\(\s*'(\.{1,2}\/[^']+\.js)',\s*import\.meta\.url\s*\)/g

/** Code that starts a compiled program starts the bundled one. */
const bundledPrograms = {
  name: 'bundled programs',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]build[\\/](test|bench|sim)[\\/].*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const bundled = pathToFileURL(path.replace(resolve(COMPILED), () => resolve(BUNDLED)))
      const contents = source.replace(
        PROGRAM,
        (_, name) => `new URL(${JSON.stringify(new URL(name, bundled))})`
      )
      return { contents }
    })
  }
}

/** Bundles the tests whose path contains one of `parts`, or all tests without `parts`. Returns the paths to run, each in a process. */
export async function bundleTests(parts) {
  const tests = modulesIn(TESTS)
    // The compiler leaves the output of a source that was moved or removed.
    .filter((path) => existsSync(path.slice(COMPILED.length + 1).replace(/js$/, 'ts')))
    .filter((path) => path.endsWith('.test.js'))
    .filter((path) => parts.length === 0 || parts.some((part) => path.slice(TESTS.length).includes(part)))
  const { metafile } = await build({
    ...FOR_NODE,
    // With source maps each process takes 0.1 to 0.5 s longer.
    sourcemap: false,
    entryPoints: [...new Set([...tests, ...ROOMS.flatMap(modulesIn).flatMap(programsOf)])],
    outbase: COMPILED,
    outdir: BUNDLED,
    external: [...FOR_NODE.external, 'axe-core', 'playwright-core'],
    plugins: [bundledPrograms],
    metafile: true
  })
  const bundled = tests.map((path) => join(BUNDLED, path.slice(COMPILED.length)))
  const roomOf = (path) => relative(join(BUNDLED, 'test'), path).split(sep)[0]
  const shared = SHARING.flatMap((room) =>
    writeShared(
      room,
      bundled.filter((path) => roomOf(path) === room)
    )
  )
  // A run of some tests keeps all other files: another run may still use them.
  if (parts.length === 0) {
    removeOthers(new Set([...Object.keys(metafile.outputs), ...shared]))
  }
  return [...bundled.filter((path) => !SHARING.includes(roomOf(path))), ...shared]
}

/** Writes the modules that run the tests of a room, in as few processes as allowed. */
function writeShared(room, tests) {
  const count = Math.ceil(tests.length / MOST_SHARING)
  mkdirSync(join(BUNDLED, 'rooms'), { recursive: true })
  return Array.from({ length: count }, (_, index) => {
    const own = tests.filter((_, at) => at % count === index).map((path) => pathToFileURL(path).href)
    const code = own.map((url) => `import ${JSON.stringify(url)}\n`).join('')
    // Another run, of other tests, has other files.
    const digest = createHash('sha256').update(code).digest('hex').slice(0, 8)
    const path = join(BUNDLED, 'rooms', `${room}-${digest}.test.js`)
    writeFileSync(path, code)
    return path
  })
}

function modulesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(folder, name))
}

/** The programs that a module starts. */
function programsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(PROGRAM)].map(([, name]) => join(path, '..', name))
}

function removeOthers(outputs) {
  for (const entry of readdirSync(BUNDLED, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !outputs.has(path.replaceAll('\\', '/'))) {
      rmSync(path)
    }
  }
}
