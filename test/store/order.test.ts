/** The order in which data reaches the disk, as the calls show it, and which data is trusted when a call fails. */
import assert from 'node:assert/strict'
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeSync
} from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { replacePrivateFile } from '#potluck/keys/private-file.js'
import { replaceFile } from '#potluck/store/durable.js'
import { WriteFailedError } from '#potluck/store/store.js'
import { interceptFileSystem } from '../../bench/torture/intercept.js'
import {
  bytesOf,
  CHUNK,
  failure,
  folderManifest,
  heldOf,
  manifestOf,
  Room,
  receive,
  until,
  writeChunk
} from './fixture.js'

const BYTES = bytesOf(6 * CHUNK)
const MANIFEST = manifestOf('ann/file', BYTES)

function ioError(syscall: string): Error {
  return Object.assign(new Error(`EIO: i/o error, ${syscall}`), { code: 'EIO', syscall })
}

describe('a file that is replaced', () => {
  for (const [what, replace] of [
    ['of the store', (path: string, text: string) => replaceFile(path, [Buffer.from(text)], true)],
    ['of a key or a swarm', replacePrivateFile]
  ] as const) {
    it(`fault 2: is another file with its name, so that there is never half of one (${what})`, async (test) => {
      const room = await Room.make(test)
      const path = await room.write('there/file', 'old')
      linkSync(path, room.path('old'))
      await replace(path, 'new')
      assert.equal(readFileSync(path, 'utf8'), 'new')
      assert.equal(readFileSync(room.path('old'), 'utf8'), 'old')
      assert.deepEqual(readdirSync(room.path('there')), ['file'])
    })

    it(`fault 2: stays as it was when that fails, and nothing is left over (${what})`, async (test) => {
      const room = await Room.make(test)
      await mkdir(room.path('there/file/inside'), { recursive: true })
      await assert.rejects(replace(room.path('there/file'), 'new'))
      assert.deepEqual(readdirSync(room.path('there'), { recursive: true }).sort(), ['file', 'file/inside'])
    })
  }
})

describe('a file of the store that is replaced', () => {
  it('fault 2: is there as it was until all of the new one is written', async (test) => {
    const room = await Room.make(test)
    const path = await room.write('there/file', 'old')
    test.after(
      interceptFileSystem((call) =>
        call.name === 'handle.writeFile' ? Promise.reject(ioError('write')) : call.perform()
      )
    )
    await assert.rejects(replaceFile(path, [Buffer.from('new')], true))
    assert.equal(readFileSync(path, 'utf8'), 'old')
    assert.deepEqual(readdirSync(room.path('there')), ['file'])
  })
})

describe('a link where a file of the store is written first', () => {
  it('fault 36: is taken away, and nothing is written through it', {
    skip: process.platform === 'win32'
  }, async (test) => {
    const room = await Room.make(test)
    const outside = await room.write('outside', 'theirs')
    await mkdir(room.path('there'))
    const path = room.path('there/file')
    symlinkSync(outside, `${path}.tmp`)
    await replaceFile(path, [Buffer.from('new')], true)
    assert.equal(readFileSync(outside, 'utf8'), 'theirs')
    assert.equal(readFileSync(path, 'utf8'), 'new')
  })
})

describe('what is read at a start', () => {
  for (const [hasState, lost] of [
    [false, [0, 1, 2]],
    [true, []]
  ] as const) {
    const what = hasState
      ? 'is on the disk where a state says so'
      : 'counts as synced by nobody’s word without a state'
    it(`fault 3, fault 5: ${what}`, async (test) => {
      const room = await Room.make(test)
      const first = await room.open()
      await first.store.adopt([MANIFEST])
      await receive(first.store, BYTES, [0, 1, 2])
      await first.store.close()
      if (!hasState) {
        await rm(room.path(`collection/.potluck/parts/${MANIFEST.root}.state`))
      }
      let failures = 1
      const { store, recorder } = await room.open({
        saveIntervalMs: 10,
        system: {
          syncData: async () => {
            failures--
            if (failures >= 0) {
              throw ioError('fdatasync')
            }
          }
        }
      })
      assert.deepEqual(await heldOf(store, MANIFEST), [0, 1, 2])
      await receive(store, BYTES, [4])
      await until(() => failures < 0, 'what came is synced again')
      assert.deepEqual(recorder.lost, [...lost, 4])
    })
  }
})

/** Syncs that fail and succeed as told; the last for ever. */
function syncs(...succeed: boolean[]): { syncData(): Promise<void>; made(): number } {
  let count = 0
  return {
    made: () => count,
    syncData: async () => {
      const succeeds = succeed[Math.min(count, succeed.length - 1)] === true
      count++
      if (!succeeds) {
        throw ioError('fdatasync')
      }
    }
  }
}

