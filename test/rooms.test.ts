/** Which room of the source imports which: docs/architecture.md draws it, this table enforces it. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, it } from 'node:test'

const SHARED = ['core', 'events']

/** What each room may import, besides itself. `commands` are the files in `src` itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['core'],
  protocols: ['core'],
  events: ['core'],
  engine: ['core', 'protocols'],
  files: ['core'],
  keys: ['core', 'files', 'protocols'],
  store: [...SHARED, 'files', 'keys', 'package.ts', 'protocols'],
  node: [...SHARED, 'config', 'engine', 'keys', 'protocols', 'store'],
  coordinator: [...SHARED, 'config', 'keys', 'protocols'],
  view: SHARED,
  report: [...SHARED, 'files', 'view'],
  http: [...SHARED, 'config', 'package.ts', 'view'],
  dashboard: [...SHARED, 'http', 'package.ts', 'view'],
  compose: [
    ...SHARED,
    'config',
    'coordinator',
    'dashboard',
    'http',
    'keys',
    'node',
    'polyfill.ts',
    'protocols',
    'store'
  ],
  cli: [...SHARED, 'config', 'keys', 'package.ts', 'protocols', 'report', 'view'],
  'local-run': [...SHARED, 'cli', 'package.ts', 'view'],
  sim: ['cli', 'core', 'engine', 'package.ts', 'protocols']
}

/** Where an import of a module leads, as a path from the package's folder; undefined for other packages. */
function targetOf(importer: string, specifier: string): string | undefined {
  if (specifier.startsWith('#potluck/')) {
    return `src/${specifier.slice('#potluck/'.length).replace(/\.js$/, '.ts')}`
  }
  return specifier.startsWith('.') ? posix.join(posix.dirname(importer), specifier) : undefined
}

function roomOf(path: string): string {
  const [top = '', room = ''] = path.split('/')
  return top === 'sim' ? 'sim' : room
}

function modulesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => posix.join(folder, String(name).replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts'))
}

function importsOf(path: string): { path: string; target: string | undefined }[] {
  const code = readFileSync(path, 'utf8')
  const found = code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)
  return [...found].map(([, specifier = '']) => ({ path, target: targetOf(path, specifier) }))
}

/** What a module outside of a protocol's folder imports of it, as a path in that folder; undefined for anything else. */
function partOfProtocol(importer: string, target = ''): string | undefined {
  const [, protocol, part] = /^src\/protocols\/([\w-]+)\/(.+)$/.exec(target) ?? []
  return importer.startsWith(`src/protocols/${protocol}/`) ? undefined : part
}

/**
 * In a protocol's folder: the modules that everyone may import, and those that tests and benchmarks may import too.
 * Tests send messages that no client sends, test limits, and feed the decoder of replies with bytes without a stream.
 */
const FACE = ['index.ts']
const FOR_TESTS = [...FACE, 'constants.ts', 'pb/messages.ts', 'reply-decoder.ts']

describe('rooms', () => {
  const modules = [...modulesOf('src'), ...modulesOf('sim')]

  for (const [room, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${room} imports ${allowed.length === 0 ? 'no other room' : `only ${[...allowed].sort().join(', ')}`}`, () => {
      const own = modules.filter((path) => roomOf(path) === room)
      assert.ok(own.length > 0, 'there is such a room')
      const imports = own.flatMap(importsOf)
      const wrong = imports.filter(({ target }) => {
        const to = target === undefined ? room : roomOf(target)
        return to !== room && !allowed.includes(to)
      })
      assert.deepEqual(wrong, [])
    })
  }

  it('every room is in the table', () => {
    const rooms = modules.map(roomOf).filter((room) => !room.endsWith('.ts'))
    assert.deepEqual([...new Set(rooms)].sort(), Object.keys(MAY_IMPORT).sort())
  })

  it('a protocol is imported by its index.ts only', () => {
    const imports = modules.flatMap(importsOf)
    const protocols = imports.filter(({ path, target }) => partOfProtocol(path, target) !== undefined)
    assert.ok(protocols.length > 0, 'protocols are imported')
    const wrong = protocols.filter(({ path, target }) => !FACE.includes(partOfProtocol(path, target) ?? ''))
    assert.deepEqual(wrong, [])
  })

  it('tests and benchmarks import of a protocol its index.ts, its limits and its messages, but for its own tests', () => {
    const others = [...modulesOf('test'), ...modulesOf('bench')]
    const imports = others.filter((path) => !path.startsWith('test/protocols/')).flatMap(importsOf)
    const wrong = imports.filter(({ path, target }) => {
      const part = partOfProtocol(path, target)
      return part !== undefined && !FOR_TESTS.includes(part)
    })
    assert.deepEqual(wrong, [])
  })
})
