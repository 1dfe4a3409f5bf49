import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { foldName, manifestKey } from '#potluck/core/names.js'
import { MAX_MANIFESTS } from '#potluck/protocols/coordination/index.js'
import type { Manifest } from '#potluck/protocols/manifest/index.js'
import { ChunkCache } from '#potluck/store/chunk-cache.js'
import { Descriptors } from '#potluck/store/descriptors.js'
import { DigestCache } from '#potluck/store/digest-cache.js'
import { LocalFiles } from '#potluck/store/local-files.js'
import { CollectionPaths } from '#potluck/store/paths.js'
import { StoredContent } from '#potluck/store/stored-content.js'
import {
  bytesOf,
  CHUNK,
  failure,
  folderManifest,
  hashNaively,
  heldOf,
  manifestOf,
  Room,
  receive,
  until
} from './fixture.js'

const BYTES = bytesOf(5 * CHUNK + 100)
const { root: ROOT } = hashNaively(BYTES)
const OTHER = bytesOf(5 * CHUNK + 100, 'other')
const ALL = [0, 1, 2, 3, 4, 5]

async function contentOf(path: string): Promise<Uint8Array> {
  return Uint8Array.from(await readFile(path))
}

describe('adopting what is here already', () => {
  it('takes a file that has its name and content as complete', async (test) => {
    const room = await Room.make(test)
    await room.write('collection/ann/file', BYTES)
    const { ino } = await stat(room.path('collection/ann/file'))
    const { store, recorder } = await room.open()
    assert.deepEqual(await heldOf(store, manifestOf('ann/file', BYTES)), ALL)
    assert.deepEqual(recorder.completed, ['ann/file (local)'])
    assert.equal((await stat(room.path('collection/ann/file'))).ino, ino)
    assert.deepEqual(await store.readChunk(ROOT, 5), BYTES.slice(5 * CHUNK))
  })

  it('copies what it shares itself', async (test) => {
    const room = await Room.make(test)
    const share = await room.write('in/mine', BYTES)
    const { store, recorder } = await room.open({ shares: [share] })
    await store.hashShares(CHUNK)
    assert.deepEqual(await heldOf(store, manifestOf('ann/file', BYTES)), ALL)
    assert.deepEqual(recorder.completed, ['ann/file (local)'])
    assert.deepEqual(await contentOf(room.path('collection/ann/file')), BYTES)
    assert.deepEqual(await readdir(room.path('collection/.potluck/parts')), [])
  })

  it('copies what lies under another name of the collection', async (test) => {
    const room = await Room.make(test)
    await room.write('collection/somewhere/else', BYTES)
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/file', BYTES)])
    assert.deepEqual(recorder.completed, ['ann/file (local)'])
    assert.deepEqual(await contentOf(room.path('collection/ann/file')), BYTES)
    assert.deepEqual(await contentOf(room.path('collection/somewhere/else')), BYTES)
  })

  it('reads many files of one length once, however many contents of that length are looked for', async (test) => {
    const room = await Room.make(test)
    const paths = await CollectionPaths.open(room.path('collection'))
    const cache = new DigestCache(paths.hashes)
    const localFiles = new LocalFiles({ paths, cache, signal: new AbortController().signal })
    const numbers = Array.from({ length: 1000 }, (_, number) => number)
    for (const number of numbers) {
      await room.write(`collection/ann/${number}`, bytesOf(100, number))
    }
    const hashing = test.mock.method(cache, 'hash')
    for (const number of numbers) {
      const wanted = manifestOf('ben/file', bytesOf(100, `not there ${number}`))
      assert.equal(await localFiles.anywhere(wanted), undefined)
    }
    assert.equal(hashing.mock.callCount(), numbers.length)
    for (const number of [0, 7, 999]) {
      const wanted = manifestOf('ben/file', bytesOf(100, number))
      assert.equal((await localFiles.anywhere(wanted))?.path, room.path(`collection/ann/${number}`))
    }
  })

  it('fetches what its own share had, when the share is not what it was', async (test) => {
    const room = await Room.make(test)
    const share = await room.write('in/mine', BYTES)
    const { store, recorder } = await room.open({ shares: [share] })
    await store.hashShares(CHUNK)
    await writeFile(share, OTHER)
    assert.deepEqual(await heldOf(store, manifestOf('ann/file', BYTES)), [])
    assert.deepEqual(recorder.completed, [])
    await receive(store, BYTES)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(await contentOf(room.path('collection/ann/file')), BYTES)
  })

  it('answers for its own shares, and leaves its own manifests alone', async (test) => {
    const room = await Room.make(test)
    const share = await room.write('in/mine', BYTES)
    const { store, recorder } = await room.open({ shares: [share] })
    await store.hashShares(CHUNK)
    assert.deepEqual(await heldOf(store, manifestOf('me/mine', BYTES)), ALL)
    assert.deepEqual(recorder.completed, [])
    assert.deepEqual(await readdir(room.path('collection')), ['.potluck'])
  })

  it('fault 49: notices a wrong MD5 of content that is here', async (test) => {
    const room = await Room.make(test)
    await room.write('collection/ann/file', BYTES)
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/file', BYTES, { md5: 'f'.repeat(32) })])
    failure('INTEGRITY', 'ann/file')(recorder.failed.get('ann/file'))
    assert.deepEqual(recorder.failures, [], 'the run goes on')
    assert.deepEqual(recorder.completed, [])
  })
})

