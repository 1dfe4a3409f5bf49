import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { NameTable } from '#potluck/node/store/name-table.js'
import { CollectionPaths } from '#potluck/node/store/paths.js'
import { PotluckError } from '#potluck/protocols/errors.js'
import { foldName, PRIVATE_FOLDER, pathProblem, peerNameProblem } from '#potluck/protocols/names.js'
import { hostileEntry } from './store-arbitraries.js'

describe('paths of a collection', () => {
  let room = ''
  let paths: CollectionPaths
  before(async () => {
    room = realpathSync(mkdtempSync(join(tmpdir(), 'potluck-paths-')))
    paths = await CollectionPaths.open(join(room, 'collection'))
    mkdirSync(join(room, 'outside'))
    writeFileSync(join(room, 'outside', 'a'), 'untouched')
    symlinkSync(join(room, 'outside'), join(paths.root, 'link'))
    mkdirSync(join(paths.root, 'ann'))
    symlinkSync(join(room, 'outside'), join(paths.root, 'ann', 'link'))
    symlinkSync(join(room, 'outside', 'a'), join(paths.root, 'ann', 'a'))
  })
  after(() => rmSync(room, { recursive: true }))

  it('lie inside of it and outside of its private folder, or are refused', () => {
    fc.assert(
      fc.property(hostileEntry, (entry) => {
        const allowed = peerNameProblem(entry.origin) === undefined && pathProblem(entry.path) === undefined
        if (!allowed) {
          assert.throws(() => paths.destination(entry), { code: 'PROTOCOL' })
          return
        }
        const destination = paths.destination(entry)
        assert.ok(destination.startsWith(paths.root + sep))
        assert.notEqual(
          foldName(destination.slice(paths.root.length + 1).split(sep)[0] ?? ''),
          foldName(PRIVATE_FOLDER)
        )
        assert.deepEqual(destination.slice(paths.root.length + 1).split(sep), [
          entry.origin,
          ...entry.path.split('/')
        ])
      }),
      { numRuns: 2000 }
    )
  })

  it('are written to without anything outside being changed, whatever links there are', () => {
    const nothingTaken = () => false
    fc.assert(
      fc.property(hostileEntry, fc.boolean(), (entry, folder) => {
        const finished = join(paths.parts, 'finished')
        writeFileSync(finished, 'new')
        try {
          if (folder) {
            paths.makeFolder(entry, nothingTaken)
          } else {
            const { destination } = paths.place(finished, entry, nothingTaken)
            assert.ok(realpathSync(dirname(destination)).startsWith(paths.root))
            assert.equal(readFileSync(destination, 'utf8'), 'new')
          }
        } catch (error) {
          const code = error instanceof Error && 'code' in error ? error.code : undefined
          assert.ok(
            error instanceof PotluckError || code === 'ENAMETOOLONG' || code === 'EILSEQ',
            String(error)
          )
        }
        assert.deepEqual(readdirSync(room).sort(), ['collection', 'outside'])
        assert.deepEqual(readdirSync(join(room, 'outside')), ['a'])
        assert.equal(readFileSync(join(room, 'outside', 'a'), 'utf8'), 'untouched')
        assert.deepEqual(readdirSync(paths.privateFolder).sort(), ['hashes', 'parts'])
      }),
      { numRuns: 300 }
    )
  })
})

describe('name table', () => {
  const name = fc.constantFrom('a', 'A', 'b', '\u00e9', 'e\u0301')
  const claims = fc.array(
    fc.record({
      path: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
      kind: fc.constantFrom('file' as const, 'folder' as const)
    }),
    { maxLength: 8 }
  )

  /** Every pair compared, in the plainest way. */
  function meets(
    fold: (text: string) => string,
    one: string,
    oneKind: string,
    other: string,
    otherKind: string
  ): boolean {
    const [shorter, longer, shorterKind] =
      one.split('/').length <= other.split('/').length ? [one, other, oneKind] : [other, one, otherKind]
    const parts = shorter.split('/')
    const above = longer.split('/').slice(0, parts.length)
    for (const [depth, part] of parts.entries()) {
      if (fold(part) !== fold(above[depth] ?? '')) {
        return false
      }
      if (part !== above[depth]) {
        return true
      }
    }
    return shorter.length === longer.length || shorterKind === 'file'
  }

  for (const [what, fold] of [
    ['folds', foldName],
    ['tells all apart', (text: string) => text]
  ] as const) {
    it(`finds what meets on a file system that ${what}`, () => {
      fc.assert(
        fc.property(claims, (all) => {
          const table = new NameTable(fold)
          const taken: typeof all = []
          for (const { path, kind } of all) {
            const expected = taken.some((one) => meets(fold, one.path, one.kind, path, kind))
            const meeting = table.claim(path, kind, path)
            assert.equal(meeting !== undefined, expected, `${path} after ${taken.map((one) => one.path)}`)
            if (meeting !== undefined) {
              return
            }
            taken.push({ path, kind })
            assert.ok(table.has(path))
          }
        })
      )
    })
  }
})
