/** Errors that say that this process or machine lacks something at the moment: they say nothing about the file. */
import assert from 'node:assert/strict'
import fs, { utimesSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { describe, it, type TestContext } from 'node:test'
import { unreadable } from '#potluck/store/shares.js'
import { interceptFileSystem } from '../../bench/torture/intercept.js'
import { bytesOf, CHUNK, heldOf, manifestOf, Room, receive, until } from './fixture.js'

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
        throw Object.assign(new Error(`${code}: it does not work, ${call.name}`), {
          code,
          syscall: call.name
        })
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
    assert.deepEqual(
      shared.map(({ path }) => path),
      ['in/file']
    )
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
})
