import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import {
  bytesOf,
  CHUNK,
  failure,
  hashNaively,
  heldOf,
  manifestOf,
  Room,
  receive,
  until,
  writeChunk
} from './fixture.js'

const MAX_SAVES = 128
const MAX_OPEN_FILES = 256
const MAX_WAITING = 256

/** A slow sync, which records how much happened meanwhile. */
class SlowDisk {
  maxSyncs = 0
  maxOpenFiles = 0
  #syncs = 0
  readonly #openBefore = openFiles()

  /** Each file is synced alone. */
  readonly syncAll = undefined

  readonly syncData = async (): Promise<void> => {
    this.#syncs++
    this.maxSyncs = Math.max(this.maxSyncs, this.#syncs)
    this.maxOpenFiles = Math.max(this.maxOpenFiles, openFiles() - this.#openBefore)
    await delay(10)
    this.#syncs--
  }
}

function openFiles(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
}

function contents(count: number, byteLength: number): Uint8Array[] {
  return Array.from({ length: count }, (_, number) => bytesOf(byteLength, number))
}

describe('a slow disk', () => {
  it('fault 7: makes new chunks wait, and no more than a bounded number of files open', async (test) => {
    const room = await Room.make(test)
    const disk = new SlowDisk()
    const { store, recorder } = await room.open({ system: disk })
    const all = contents(600, 100)
    await store.adopt(all.map((bytes, number) => manifestOf(`ann/${number}`, bytes)))
    let stored = 0
    let maxUnfinished = 0
    await Promise.all(
      all.map(async (bytes) => {
        await receive(store, bytes)
        stored++
        maxUnfinished = Math.max(maxUnfinished, stored - recorder.completed.length)
      })
    )
    await until(() => recorder.completed.length === all.length, 'all are complete')
    assert.equal(disk.maxSyncs, MAX_SAVES)
    assert.ok(maxUnfinished <= MAX_WAITING + MAX_SAVES, String(maxUnfinished))
    assert.ok(disk.maxOpenFiles <= MAX_OPEN_FILES + MAX_SAVES, String(disk.maxOpenFiles))
    assert.deepEqual(recorder.failures, [])
  })

  it('is not overrun by a close', async (test) => {
    const room = await Room.make(test)
    const disk = new SlowDisk()
    const { store } = await room.open({ system: disk })
    const all = contents(200, 2 * CHUNK)
    await store.adopt(all.map((bytes, number) => manifestOf(`ann/${number}`, bytes)))
    for (const bytes of all) {
      await receive(store, bytes, [0])
    }
    await store.close()
    assert.equal(disk.maxSyncs, MAX_SAVES)
  })

  it('ends with the close: what waits is not stored, and nothing goes on after it', async (test) => {
    const room = await Room.make(test)
    let closed = false
    let syncsAfterClose = 0
    const syncData = async () => {
      await delay(10)
      syncsAfterClose += Number(closed)
    }
    const { store, recorder } = await room.open({ system: { syncData, syncAll: undefined } })
    const all = contents(400, 100)
    await store.adopt(all.map((bytes, number) => manifestOf(`ann/${number}`, bytes)))
    for (const bytes of all) {
      await receive(store, bytes, [])
    }
    const writing = await Promise.all([
      Promise.allSettled(all.map((bytes) => writeChunk(store, bytes, 0))),
      delay(1).then(() => store.close())
    ])
    closed = true
    const refused = writing[0].filter((result) => result.status === 'rejected')
    assert.ok(refused.length > 0 && refused.length < all.length)
    for (const { reason } of refused) {
      failure('INTERRUPTED')(reason)
    }
    const completed = recorder.completed.length
    await delay(50)
    assert.equal(recorder.completed.length, completed)
    assert.equal(syncsAfterClose, 0)
    assert.deepEqual(recorder.failures, [])
  })
})

describe('a store that is closed', () => {
  it('blames nobody for what it does not take any more', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open()
    const bytes = bytesOf(2 * CHUNK)
    const { root, digests } = hashNaively(bytes)
    await store.adopt([manifestOf('ann/file', bytes)])
    await receive(store, bytes, [0])
    const closing = store.close()
    await assert.rejects(writeChunk(store, bytes, 1), failure('INTERRUPTED'))
    await assert.rejects(store.setDigests(root, digests), failure('INTERRUPTED'))
    await closing
    await assert.rejects(writeChunk(store, bytes, 1), failure('INTERRUPTED'))
  })
})

describe('adopting while digests come', () => {
  it('keeps one part file, so that no chunk is forgotten', async (test) => {
    const room = await Room.make(test)
    const bytes = bytesOf(8 * 1024 * CHUNK)
    const { root, digests } = hashNaively(bytes)
    const manifest = manifestOf('ann/file', bytes)
    const first = await room.open()
    await first.store.adopt([manifest])
    await receive(first.store, bytes, [8000])
    await first.store.close()
    const file = (extension: string) => room.path('collection/.potluck/parts', `${root}.${extension}`)
    await rm(file('state'))
    await rm(file('digests'))
    const { store } = await room.open()
    await store.adopt([manifest])
    const taking = store.setDigests(root, digests)
    while (!existsSync(file('digests'))) {
      await new Promise(setImmediate)
    }
    const adopting = store.adopt([manifest, manifestOf('ben/copy', bytes)])
    await Promise.race([taking, adopting])
    await writeChunk(store, bytes, 0)
    await Promise.all([taking, adopting])
    assert.deepEqual(await heldOf(store, manifest), [0, 8000])
  })
})