describe('adopting', () => {
  it('fault 41: takes a content under as many names as a catalog may have', () => {
    const extent = { byteLength: 1, chunkByteLength: CHUNK }
    const components = {
      descriptors: new Descriptors(),
      chunkCache: new ChunkCache(),
      disk: { hasSpoilt: false },
      onDoubt: () => undefined
    }
    const content = new StoredContent('ab'.repeat(32), extent, components)
    const manifest = manifestOf('ann/file', BYTES)
    content.addEntries(Array.from({ length: MAX_MANIFESTS }, () => ({ manifest, state: 'missing' })))
    assert.equal(content.missing.length, MAX_MANIFESTS)
  })

  it('fault 49: fetches a content once for all its names, but for one with a false MD5', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const states = await store.adopt([
      manifestOf('ann/file', BYTES),
      manifestOf('ben/dir/copy', BYTES),
      manifestOf('ben/lie', BYTES, { md5: '0'.repeat(32) })
    ])
    assert.equal(states.length, 1)
    await receive(store, BYTES)
    await until(() => recorder.completed.length === 2, 'both are complete')
    assert.deepEqual(recorder.completed, ['ann/file', 'ben/dir/copy (local)'])
    assert.deepEqual(await contentOf(room.path('collection/ben/dir/copy')), BYTES)
    assert.deepEqual(recorder.failures, [], 'the run goes on')
    failure('INTEGRITY', 'ben/lie')(recorder.failed.get('ben/lie'))
    assert.deepEqual(await readdir(room.path('collection/ben')), ['dir'])
  })

  it('goes on with the other names of a content when the room for copies is there again', async (test) => {
    const room = await Room.make(test)
    let syncs = 0
    const { store, recorder } = await room.open({
      system: {
        syncData: async () => {
          syncs++
          // The first is of what was received.
          if (syncs === 2) {
            throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'fdatasync' })
          }
        }
      }
    })
    await store.adopt(['ann/file', 'ben/copy', 'cid/copy'].map((name) => manifestOf(name, BYTES)))
    await receive(store, BYTES)
    await until(() => syncs === 2, 'the first copy fails')
    await until(
      () => !readdirSync(room.path('collection/.potluck/parts')).includes(`${ROOT}.copy`),
      'it is gone'
    )
    assert.deepEqual(recorder.completed, ['ann/file'])
    await until(() => recorder.completed.length === 3, 'all are complete')
    assert.deepEqual(recorder.completed, ['ann/file', 'ben/copy (local)', 'cid/copy (local)'])
    assert.deepEqual(await contentOf(room.path('collection/cid/copy')), BYTES)
    assert.deepEqual(await readdir(room.path('collection/.potluck/parts')), [])
    assert.deepEqual(recorder.failures, [])
  })

  it('makes empty folders', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    assert.deepEqual(await store.adopt([folderManifest('ann/a/b'), folderManifest('ann/c')]), [])
    assert.deepEqual(await readdir(room.path('collection/ann/a/b')), [])
    assert.deepEqual(recorder.completed, ['ann/a/b (local)', 'ann/c (local)'])
  })

  it('may be done again: what is known is not done twice, what is new is', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const first = [
      manifestOf('ann/file', BYTES),
      folderManifest('ann/folder'),
      manifestOf('ann/empty', bytesOf(0))
    ]
    await store.adopt(first)
    await receive(store, BYTES, [2])
    const states = await store.adopt(first.map((manifest) => ({ ...manifest, originId: 'another id' })))
    assert.equal(states.length, 2)
    assert.deepEqual(await heldOf(store, manifestOf('ann/file', BYTES)), [2])
    await store.adopt([...first, manifestOf('ben/new', OTHER), manifestOf('ben/same', BYTES)])
    await receive(store, BYTES)
    await receive(store, OTHER)
    await until(() => recorder.completed.length === 5, 'all are complete')
    await store.adopt(first)
    assert.deepEqual([...recorder.completed].sort(), [
      'ann/empty (local)',
      'ann/file',
      'ann/folder (local)',
      'ben/new',
      'ben/same (local)'
    ])
  })

  it('copies to a name that comes when the content is complete already', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/file', BYTES)])
    await receive(store, BYTES)
    await until(() => recorder.completed.length === 1, 'the first is complete')
    await store.adopt([manifestOf('ben/late', BYTES)])
    assert.deepEqual(recorder.completed, ['ann/file', 'ben/late (local)'])
  })

  it('moves what has the name aside, when the new file takes it and no earlier', async (test) => {
    const room = await Room.make(test)
    await room.write('collection/ann/file', 'first')
    await room.write('collection/ann/file.old-1', 'zeroth')
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/file', BYTES), manifestOf('ann/file.old-2', OTHER)])
    await receive(store, BYTES, [0, 1, 2, 3, 4])
    assert.equal(await readFile(room.path('collection/ann/file'), 'utf8'), 'first')
    await receive(store, BYTES, [5])
    await until(() => recorder.completed.length === 1, 'it is complete')
    assert.deepEqual(await contentOf(room.path('collection/ann/file')), BYTES)
    assert.equal(await readFile(room.path('collection/ann/file.old-1'), 'utf8'), 'zeroth')
    assert.equal(await readFile(room.path('collection/ann/file.old-3'), 'utf8'), 'first')
    assert.deepEqual(recorder.movedAside, ['ann/file to ann/file.old-3'])
  })

  it('gives an entry its new content when its origin changed it, and keeps serving the old', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/file', OTHER)])
    await receive(store, OTHER)
    await until(() => recorder.completed.length === 1, 'the old one is complete')
    assert.deepEqual(await store.readChunk(hashNaively(OTHER).root, 0), OTHER.slice(0, CHUNK))
    await store.adopt([manifestOf('ann/file', BYTES)])
    await receive(store, BYTES)
    await until(() => recorder.completed.length === 2, 'the new one is complete')
    assert.deepEqual(await contentOf(room.path('collection/ann/file')), BYTES)
    assert.deepEqual(await contentOf(room.path('collection/ann/file.old-1')), OTHER)
    assert.deepEqual(await store.readChunk(hashNaively(OTHER).root, 1), OTHER.slice(CHUNK, 2 * CHUNK))
    assert.deepEqual(await store.readChunk(ROOT, 1), BYTES.slice(CHUNK, 2 * CHUNK))
  })

  it('moves folders and links aside as well', async (test) => {
    const room = await Room.make(test)
    await room.write('collection/ann/folder/inside', 'kept')
    const outside = await room.write('outside', 'untouched')
    await symlink(outside, room.path('collection/ann/link'))
    await room.write('collection/ann/hollow', 'kept too')
    const { store, recorder } = await room.open()
    await store.adopt([
      manifestOf('ann/folder', BYTES),
      manifestOf('ann/link', OTHER),
      folderManifest('ann/hollow')
    ])
    await receive(store, BYTES)
    await receive(store, OTHER)
    await until(() => recorder.completed.length === 3, 'all are complete')
    assert.equal(await readFile(room.path('collection/ann/folder.old-1/inside'), 'utf8'), 'kept')
    assert.equal((await lstat(room.path('collection/ann/link.old-1'))).isSymbolicLink(), true)
    assert.equal((await lstat(room.path('collection/ann/link'))).isFile(), true)
    assert.equal(await readFile(outside, 'utf8'), 'untouched')
    assert.equal(await readFile(room.path('collection/ann/hollow.old-1'), 'utf8'), 'kept too')
    assert.deepEqual(await readdir(room.path('collection/ann/hollow')), [])
  })

  it('fault 49: takes no second description of a content that contradicts the first', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/file', BYTES)])
    const lies: Partial<Manifest>[] = [{ byteLength: BYTES.byteLength + 1 }, { chunkByteLength: 2 * CHUNK }]
    for (const [index, lie] of lies.entries()) {
      await store.adopt([{ ...manifestOf(`ben/lie-${index}`, BYTES), ...lie }])
      failure('INTEGRITY', `ben/lie-${index}`, 'ann/file')(recorder.failed.get(`ben/lie-${index}`))
    }
    await store.adopt([manifestOf('ben/empty', bytesOf(0), { root: ROOT.replace(/./, 'a') })])
    failure('INTEGRITY', 'ben/empty')(recorder.failed.get('ben/empty'))
    await receive(store, BYTES)
    await until(() => recorder.completed.length === 1, 'the first one is complete')
    assert.equal(recorder.failed.size, 3)
  })

  it('takes a single chunk whatever the length of a chunk', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const bytes = bytesOf(100)
    await store.adopt([
      manifestOf('ann/a', bytes),
      manifestOf('ben/a', bytes, { chunkByteLength: 2 * CHUNK })
    ])
    await receive(store, bytes)
    await until(() => recorder.completed.length === 2, 'both are complete')
  })
})

