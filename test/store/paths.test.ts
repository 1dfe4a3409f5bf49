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

describe('the folders of a collection', () => {
  const entry = (path: string) => ({ origin: 'ann', path })
  const taken = () => false

  async function placing(test: TestContext) {
    const room = await Room.make(test)
    const paths = await CollectionPaths.open(room.path('collection'))
    const place = (path: string) => {
      const finished = room.path('collection/.potluck/parts', path.replaceAll('/', '-'))
      fs.writeFileSync(finished, path)
      return paths.place(finished, entry(path), taken)
    }
    return { room, paths, place }
  }

  it('fault 36: are looked at anew in each turn, so that none is left for a link that took its place', async (test) => {
    const { room, paths, place } = await placing(test)
    place('folder/first')
    place('folder/second')
    await new Promise(setImmediate)
    fs.rmSync(room.path('collection/ann/folder'), { recursive: true })
    fs.mkdirSync(room.path('elsewhere'))
    fs.symlinkSync(room.path('elsewhere'), room.path('collection/ann/folder'))
    assert.throws(() => place('folder/third'), failure('DISK', 'a symbolic link'))
    assert.throws(() => paths.checkEntry(entry('folder/third')), failure('DISK', 'a symbolic link'))
    assert.deepEqual(fs.readdirSync(room.path('elsewhere')), [])
  })

  it('fault 57: are told as changed once, by the file that they were made for', async (test) => {
    const { room, place } = await placing(test)
    const folder = (...names: string[]): string => room.path('collection', ...names)
    assert.deepEqual(place('a/b/first').folders, [
      folder(),
      folder('ann'),
      folder('ann/a'),
      folder('ann/a/b')
    ])
    assert.deepEqual(place('a/b/second').folders, [folder('ann/a/b')])
    assert.deepEqual(place('a/c/third').folders, [folder('ann/a'), folder('ann/a/c')])
  })

  it('are made again in the turn in which one was moved aside', async (test) => {
    const { room, place } = await placing(test)
    place('name/inside')
    assert.equal(place('name').movedTo, room.path('collection/ann/name.old-1'))
    assert.throws(() => place('name/inside'), failure('DISK', 'must be a folder, but is a file'))
    place('name.old-1/other')
    assert.deepEqual(fs.readdirSync(room.path('collection/ann/name.old-1')).sort(), ['inside', 'other'])
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