describe('errors of a disk', () => {
  it('fault 5: lose what came since the last sync, and nothing from before', async (test) => {
    const room = await Room.make(test)
    const { syncData, made } = syncs(true, false, true)
    const { store, recorder } = await room.open({ saveIntervalMs: 10, system: { syncData } })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0, 1])
    await until(() => made() === 1, 'it is synced')
    await receive(store, BYTES, [3])
    await until(() => made() > 1, 'the sync fails')
    await until(() => recorder.lost.length > 0, 'that is noticed')
    assert.deepEqual(recorder.lost, [3])
  })

  it('fault 5, fault 9: lose what was spoilt after a sync and has been written again since', async (test) => {
    const room = await Room.make(test)
    let fails = false
    let synced = 0
    const { store, recorder } = await room.open({
      saveIntervalMs: 10,
      chunkCacheByteLength: 0,
      system: {
        syncData: async () => {
          if (fails) {
            throw ioError('fdatasync')
          }
          synced++
        }
      }
    })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0, 1])
    const state = room.path(`collection/.potluck/parts/${MANIFEST.root}.state`)
    await until(() => synced > 0 && existsSync(state), 'it is saved')
    const part = openSync(room.path(`collection/.potluck/parts/${MANIFEST.root}.part`), 'r+')
    writeSync(part, 'rot')
    closeSync(part)
    fails = true
    await assert.rejects(store.readChunk(MANIFEST.root, 0))
    await receive(store, BYTES, [0])
    const timesLost = (): number => recorder.lost.filter((chunkIndex) => chunkIndex === 0).length
    await until(() => timesLost() === 2, 'it is lost again')
    fails = false
  })

  it('fault 5: at a sync now and then do not count together', async (test) => {
    const room = await Room.make(test)
    const { syncData, made } = syncs(false, true, false, true)
    const { store, recorder } = await room.open({ saveIntervalMs: 10, system: { syncData } })
    await store.adopt([MANIFEST])
    for (const chunkIndex of [0, 1, 2]) {
      const before = made()
      await receive(store, BYTES, [chunkIndex])
      await until(() => made() > before, 'it is synced')
    }
    await until(() => made() >= 4, 'a fourth time')
    assert.deepEqual(recorder.failures, [])
  })

  it('fault 5: at a sync twice in succession are told, also long before anything is complete', async (test) => {
    const room = await Room.make(test)
    const { syncData } = syncs(false)
    const { store, recorder } = await room.open({ saveIntervalMs: 10, system: { syncData } })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0])
    await until(() => recorder.failures.length > 0, 'it is told')
    failure('DISK', 'EIO', 'check the disk')(recorder.failures[0])
    await assert.rejects(store.close(), failure('DISK', 'EIO'))
  })

  it('fault 5: at writing the state has it written again, and loses nothing', async (test) => {
    const room = await Room.make(test)
    let failures = 1
    const state = room.path(`collection/.potluck/parts/${MANIFEST.root}.state`)
    const { store, recorder } = await room.open({ saveIntervalMs: 10 })
    test.after(
      interceptFileSystem((call) => {
        if (call.name === 'rename' && call.args[1] === state) {
          failures--
          if (failures >= 0) {
            return Promise.reject(ioError('rename'))
          }
        }
        return call.perform()
      })
    )
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0])
    await until(() => existsSync(state), 'the state is written')
    assert.ok(failures < 0)
    assert.deepEqual([recorder.lost, recorder.failures], [[], []])
  })

  it('fault 5: at a write now and then do not count together', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open()
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [])
    let fails = true
    test.after(
      interceptFileSystem((call) => {
        if (call.name === 'writeSync' && fails) {
          throw ioError('write')
        }
        return call.perform()
      })
    )
    for (const chunkIndex of [0, 1, 2]) {
      fails = true
      await assert.rejects(writeChunk(store, BYTES, chunkIndex), WriteFailedError)
      fails = false
      assert.equal(await writeChunk(store, BYTES, chunkIndex), true)
    }
  })
})

describe('an empty folder', () => {
  it('fault 3: has its name and those of the folders around it synced before it is told complete', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const folders = new Map<object, string>()
    const synced: string[] = []
    const completedBefore: number[] = []
    test.after(
      interceptFileSystem((call) => {
        if (call.name !== 'open' && call.name !== 'handle.sync') {
          return call.perform()
        }
        if (call.name === 'open') {
          return Promise.resolve(call.perform()).then((handle) => {
            folders.set(Object(handle), String(call.args[0]))
            return handle
          })
        }
        completedBefore.push(recorder.completed.length)
        synced.push(folders.get(call.handle ?? {}) ?? '?')
        return call.perform()
      })
    )
    await store.adopt([folderManifest('ann/a/b')])
    const collection = room.path('collection')
    assert.deepEqual(synced.sort(), [collection, `${collection}/ann`, `${collection}/ann/a`])
    assert.deepEqual(completedBefore, [0, 0, 0])
    assert.deepEqual(recorder.completed, ['ann/a/b (local)'])
  })
})