describe('names in a collection', () => {
  it('fault 48: gives up the second of a file and a folder of one name, and takes the first', async (test) => {
    const room = await Room.make(test)
    const a = manifestOf('ann/a', BYTES)
    for (const [index, below] of [manifestOf('ann/a/b', OTHER), folderManifest('ann/a/b')].entries()) {
      for (const [one, other] of [
        [a, below],
        [below, a]
      ] as const) {
        const { store, recorder } = await room.open({
          collection: room.path(`collection-${index}-${one.path.length}`)
        })
        await store.adopt([one, other])
        failure('DISK', 'ann/a', 'ann/a/b', 'a file and a folder')(recorder.failed.get(manifestKey(other)))
        assert.equal(recorder.failed.size, 1)
        await receive(store, one === a ? BYTES : OTHER).catch(() => undefined)
        await until(() => recorder.completed.length === 1, 'the one taken is complete')
        await store.close()
      }
    }
    const { store, recorder } = await room.open()
    await store.adopt([a])
    await store.adopt([manifestOf('ann/a/b', OTHER)])
    failure('DISK')(recorder.failed.get('ann/a/b'))
    await receive(store, BYTES)
    await until(() => recorder.completed.length === 1, 'the one taken is complete')
  })

  it('fault 35: tells names apart exactly where the file system does', async (test) => {
    const room = await Room.make(test)
    const pairs: [string, string][] = [
      ['ann/README', 'ann/readme'],
      ['ann/caf\u00e9', 'ann/cafe\u0301'],
      ['ann/Dir/x', 'ann/dir/y'],
      ['Ann/x', 'ann/y']
    ]
    for (const [one, other] of pairs) {
      const manifests = [manifestOf(one, BYTES), manifestOf(other, OTHER)]
      const folding = await room.open({ collection: room.path('folding'), system: { fold: foldName } })
      await folding.store.adopt(manifests)
      failure('DISK', one, other, 'one name on this file system')(folding.recorder.failed.get(other))
      assert.deepEqual([...folding.recorder.failed.keys()], [other])
      await folding.store.close()
      const exact = await room.open({ collection: room.path('exact'), system: { fold: (name) => name } })
      assert.equal((await exact.store.adopt(manifests)).length, 2)
      await exact.store.close()
    }
  })

  it('fault 35: finds out by itself, and leaves no trace of that', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const shouted = await stat(room.path('collection/.POTLUCK')).catch(() => undefined)
    await store.adopt([manifestOf('ann/a', BYTES), manifestOf('ann/A', OTHER)])
    assert.deepEqual([...recorder.failed.keys()], shouted === undefined ? [] : ['ann/A'])
    assert.deepEqual((await readdir(room.path('collection/.potluck'))).sort(), ['hashes', 'lock', 'parts'])
  })

  it('fault 36: writes nothing through a link, wherever in the way it is', async (test) => {
    const room = await Room.make(test)
    await mkdir(room.path('outside'))
    await mkdir(room.path('collection/ann'), { recursive: true })
    await symlink(room.path('outside'), room.path('collection/ben'))
    await symlink(room.path('outside'), room.path('collection/ann/dir'))
    await symlink(room.path('nowhere'), room.path('collection/cid'))
    const { store, recorder } = await room.open()
    for (const name of ['ben/file', 'ann/dir/file', 'ann/dir/deep/file', 'cid/file']) {
      await store.adopt([manifestOf(name, BYTES), folderManifest(`${name}-folder`)])
      failure('DISK', 'a symbolic link')(recorder.failed.get(name))
      failure('DISK', 'a symbolic link')(recorder.failed.get(`${name}-folder`))
    }
    assert.deepEqual(await readdir(room.path('outside')), [])
  })

  it('fault 36: notices a link that comes between adoption and completion', async (test) => {
    const room = await Room.make(test)
    await mkdir(room.path('outside'))
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/dir/file', BYTES)])
    await mkdir(room.path('collection/ann'))
    await symlink(room.path('outside'), room.path('collection/ann/dir'))
    await receive(store, BYTES)
    await until(() => recorder.failed.size > 0, 'it is given up')
    failure('DISK', 'a symbolic link')(recorder.failed.get('ann/dir/file'))
    assert.deepEqual(recorder.failures, [])
    assert.deepEqual(await readdir(room.path('outside')), [])
  })

  it('fault 36: uses no link in the place of its own folders and files', async (test) => {
    const room = await Room.make(test)
    await mkdir(room.path('outside'))
    const victim = await room.write('outside/victim', 'untouched')
    for (const [index, name] of ['', 'parts', 'hashes', 'lock'].entries()) {
      const collection = room.path(`collection-${index}`)
      await mkdir(`${collection}/${name === '' ? '' : '.potluck'}`, { recursive: true })
      await symlink(
        name === 'lock' ? victim : room.path('outside'),
        `${collection}/.potluck/${name}`.replace(/\/$/, '')
      )
      await assert.rejects(room.open({ collection }), failure('DISK'))
    }
    const { store } = await room.open()
    await symlink(victim, room.path('collection/.potluck/parts', `${ROOT}.part`))
    await assert.rejects(
      store.adopt([manifestOf('ann/file', BYTES)]).then(() => receive(store, BYTES)),
      failure('DISK')
    )
    assert.equal(await readFile(victim, 'utf8'), 'untouched')
    assert.deepEqual(await readdir(room.path('outside')), ['victim'])
  })

  it('names a file that is where a folder has to be', async (test) => {
    const room = await Room.make(test)
    await room.write('collection/ann/a', 'a file')
    const first = await room.open()
    assert.deepEqual(await first.store.adopt([manifestOf('ann/a/b', BYTES)]), [], 'it is not to be fetched')
    const message = failure('DISK', room.path('collection/ann/a'), 'move it away')
    message(first.recorder.failed.get('ann/a/b'))
    await first.store.close()
    await rename(room.path('collection/ann/a'), room.path('collection/ann/moved'))
    const { store } = await room.open()
    assert.equal((await store.adopt([manifestOf('ann/a/b', BYTES)])).length, 1)
  })

  it('fault 34: refuses hostile names even when nobody checked them before', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open()
    for (const name of ['ann/../x', '../x', 'ann//x', './x', '.potluck/parts', 'ann/con', 'ann/a\\b']) {
      await assert.rejects(store.adopt([manifestOf(name, BYTES)]), failure('PROTOCOL', 'cannot be stored'))
    }
    assert.deepEqual(await readdir(room.folder), ['collection'])
  })
})

