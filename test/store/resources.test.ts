/** Errors that say that this process or machine lacks something at the moment: they say nothing about the file. */
import assert from 'node:assert/strict'
import fs, { utimesSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { DigestCache } from '#potluck/store/digest-cache.js'
import { CollectionPaths } from '#potluck/store/paths.js'
import { unreadable } from '#potluck/store/share-errors.js'
import { interceptFileSystem } from '../../bench/torture/intercept.js'
import { bytesOf, CHUNK, filesOf, heldOf, manifestOf, Room, receive, until } from './fixture.js'

/** How a file of the length is read: by direct calls, or on Node's threads when it is longer than 64 KiB. */
interface Way {
  size: string
  bytes: Uint8Array<ArrayBuffer>
  opens: string
  reads: string
}

const SMALL: Way = { size: 'small', bytes: bytesOf(6 * CHUNK), opens: 'openSync', reads: 'readSync' }
const LARGER: Way = { size: 'larger', bytes: bytesOf(65 * CHUNK), opens: 'open', reads: 'handle.read' }
const WAYS = [SMALL, LARGER]

/** What is put off until the next save would come too late for a test. */
const LATE = { saveIntervalMs: 3_600_000 }

const NEVER = new AbortController().signal

/** Of an open file, whose path they do not name. */
const READS = [SMALL.reads, LARGER.reads]

/** Has calls on the path fail with a code, also those on the open file, after some that work. @returns how many are left to fail */
function failing(
  test: TestContext,
  names: string[],
  path: string,
  code: string,
  times: number,
  working = 0
): () => number {
  let left = times
  let toWork = working
  test.after(
    interceptFileSystem((call) => {
      const isMeant =
        names.includes(call.name) && (READS.includes(call.name) || call.args[0] === path) && left > 0
      if (isMeant && toWork > 0) {
        toWork--
      } else if (isMeant) {
        left--
        const error = Object.assign(new Error(`${code}: it does not work, ${call.name}`), {
          code,
          syscall: call.name
        })
        if (!call.name.endsWith('Sync')) {
          return Promise.reject(error)
        }
        throw error
      }
      return call.perform()
    })
  )
  return () => left
}

async function completed(test: TestContext, { bytes }: Way) {
  const manifest = manifestOf('ann/file', bytes)
  const room = await Room.make(test)
  const { store, recorder } = await room.open()
  await store.adopt([manifest])
  await receive(store, bytes)
  await until(() => recorder.completed.length > 0, 'it is complete')
  return { room, store, recorder, manifest, file: room.path('collection/ann/file') }
}

describe('a process that lacks a resource', () => {
  it('fault 7: gives a file its name once when the folder cannot be synced for EMFILE', async (test) => {
    const { bytes } = SMALL
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([manifestOf('ann/file', bytes)])
    const folder = room.path('collection/ann')
    const left = failing(test, ['open'], folder, 'EMFILE', 2)
    await receive(store, bytes)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.equal(left(), 0)
    assert.deepEqual(await promises.readdir(folder), ['file'])
    assert.deepEqual(recorder.warnings, [])
  })

  for (const way of WAYS) {
    for (const [code, call] of [
      ['EMFILE', way.opens],
      ['ENFILE', way.opens],
      ['ENOMEM', way.reads],
      ['EAGAIN', way.reads]
    ] as const) {
      it(`fault 7: keeps a complete ${way.size} file that it cannot read for ${code}`, async (test) => {
        const { store, recorder, file } = await completed(test, way)
        utimesSync(file, 1, 1)
        const left = failing(test, [call], file, code, 2)
        assert.deepEqual(await store.confirm(), [])
        assert.equal(left(), 0)
        assert.deepEqual(recorder.lostFiles, [])
      })
    }

    for (const call of [way.opens, way.reads]) {
      it(`fault 8: takes a complete ${way.size} file for lost for EIO of ${call}`, async (test) => {
        const { store, recorder, file, manifest } = await completed(test, way)
        utimesSync(file, 1, 1)
        failing(test, [call], file, 'EIO', 1)
        assert.deepEqual(await store.confirm(), [manifest])
        assert.deepEqual(recorder.lostFiles, ['ann/file'])
      })
    }

    it(`fault 7: finds what an earlier run received as a ${way.size} file`, async (test) => {
      const { room, store, file, manifest } = await completed(test, way)
      await store.close()
      const left = failing(test, [way.opens], file, 'EMFILE', 2)
      const { store: again, recorder } = await room.open({ verify: true })
      assert.equal((await heldOf(again, manifest)).length, way.bytes.byteLength / CHUNK)
      assert.equal(left(), 0)
      assert.deepEqual(recorder.completed, ['ann/file (local)'])
    })

    it(`fault 7: shares a ${way.size} file once it can read it`, async (test) => {
      const room = await Room.make(test)
      const file = await room.write('in/file', way.bytes)
      const { store } = await room.open({ shares: [file] })
      // Direct calls look at each file before it is hashed: one reads this one whole, and one finds its end.
      const left = failing(test, [way.reads], file, 'ENOMEM', 2, way === SMALL ? 2 : 0)
      const [shared] = await store.hashShares(CHUNK)
      assert.equal(shared?.root, manifestOf('ann/file', way.bytes).root)
      assert.equal(left(), 0)
    })
  }

  it('fault 7: looks at a shared file once it can', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in/file', SMALL.bytes)
    const { store } = await room.open({ shares: [file] })
    const left = failing(test, [SMALL.opens], file, 'EMFILE', 2)
    assert.equal((await store.hashShares(CHUNK)).length, 1)
    assert.equal(left(), 0)
  })

  it('fault 7: counts the bytes of a shared file once when the second read lacks memory', async (test) => {
    const room = await Room.make(test)
    const bytes = bytesOf(1025 * CHUNK)
    const file = await room.write('in/file', bytes)
    const { store, recorder } = await room.open({ shares: [file] })
    const left = failing(test, [LARGER.reads], file, 'ENOMEM', 1, 1)
    await store.hashShares(CHUNK)
    assert.equal(left(), 0)
    assert.deepEqual(recorder.hashing.at(-1), [bytes.byteLength, bytes.byteLength])
  })

  it('fault 7: lists a shared folder once it can', async (test) => {
    const room = await Room.make(test)
    await room.write('in/file', SMALL.bytes)
    const { store } = await room.open({ shares: [room.path('in')] })
    const { readdir } = promises
    let lists = 0
    const list = test.mock.method(promises, 'readdir', (...args: Parameters<typeof readdir>) => {
      lists++
      if (lists <= 2) {
        throw Object.assign(new Error('EMFILE: no more'), { code: 'EMFILE', syscall: 'scandir' })
      }
      return readdir(...args)
    })
    syncBuiltinESMExports()
    const shared = await store.hashShares(CHUNK)
    list.mock.restore()
    syncBuiltinESMExports()
    assert.deepEqual(filesOf(shared), ['in/file'])
    assert.ok(lists > 2)
  })

  it('fault 7: blames no shared file for what the process lacks', () => {
    const failed = (code: string) => Object.assign(new Error(`${code}: no`), { code, syscall: 'open' })
    assert.equal(unreadable('/in/file', failed('EMFILE')).code, 'DISK')
    assert.equal(unreadable('/in/file', failed('EACCES')).code, 'SHARE_UNUSABLE')
  })

  it('fault 7: neither loses a complete file that it cannot look at, nor waits when it is closed', async (test) => {
    const { store, recorder } = await completed(test, SMALL)
    let looks = 0
    const look = test.mock.method(fs, 'lstatSync', () => {
      looks++
      throw Object.assign(new Error('ENOMEM: no more'), { code: 'ENOMEM', syscall: 'lstat' })
    })
    syncBuiltinESMExports()
    const confirmed = store.confirm()
    await until(() => looks > 0, 'it is looked at')
    look.mock.restore()
    syncBuiltinESMExports()
    await Promise.all([assert.rejects(confirmed, { code: 'INTERRUPTED' }), store.close()])
    assert.deepEqual(recorder.lostFiles, [])
  })

  it('fault 7: gives a chunk once it can, and does not call the file changed', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in/file', SMALL.bytes)
    const { store, recorder } = await room.open({ shares: [file] })
    await store.hashShares(CHUNK)
    const left = failing(test, ['readSync'], file, 'ENOMEM', 2)
    assert.deepEqual(
      await store.readChunk(manifestOf('ann/file', SMALL.bytes).root, 3),
      SMALL.bytes.slice(3 * CHUNK, 4 * CHUNK)
    )
    assert.equal(left(), 0)
    assert.deepEqual(recorder.warnings, [])
  })

  for (const way of WAYS) {
    it(`fault 7: gives a ${way.size} file its second name with one copy, once it can read that`, async (test) => {
      const { bytes } = way
      const room = await Room.make(test)
      const manifest = manifestOf('ann/file', bytes)
      const { store, recorder } = await room.open(LATE)
      await store.adopt([manifest, manifestOf('ben/copy', bytes)])
      const copy = (await CollectionPaths.open(room.path('collection'))).copy(manifest.root)
      const copies = test.mock.method(promises, 'copyFile')
      const left = failing(test, [way.opens], copy, 'ENOMEM', 2)
      await receive(store, bytes)
      await until(() => recorder.completed.length === 2, 'both names are there')
      assert.equal(left(), 0)
      assert.equal(copies.mock.callCount(), 1)
      assert.deepEqual(recorder.failures, [])
    })
  }

  it('fault 7: copies a file once it can', async (test) => {
    const { bytes } = SMALL
    const room = await Room.make(test)
    const { store, recorder } = await room.open(LATE)
    const source = room.path('collection/ann/file')
    const manifest = manifestOf('ann/file', bytes)
    await store.adopt([manifest, manifestOf('ben/copy', bytes)])
    const left = failing(test, ['copyFile'], source, 'ENOMEM', 2)
    await receive(store, bytes)
    await until(() => recorder.completed.length === 2, 'both names are there')
    assert.equal(left(), 0)
    assert.deepEqual(recorder.failures, [])
  })
})

