/** Errors that say that this process or machine lacks something at the moment: they say nothing about the file. */
import assert from 'node:assert/strict'
import fs, { utimesSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { describe, it, type TestContext } from 'node:test'
import { interceptFileSystem } from '../../bench/torture/intercept.js'
import { bytesOf, CHUNK, heldOf, manifestOf, Room, receive, until } from './store-fixture.js'

const BYTES = bytesOf(6 * CHUNK)
const MANIFEST = manifestOf('ann/file', BYTES)
const ALL = [0, 1, 2, 3, 4, 5]

/** Has the first calls on the path fail with a code, also those on the open file. @returns how many are left to fail */
function failing(
  test: TestContext,
  names: string[],
  path: string,
  code: string,
  times: number
): () => number {
  let left = times
  test.after(
    interceptFileSystem((call) => {
      if (names.includes(call.name) && (call.name === 'readSync' || call.args[0] === path) && left > 0) {
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

async function completed(test: TestContext) {
  const room = await Room.make(test)
  const { store, recorder } = await room.open()
  await store.adopt([MANIFEST])
  await receive(store, BYTES)
  await until(() => recorder.completed.length > 0, 'it is complete')
  return { room, store, recorder, file: room.path('collection/ann/file') }
}

describe('a process that lacks a resource', () => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']) {
    it(`fault 7: keeps a complete file that it cannot read for ${code}`, async (test) => {
      const { store, recorder, file } = await completed(test)
      utimesSync(file, 1, 1)
      const left = failing(test, ['open'], file, code, 2)
      assert.deepEqual(await store.confirm(), [])
      assert.equal(left(), 0)
      assert.deepEqual(recorder.lostFiles, [])
    })
  }

  it('fault 8: takes a complete file for lost that the disk cannot read', async (test) => {
    const { store, recorder, file } = await completed(test)
    utimesSync(file, 1, 1)
    failing(test, ['open'], file, 'EIO', 1)
    assert.deepEqual(await store.confirm(), [MANIFEST])
    assert.deepEqual(recorder.lostFiles, ['ann/file'])
  })

  it('fault 7: neither loses a complete file that it cannot look at, nor waits when it is closed', async (test) => {
    const { store, recorder } = await completed(test)
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
    const file = await room.write('in/file', BYTES)
    const { store, recorder } = await room.open({ shares: [file] })
    await store.hashShares(CHUNK)
    const left = failing(test, ['readSync'], file, 'ENOMEM', 2)
    assert.deepEqual(await store.readChunk(MANIFEST.root, 3), BYTES.slice(3 * CHUNK, 4 * CHUNK))
    assert.equal(left(), 0)
    assert.deepEqual(recorder.warnings, [])
  })

  it('fault 7: finds what an earlier run received', async (test) => {
    const { room, store, file } = await completed(test)
    await store.close()
    const left = failing(test, ['open'], file, 'EMFILE', 2)
    const { store: again, recorder } = await room.open({ verify: true })
    assert.deepEqual(await heldOf(again, MANIFEST), ALL)
    assert.equal(left(), 0)
    assert.deepEqual(recorder.completed, ['ann/file (local)'])
  })
})