describe('free space', () => {
  const MARGIN = 16 * 1024 * 1024

  async function openWith(room: Room, free: number) {
    return await room.open({ system: { freeSpace: async () => free } })
  }

  it('fault 6: says before the first byte that the rest will not fit, and what is needed', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await openWith(room, MARGIN + BYTES.byteLength - 1)
    assert.deepEqual(await store.adopt([manifestOf('ann/file', BYTES)]), [], 'it is not to be fetched')
    const message = failure('DISK', '16.0 MiB', room.path('collection'), 'free 1 byte more')
    message(recorder.failed.get('ann/file'))
  })

  it('fault 48: gives up the largest of what does not fit, and takes all others', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await openWith(room, MARGIN + BYTES.byteLength + OTHER.byteLength)
    const large = bytesOf(40 * CHUNK)
    const names = ['ann/file', 'ann/other']
    const states = await store.adopt([
      manifestOf('ann/large', large),
      manifestOf('ann/file', BYTES),
      manifestOf('ann/other', OTHER)
    ])
    assert.equal(states.length, 2)
    assert.deepEqual([...recorder.failed.keys()], ['ann/large'])
    await receive(store, BYTES)
    await receive(store, OTHER)
    await until(() => recorder.completed.length === 2, 'the others are complete')
    assert.deepEqual(recorder.completed.toSorted(), names)
  })

  it('counts every name, and not what is held', async (test) => {
    const room = await Room.make(test)
    const manifests = [manifestOf('ann/file', BYTES), manifestOf('ben/copy', BYTES)]
    const exact = await openWith(room, MARGIN + 2 * BYTES.byteLength)
    await exact.store.adopt(manifests)
    await receive(exact.store, BYTES, [0, 5])
    await exact.store.close()
    const needed = MARGIN + 2 * BYTES.byteLength - CHUNK - 100
    const short = await openWith(room, needed - 1)
    await short.store.adopt(manifests)
    assert.deepEqual([...short.recorder.failed.keys()], ['ben/copy'])
    await short.store.close()
    const enough = await openWith(room, needed)
    await enough.store.adopt(manifests)
  })

  it('needs none for what is here', async (test) => {
    const room = await Room.make(test)
    await room.write('collection/ann/file', BYTES)
    const { store, recorder } = await openWith(room, 0)
    await store.adopt([manifestOf('ann/file', BYTES)])
    assert.deepEqual(recorder.completed, ['ann/file (local)'])
  })

  it('fault 6: that runs out midway is told as such, and goes on when there is some', {
    skip: !canLimit()
  }, async (test) => {
    const room = await Room.make(test)
    await mkdir(room.path('collection'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', room.path('collection')])
    const { store, recorder } = await openWith(room, Number.MAX_SAFE_INTEGER)
    try {
      const large = bytesOf(40 * CHUNK)
      await store.adopt([manifestOf('ann/large', large), manifestOf('ann/file', BYTES)])
      await room.write('collection/ballast', bytesOf(32 * CHUNK))
      await assert.rejects(receive(store, large), { name: 'DiskFullError', code: 'DISK' })
      assert.deepEqual(
        await store.readChunk(hashNaively(large).root, 0),
        large.slice(0, CHUNK),
        'serving goes on'
      )
      await writeFile(room.path('collection/ballast'), '')
      await receive(store, large)
      await until(() => recorder.completed.length > 0, 'it is complete')
    } finally {
      await store.close()
      execFileSync('umount', [room.path('collection')])
    }
  })
})

/** Whether this test may mount a small file system. */
function canLimit(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && mounts()
}

function mounts(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
