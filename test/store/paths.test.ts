/** Names of others as paths of this computer, and what a file system is asked about names. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { describe, it, type TestContext } from 'node:test'
import { probeFileSystem } from '#potluck/store/file-system.js'
import { CollectionPaths } from '#potluck/store/paths.js'
import { failure, Room } from './fixture.js'

const COMPOSED = '\u00e9'
const DECOMPOSED = 'e\u0301'

async function pathsIn(test: TestContext): Promise<CollectionPaths> {
  const room = await Room.make(test)
  return await CollectionPaths.open(room.path('collection'))
}

/** Has the file system find what is there by other spellings as well. */
function findingBy(test: TestContext, spelling: (name: string) => string): void {
  const { lstatSync } = fs
  const found = (path: fs.PathLike, options?: fs.StatSyncOptions): unknown =>
    Reflect.apply(lstatSync, fs, [spelling(String(path)), options])
  Reflect.set(fs, 'lstatSync', found)
  syncBuiltinESMExports()
  test.after(() => {
    Reflect.set(fs, 'lstatSync', lstatSync)
    syncBuiltinESMExports()
  })
}

describe('the paths of a collection', () => {
  it('fault 34, fault 37: are refused to hostile names, in a sentence in which these are harmless', async (test) => {
    const paths = await pathsIn(test)
    for (const entry of [
      { origin: 'ann', path: '../\u001b[2J' },
      { origin: '..', path: 'a\u202eb' }
    ]) {
      assert.throws(
        () => paths.destination(entry),
        (error) => {
          failure('PROTOCOL', 'cannot be stored', '\\u{')(error)
          assert.doesNotMatch(String(error), /[\p{Cc}\p{Cf}]/u)
          return true
        }
      )
    }
  })

  it('fault 34: are refused to what is no root of a content', async (test) => {
    const paths = await pathsIn(test)
    for (const root of ['', '../../x', 'AB'.repeat(32), 'ab'.repeat(31), `${'ab'.repeat(32)}/x`]) {
      for (const path of [paths.part, paths.state, paths.digests, paths.copy]) {
        assert.throws(() => path.call(paths, root), failure('PROTOCOL', 'is not the root of a content'))
      }
    }
  })
})

describe('a file system', () => {
  const folder = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)
  const name = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

  for (const [what, spelling, sameCase, sameForm] of [
    ['tells all names apart', (path: string) => path, false, false],
    [
      'takes forms of a letter for the same',
      (path: string) => folder(path) + name(path).normalize('NFC'),
      false,
      true
    ],
    [
      'takes cases of ASCII for the same',
      (path: string) =>
        folder(path) +
        name(path)
          .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
          .normalize('NFC'),
      true,
      true
    ],
    [
      'takes cases and forms for the same',
      (path: string) => folder(path) + name(path).normalize('NFC').toLowerCase(),
      true,
      true
    ]
  ] as const) {
    it(`fault 35: that ${what} is known as such`, async (test) => {
      const paths = await pathsIn(test)
      findingBy(test, spelling)
      const { fold } = probeFileSystem(paths.privateFolder)
      assert.equal(fold('ANN') === fold('ann'), sameCase)
      assert.equal(fold(COMPOSED) === fold(DECOMPOSED), sameForm)
      assert.notEqual(fold('a'), fold('b'))
      assert.deepEqual(
        fs.readdirSync(paths.privateFolder).filter((entry) => entry.startsWith('probe')),
        []
      )
    })
  }
})
