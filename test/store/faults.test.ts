/** A store on a file system that fails: errors of the disk at a write, too many open files. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { DiskFullError, WriteFailedError } from '#potluck/store/store.js'
import { interceptFileSystem } from '../../bench/torture/intercept.js'
import { bytesOf, CHUNK, failure, heldOf, manifestOf, Room, receive, until, writeChunk } from './fixture.js'

const BYTES = bytesOf(6 * CHUNK)
const MANIFEST = manifestOf('ann/file', BYTES)

/** Has calls of one name fail with a code, so many times. */
function failing(test: TestContext, name: string, code: string, times: number): void {
  let left = times
  test.after(
    interceptFileSystem((call) => {
      if (call.name === name && left > 0) {
        left--
        throw Object.assign(new Error(`${code}: it does not work, ${name}`), { code, syscall: name })
      }
      return call.perform()
    })
  )
}

describe('a disk that fails to write', () => {
  it('fault 5: once, makes for a chunk that is fetched again', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0])
    failing(test, 'writeSync', 'EIO', 1)
    await assert.rejects(writeChunk(store, BYTES, 1), WriteFailedError)
    assert.deepEqual(await heldOf(store, MANIFEST), [0])
    await receive(store, BYTES)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(Uint8Array.from(await readFile(room.path('collection/ann/file'))), BYTES)
    assert.deepEqual(recorder.failures, [])
  })

  it('fault 5: again, ends with an error that says what to do', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open()
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0])
    failing(test, 'writeSync', 'EIO', 2)
    await assert.rejects(writeChunk(store, BYTES, 1), WriteFailedError)
    await assert.rejects(writeChunk(store, BYTES, 2), failure('DISK', 'EIO', 'check the disk', '.part'))
  })

  it('fault 7: for want of descriptors, takes chunks again when there are some', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([MANIFEST])
    failing(test, 'openSync', 'EMFILE', 2)
    await receive(store, BYTES, [])
    await assert.rejects(writeChunk(store, BYTES, 0), DiskFullError)
    await assert.rejects(writeChunk(store, BYTES, 0), failure('DISK', 'EMFILE', 'ulimit -n'))
    await receive(store, BYTES)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(recorder.failures, [])
  })
})