describe('the cache of digests, in a process that lacks a resource', () => {
  /** A file that is noted, and the only entry for it. */
  async function noted(test: TestContext, onWarning?: (message: string) => void) {
    const room = await Room.make(test)
    const file = await room.write('file', bytesOf(1025 * CHUNK))
    const folder = room.path('hashes')
    await promises.mkdir(folder)
    const cache = new DigestCache(folder, onWarning === undefined ? {} : { onWarning })
    const hash = () => cache.hash(file, CHUNK, { signal: NEVER })
    await hash()
    const [entry = ''] = await promises.readdir(folder)
    assert.notEqual(entry, '')
    return { file, folder, cache, hash, entry: join(folder, entry) }
  }

  it('fault 7: forgets what is wrong once it can', async (test) => {
    const { file, folder, cache, entry } = await noted(test, (message) => assert.fail(message))
    const left = failing(test, ['rm'], entry, 'ENOMEM', 2)
    await cache.drop(file, CHUNK, NEVER)
    assert.equal(left(), 0)
    assert.deepEqual(await promises.readdir(folder), [])
  })

  it('fault 2: believes nothing that is wrong and cannot be removed, and says so', async (test) => {
    const warnings: string[] = []
    const { file, cache, hash, entry } = await noted(test, (message) => warnings.push(message))
    failing(test, ['rm'], entry, 'EACCES', 1)
    await cache.drop(file, CHUNK, NEVER)
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /\/file is wrong, and could not be removed \(EACCES.*--verify/)
    const opened = failing(test, ['open'], file, 'EIO', 1)
    await assert.rejects(hash(), { code: 'EIO' })
    assert.equal(opened(), 0, 'the file itself is read')
    await hash()
  })

  it('fault 7: does not read a noted file again when it cannot read the note', async (test) => {
    const { file, hash, entry } = await noted(test)
    const notes = failing(test, ['readFile'], entry, 'EMFILE', 2)
    const reads = failing(test, ['open'], file, 'EIO', 1)
    await hash()
    assert.equal(notes(), 0)
    assert.equal(reads(), 1)
  })
})
