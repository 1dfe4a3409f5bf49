/** A store whose files another program or a file server keeps busy. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { BusyFiles } from '#potluck/store/busy-files.js'
import { WriteFailedError } from '#potluck/store/store.js'
import { interceptFileSystem } from '../../bench/torture/intercept.js'
import { systemError } from '../fixtures/poor-file-system.js'
import { bytesOf, CHUNK, failure, heldOf, manifestOf, Room, receive, until, writeChunk } from './fixture.js'

const BYTES = bytesOf(6 * CHUNK)
const MANIFEST = manifestOf('ann/file', BYTES)
const COPY = manifestOf('ben/copy', BYTES)

const NEVER = new AbortController().signal

/** Longer than a test goes on. */
const FOR_EVER = { limitMs: 3_600_000, pauseMs: 1 }

/** Has calls of a name fail where their first argument ends so. @returns how many are left to fail */
function failing(test: TestContext, name: string, ending: string, code: string, times: number): () => number {
  let left = times
  test.after(
    interceptFileSystem((call) => {
      if (call.name === name && String(call.args[0]).endsWith(ending) && left > 0) {
        left--
        if (name.endsWith('Sync')) {
          throw systemError(code, name)
        }
        return Promise.reject(systemError(code, name))
      }
      return call.perform()
    })
  )
  return () => left
}

/** What the store does, by the call that is refused: the part file, its digests, its state, the two final names. */
const REFUSALS = [
  ['making the part file', 'openSync', '.part'],
  ['writing the digests', 'rename', '.digests.tmp'],
  ['writing the state', 'rename', '.state.tmp'],
  ['giving a name', 'renameSync', '.part'],
  ['copying', 'copyFile', 'ann/file'],
  ['giving the second name', 'renameSync', '.copy']
] as const

describe('a file that is busy for a moment', () => {
  for (const [what, name, ending] of REFUSALS) {
    it(`fault 58: costs nothing but time at ${what}, and one warning`, async (test) => {
      const room = await Room.make(test)
      const { store, recorder } = await room.open({ busy: FOR_EVER, saveIntervalMs: 50 })
      const left = failing(test, name, ending, 'EBUSY', 5)
      await store.adopt([MANIFEST, COPY])
      await receive(store, BYTES)
      await until(() => recorder.completed.length === 2, 'both names are there')
      assert.equal(left(), 0)
      for (const path of ['ann/file', 'ben/copy']) {
        assert.deepEqual(Uint8Array.from(await readFile(room.path(`collection/${path}`))), BYTES)
      }
      assert.deepEqual([recorder.failures, recorder.failed.size], [[], 0])
      assert.equal(recorder.warnings.length, 1)
      assert.match(recorder.warnings[0] ?? '', /keeps files of the collection busy \(.*EBUSY/)
    })
  }

  it('fault 58: is written to without its chunk being fetched again', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open({ busy: FOR_EVER })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0])
    const left = failing(test, 'writeSync', '', 'ETIMEDOUT', 5)
    assert.equal(await writeChunk(store, BYTES, 1), true)
    assert.equal(left(), 0)
  })
})

describe('a file server that was away', () => {
  for (const code of ['ETIMEDOUT', 'EIO']) {
    it(`fault 58: is asked with the file opened anew after ${code}`, async (test) => {
      const room = await Room.make(test)
      const { store, recorder } = await room.open({ busy: { limitMs: 2000, pauseMs: 1 } })
      await store.adopt([MANIFEST])
      await receive(store, BYTES, [0])
      let isStale = true
      test.after(
        interceptFileSystem((call) => {
          if (call.name === 'writeSync' && isStale) {
            throw systemError(code, 'write')
          }
          isStale &&= !(call.name === 'openSync' && String(call.args[0]).endsWith('.part'))
          return call.perform()
        })
      )
      const writing = writeChunk(store, BYTES, 1)
      await (code === 'EIO' ? assert.rejects(writing, WriteFailedError) : writing)
      await receive(store, BYTES)
      await until(() => recorder.completed.length > 0, 'it is complete')
      assert.deepEqual(Uint8Array.from(await readFile(room.path('collection/ann/file'))), BYTES)
    })
  }
})

describe('a file server that lost what was written', () => {
  it('fault 58: and says so when the file is closed has it fetched again', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({ busy: FOR_EVER })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0, 1])
    const writes = failing(test, 'writeSync', '', 'ETIMEDOUT', 1)
    const closes = failing(test, 'closeSync', '', 'EIO', 1)
    assert.equal(await writeChunk(store, BYTES, 2), true)
    assert.deepEqual([writes(), closes()], [0, 0])
    assert.deepEqual(recorder.lost.toSorted(), [0, 1])
    assert.deepEqual(await heldOf(store, MANIFEST), [2])
  })
})

describe('a file that stays busy', () => {
  it('fault 58: fails a chunk when the time is over', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open({ busy: { limitMs: 20, pauseMs: 1 } })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0])
    failing(test, 'writeSync', '', 'EBUSY', Number.POSITIVE_INFINITY)
    await assert.rejects(writeChunk(store, BYTES, 1), failure('DISK', 'EBUSY', 'another program', '.part'))
  })

  it('fault 58: is given up when the time is over, and no other file with it', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({ busy: { limitMs: 20, pauseMs: 1 } })
    const other = bytesOf(3 * CHUNK, 'other')
    await store.adopt([MANIFEST, manifestOf('ann/other', other)])
    failing(test, 'renameSync', `${MANIFEST.root}.part`, 'EBUSY', Number.POSITIVE_INFINITY)
    await receive(store, BYTES)
    await receive(store, other)
    await until(() => recorder.failed.size > 0 && recorder.completed.length > 0, 'both are done')
    assert.deepEqual([[...recorder.failed.keys()], recorder.completed], [['ann/file'], ['ann/other']])
  })

  it('fault 58: does not keep a store from being closed', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({ busy: { limitMs: 3_600_000, pauseMs: 3_600_000 } })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0])
    failing(test, 'writeSync', '', 'EBUSY', Number.POSITIVE_INFINITY)
    const writing = assert.rejects(writeChunk(store, BYTES, 1), { code: 'INTERRUPTED' })
    await until(() => recorder.warnings.length > 0, 'it waits')
    await Promise.all([writing, store.close()])
  })
})

describe('the patience for busy files', () => {
  const tries = async (code: string, platform: NodeJS.Platform): Promise<number> => {
    let nowMs = 0
    let count = 0
    const busy = new BusyFiles({
      signal: NEVER,
      onWaiting: () => undefined,
      limitMs: 100,
      pauseMs: 1,
      platform,
      now: () => nowMs
    })
    const work = (): never => {
      count++
      nowMs += 10
      throw systemError(code, 'write')
    }
    await assert.rejects(busy.outlast(work), { code })
    return count
  }

  it('fault 58: ends with its time', async () => {
    assert.equal(await tries('EBUSY', 'linux'), 10)
  })

  it('fault 58: is for refusals that pass: of rights on Windows only', async () => {
    for (const code of ['EPERM', 'EACCES']) {
      assert.equal(await tries(code, 'linux'), 1)
      assert.equal(await tries(code, 'darwin'), 1)
      assert.equal(await tries(code, 'win32'), 10)
    }
    for (const code of ['EIO', 'ENOSPC', 'EROFS', 'ENOENT']) {
      assert.equal(await tries(code, 'win32'), 1)
    }
  })
})
