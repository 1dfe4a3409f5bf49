import assert from 'node:assert/strict'
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { digestsMatch } from '#potluck/store/digest-list.js'
import { ChunkUnreadableError } from '#potluck/store/store.js'
import { fc } from '../fixtures/properties.js'
import {
  bytesOf,
  CHUNK,
  chunkOf,
  failure,
  hashNaively,
  heldOf,
  manifestOf,
  Room,
  receive,
  until,
  writeChunk
} from './fixture.js'

const BYTES = bytesOf(5 * CHUNK + 100)
const { root: ROOT, digests: DIGESTS } = hashNaively(BYTES)
const MANIFEST = manifestOf('ann/dir/file', BYTES)

async function overwrite(path: string, byteOffset: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(bytes, 0, bytes.byteLength, byteOffset)
  await file.close()
}

function broken(): Promise<never> {
  const error = new Error('EIO: i/o error, fdatasync')
  return Promise.reject(Object.assign(error, { code: 'EIO', syscall: 'fdatasync' }))
}

describe('receiving', () => {
  for (const byteLength of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 20 * CHUNK]) {
    it(`completes a file of ${byteLength} bytes`, async (test) => {
      const room = await Room.make(test)
      const { store, recorder } = await room.open()
      const bytes = bytesOf(byteLength)
      const [state] = await store.adopt([manifestOf('ann/dir/file', bytes)])
      assert.equal(state?.digestsKnown, byteLength <= CHUNK)
      await receive(store, bytes)
      await until(() => recorder.completed.length > 0, 'it is complete')
      assert.deepEqual(await readFile(room.path('collection/ann/dir/file')), Buffer.from(bytes))
      assert.deepEqual(recorder.completed, [byteLength === 0 ? 'ann/dir/file (local)' : 'ann/dir/file'])
      assert.deepEqual(await readdir(room.path('collection/.potluck/parts')), [])
      assert.deepEqual(recorder.failures, [])
    })
  }

  it('fault 57: takes a content of one chunk without its digests, which it then gives to others', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const bytes = bytesOf(CHUNK - 7)
    const manifest = manifestOf('ann/tiny', bytes)
    const [state] = await store.adopt([manifest])
    assert.equal(state?.digestsKnown, true)
    assert.equal(await store.digests(manifest.root, 0, 1), undefined)
    const wrong: [string, number, Uint8Array<ArrayBuffer>][] = [
      ['another content', 0, bytesOf(CHUNK - 7, 'other')],
      ['too short', 0, bytes.slice(1)],
      ['another chunk', 1, bytes]
    ]
    for (const [what, chunkIndex, claimed] of wrong) {
      const { buffer } = claimed.slice()
      const outcome = await store.writeChunk(manifest.root, chunkIndex, buffer, claimed.byteLength)
      assert.equal(outcome.stored, false, what)
    }
    assert.deepEqual(await heldOf(store, manifest), [])
    assert.equal(await writeChunk(store, bytes, 0), true)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(await readFile(room.path('collection/ann/tiny')), Buffer.from(bytes))
    assert.deepEqual(await store.digests(manifest.root, 0, 1), hashNaively(bytes).digests)
    assert.deepEqual(recorder.failures, [])
  })

  it('takes chunks in any order, and reads each as soon as it is there', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([MANIFEST])
    await store.setDigests(ROOT, DIGESTS)
    for (const chunkIndex of [5, 3, 4, 1, 0, 2]) {
      assert.equal(await writeChunk(store, BYTES, chunkIndex), true)
      assert.deepEqual((await store.readChunk(ROOT, chunkIndex)).buffer, chunkOf(BYTES, chunkIndex))
    }
    await until(() => recorder.completed.length > 0, 'it is complete')
    for (let chunkIndex = 0; chunkIndex < 6; chunkIndex++) {
      assert.deepEqual((await store.readChunk(ROOT, chunkIndex)).buffer, chunkOf(BYTES, chunkIndex))
    }
    assert.deepEqual(await readFile(room.path('collection/ann/dir/file')), Buffer.from(BYTES))
  })

  it('keeps chunks readable at every moment of the completion', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([MANIFEST])
    await receive(store, BYTES)
    while (recorder.completed.length === 0) {
      assert.deepEqual((await store.readChunk(ROOT, 5)).buffer, chunkOf(BYTES, 5))
      await new Promise(setImmediate)
    }
    assert.deepEqual((await store.readChunk(ROOT, 5)).buffer, chunkOf(BYTES, 5))
  })

  it('fault 19, fault 21: stores no chunk that is wrong, and gives its buffer back', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open()
    const send = (root: string, chunkIndex: number, buffer: ArrayBuffer, byteLength = buffer.byteLength) =>
      store.writeChunk(root, chunkIndex, buffer, byteLength)
    await assert.rejects(send(ROOT, 0, chunkOf(BYTES, 0)), /not known/, 'an unknown content')
    await store.adopt([MANIFEST])
    await assert.rejects(send(ROOT, 0, chunkOf(BYTES, 0)), /not known/, 'unknown digests')
    await store.setDigests(ROOT, DIGESTS)
    const corrupt = chunkOf(BYTES, 0)
    new Uint8Array(corrupt)[17] = 1
    const wrong: [string, number, ArrayBuffer, number?][] = [
      ['a flipped byte', 0, corrupt],
      ['another chunk', 1, chunkOf(BYTES, 0)],
      ['too short', 0, chunkOf(BYTES, 0), CHUNK - 1],
      ['longer than its buffer', 0, chunkOf(BYTES, 0), CHUNK + 1],
      ['empty', 0, new ArrayBuffer(0)],
      ['past the end', 6, chunkOf(BYTES, 5)],
      ['a negative index', -1, chunkOf(BYTES, 0)],
      ['half an index', 0.5, chunkOf(BYTES, 0)]
    ]
    for (const [what, chunkIndex, buffer, byteLength] of wrong) {
      const outcome = await send(ROOT, chunkIndex, buffer, byteLength)
      assert.deepEqual(outcome, { stored: false, free: [buffer] }, what)
      assert.equal(outcome.free[0], buffer)
    }
    assert.deepEqual(await heldOf(store, MANIFEST), [])
    assert.deepEqual(await readdir(room.path('collection/.potluck/parts')), [`${ROOT}.digests`])
  })

  it('takes a chunk from a larger buffer, and a second time without harm', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open()
    await store.adopt([MANIFEST])
    await store.setDigests(ROOT, DIGESTS)
    const buffer = new ArrayBuffer(CHUNK)
    new Uint8Array(buffer).set(BYTES.subarray(5 * CHUNK))
    assert.equal((await store.writeChunk(ROOT, 5, buffer, 100)).stored, true)
    assert.equal((await store.writeChunk(ROOT, 5, buffer, 100)).stored, true)
    assert.deepEqual(await heldOf(store, MANIFEST), [5])
  })

  it('fault 26: takes only digests that hash to the root, and the same ones twice', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open()
    assert.equal(await store.setDigests(ROOT, DIGESTS), false, 'an unknown content')
    await store.adopt([MANIFEST])
    assert.equal(await store.setDigests(ROOT, DIGESTS.slice(32)), false)
    assert.equal(await store.setDigests(ROOT, new Uint8Array(DIGESTS.byteLength)), false)
    assert.equal(await store.digests(ROOT, 0, 6), undefined)
    assert.equal(await store.setDigests(ROOT, DIGESTS), true)
    assert.equal(await store.setDigests(ROOT, DIGESTS), true)
    assert.deepEqual(await store.digests(ROOT, 0, 6), DIGESTS)
    assert.deepEqual(await store.digests(ROOT, 2, 3), DIGESTS.slice(2 * 32, 5 * 32))
    assert.deepEqual(await store.digests(ROOT, 5, 2 ** 32), DIGESTS.slice(5 * 32))
    assert.deepEqual(await store.digests(ROOT, 2 ** 32, 1), new Uint8Array())
  })

  it('fault 25: says so when the origin published a wrong MD5, and names no file', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([{ ...MANIFEST, md5: '0'.repeat(32) }])
    await receive(store, BYTES)
    await until(() => recorder.failed.size > 0, 'it is given up')
    failure('INTEGRITY', 'ann/dir/file', 'wrong MD5')(recorder.failed.get('ann/dir/file'))
    assert.deepEqual(recorder.failures, [], 'the run goes on')
    assert.deepEqual(recorder.completed, [])
    await assert.rejects(stat(room.path('collection/ann')))
    assert.deepEqual(
      (await store.readChunk(ROOT, 0)).buffer,
      chunkOf(BYTES, 0),
      'the content itself is right'
    )
  })

  it('reports a disk without room as such, and goes on when there is some', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([MANIFEST])
    await store.setDigests(ROOT, DIGESTS)
    const part = room.path('collection/.potluck/parts', `${ROOT}.part`)
    await mkdir(part)
    await assert.rejects(writeChunk(store, BYTES, 0), failure('DISK', `${ROOT}.part`))
    await rm(part, { recursive: true })
    await receive(store, BYTES)
    await until(() => recorder.completed.length > 0, 'it is complete')
  })
})

describe('reading', () => {
  it('gives no chunk that is not here', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open()
    await assert.rejects(store.readChunk(ROOT, 0), ChunkUnreadableError)
    await store.adopt([MANIFEST])
    await assert.rejects(store.readChunk(ROOT, 0), ChunkUnreadableError)
    await receive(store, BYTES, [1])
    await assert.rejects(store.readChunk(ROOT, 0), ChunkUnreadableError)
    await assert.rejects(store.readChunk(ROOT, 6), ChunkUnreadableError)
    await assert.rejects(store.readChunk(ROOT, -1), ChunkUnreadableError)
  })

  it('fault 8: refuses a chunk of a share that was changed, and gives the others', async (test) => {
    const room = await Room.make(test)
    const share = await room.write('in/file', BYTES)
    const { store } = await room.open({ shares: [share] })
    await store.hashShares(CHUNK)
    await overwrite(share, 2 * CHUNK + 5, Buffer.from('changed'))
    await assert.rejects(store.readChunk(ROOT, 2), {
      name: 'ChunkUnreadableError',
      message: /in\/file.*changed/
    })
    assert.deepEqual((await store.readChunk(ROOT, 3)).buffer, chunkOf(BYTES, 3))
    await rm(share)
    await writeFile(share, 'short')
    await assert.rejects(store.readChunk(ROOT, 2), ChunkUnreadableError)
    await writeFile(share, BYTES)
    assert.deepEqual((await store.readChunk(ROOT, 2)).buffer, chunkOf(BYTES, 2), 'put back')
  })

  it('fault 9: takes a chunk that rotted off what is held, and stores it again', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({ chunkCacheByteLength: 0 })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0, 1, 2])
    await overwrite(room.path('collection/.potluck/parts', `${ROOT}.part`), CHUNK, Buffer.from('rot'))
    await assert.rejects(store.readChunk(ROOT, 1), ChunkUnreadableError)
    assert.deepEqual(recorder.lost, [1])
    assert.deepEqual(await heldOf(store, MANIFEST), [0, 2])
    await receive(store, BYTES, [1, 3, 4, 5])
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(await readFile(room.path('collection/ann/dir/file')), Buffer.from(BYTES))
  })

  it('fault 9: blames the disk before the origin when the MD5 is not the published one', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({ chunkCacheByteLength: 0 })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [1, 2, 3, 4, 5])
    // Spoilt before the MD5 could be taken of it, which waits for chunk 0.
    await overwrite(room.path('collection/.potluck/parts', `${ROOT}.part`), 3 * CHUNK, Buffer.from('rot'))
    await receive(store, BYTES, [0])
    await until(() => recorder.lost.length > 0, 'it is noticed')
    assert.deepEqual(recorder.lost, [3])
    await receive(store, BYTES, [3])
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(recorder.failures, [])
    assert.deepEqual(await readFile(room.path('collection/ann/dir/file')), Buffer.from(BYTES))
  })
})

describe('chunks in memory', () => {
  it('are right whatever became of their file, and verified anew once they have left', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({ chunkCacheByteLength: 2 * CHUNK })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0, 1])
    await overwrite(room.path('collection/.potluck/parts', `${ROOT}.part`), CHUNK, Buffer.from('rot'))
    assert.deepEqual((await store.readChunk(ROOT, 1)).buffer, chunkOf(BYTES, 1))
    assert.deepEqual(recorder.lost, [])
    await receive(store, BYTES, [2, 3])
    await assert.rejects(store.readChunk(ROOT, 1), ChunkUnreadableError)
    assert.deepEqual(recorder.lost, [1])
  })

  it('are nobody else’s: what was read or given back may be written to', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open({ chunkCacheByteLength: 2 * CHUNK })
    await store.adopt([MANIFEST])
    await store.setDigests(ROOT, DIGESTS)
    for (const chunkIndex of [0, 1, 2, 3]) {
      const { free } = await store.writeChunk(ROOT, chunkIndex, chunkOf(BYTES, chunkIndex), CHUNK)
      assert.equal(free.length, chunkIndex < 2 ? 0 : 1)
      for (const buffer of free) {
        new Uint8Array(buffer).fill(0)
      }
      ;(await store.readChunk(ROOT, chunkIndex)).fill(0)
      assert.deepEqual((await store.readChunk(ROOT, chunkIndex)).buffer, chunkOf(BYTES, chunkIndex))
    }
  })

  for (const [what, chunkCacheByteLength] of [
    ['memory', 8 * CHUNK],
    ['the disk', 0]
  ] as const) {
    it(`are read from ${what} to the buffer that is lent, or to their own where it is too short`, async (test) => {
      const room = await Room.make(test)
      const { store } = await room.open({ chunkCacheByteLength })
      await store.adopt([MANIFEST])
      await receive(store, BYTES)
      for (const chunkIndex of [0, 5]) {
        const { byteLength } = chunkOf(BYTES, chunkIndex)
        const [buffer, tooShort] = [new SharedArrayBuffer(CHUNK), new SharedArrayBuffer(byteLength - 1)]
        const bytes = await store.readChunk(ROOT, chunkIndex, false, buffer)
        assert.equal(bytes.buffer, buffer)
        assert.deepEqual(new Uint8Array(bytes).buffer, chunkOf(BYTES, chunkIndex))
        const own = await store.readChunk(ROOT, chunkIndex, false, tooShort)
        assert.deepEqual(own.buffer, chunkOf(BYTES, chunkIndex))
        assert.ok(new Uint8Array(tooShort).every((byte) => byte === 0))
      }
    })
  }

  it('are not held when their sync failed', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({
      system: { syncData: () => (recorder.lost.length === 0 ? broken() : delay(0)) }
    })
    await store.adopt([MANIFEST])
    await receive(store, BYTES)
    await until(() => recorder.lost.length > 0, 'the sync fails')
    await assert.rejects(store.readChunk(ROOT, 0), ChunkUnreadableError)
  })

  it('give the right MD5 in whatever order they come, and however few fit', async (test) => {
    const chunkIndices = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 })
    await fc.assert(
      fc.asyncProperty(chunkIndices, fc.nat(6), async (order, cachedChunks) => {
        const room = await Room.make(test)
        const { store, recorder } = await room.open({ chunkCacheByteLength: cachedChunks * CHUNK })
        await store.adopt([MANIFEST])
        await receive(store, BYTES, order)
        await until(() => recorder.completed.length + recorder.failures.length > 0, 'it is complete')
        assert.deepEqual(recorder.failures, [])
        assert.deepEqual(await readFile(room.path('collection/ann/dir/file')), Buffer.from(BYTES))
        await room.remove()
      }),
      { numRuns: 50 }
    )
  })
})

describe('a disk that spoils chunks', () => {
  it('fault 9: is blamed for what it spoilt before the MD5 was taken, not the origin', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({ chunkCacheByteLength: 0 })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [1, 2, 3, 4])
    await overwrite(room.path('collection/.potluck/parts', `${ROOT}.part`), 3 * CHUNK, Buffer.from('rot'))
    await receive(store, BYTES, [0])
    // The MD5 takes it as it is; it is noticed when somebody asks for it.
    await delay(50)
    await assert.rejects(store.readChunk(ROOT, 3), ChunkUnreadableError)
    assert.deepEqual(recorder.lost, [3])
    await receive(store, BYTES, [3, 5])
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(recorder.failures, [])
    assert.deepEqual(await readFile(room.path('collection/ann/dir/file')), Buffer.from(BYTES))
  })

  it('fault 9: makes for another sync when it does so during the last one', async (test) => {
    const room = await Room.make(test)
    const part = room.path('collection/.potluck/parts', `${ROOT}.part`)
    const completedAtSync: number[] = []
    const { store, recorder } = await room.open({
      chunkCacheByteLength: 0,
      system: {
        syncData: async () => {
          completedAtSync.push(recorder.completed.length)
          if (completedAtSync.length === 1) {
            await overwrite(part, 0, Buffer.from('rot'))
            await assert.rejects(store.readChunk(ROOT, 0), ChunkUnreadableError)
            await writeChunk(store, BYTES, 0)
          }
        }
      }
    })
    await store.adopt([MANIFEST])
    await receive(store, BYTES)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(completedAtSync, [0, 0])
    assert.deepEqual(await readFile(room.path('collection/ann/dir/file')), Buffer.from(BYTES))
  })
})

describe('a disk that fails to sync', () => {
  /** Fails for the given number of times. */
  async function openFailing(room: Room, times: number) {
    let left = times
    return await room.open({ system: { syncData: () => (left-- > 0 ? broken() : delay(0)) } })
  }

  it('fault 5: loses what was not synced, and has it fetched again', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await openFailing(room, 1)
    await store.adopt([MANIFEST])
    await receive(store, BYTES)
    await until(() => recorder.lost.length > 0, 'the sync before the completion fails')
    assert.deepEqual(recorder.lost, [0, 1, 2, 3, 4, 5])
    assert.deepEqual(await heldOf(store, MANIFEST), [])
    await receive(store, BYTES)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(recorder.failures, [])
  })

  it('fault 5: is a failure when it does so again', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await openFailing(room, 2)
    await store.adopt([MANIFEST])
    await receive(store, BYTES)
    await until(() => recorder.lost.length === 6, 'the first sync fails')
    await receive(store, BYTES)
    await until(() => recorder.failures.length > 0, 'the second fails')
    failure('DISK', 'i/o error', `${ROOT}.part`)(recorder.failures[0])
  })

  it('delays an empty file, which has nothing to fetch again', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await openFailing(room, 1)
    await store.adopt([manifestOf('ann/empty', new Uint8Array())])
    assert.deepEqual(recorder.completed, [])
    await until(() => recorder.completed.length > 0, 'it is complete')
  })

  it('is told by close, which gives up the lock all the same', async (test) => {
    const room = await Room.make(test)
    const { store } = await room.open({ system: { syncData: broken } })
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0])
    await assert.rejects(store.close(), failure('DISK'))
    await room.open()
  })
})

describe('digests', () => {
  it('fault 26: belong to a content of as many chunks only', () => {
    const extent = { byteLength: BYTES.byteLength, chunkByteLength: CHUNK }
    assert.equal(digestsMatch(DIGESTS, ROOT, extent), true)
    for (const byteLength of [0, CHUNK, BYTES.byteLength - CHUNK, BYTES.byteLength + CHUNK]) {
      assert.equal(digestsMatch(DIGESTS, ROOT, { ...extent, byteLength }), false)
    }
  })
})

describe('a share that vanishes', () => {
  it('fault 8: is read from another place that has the same', async (test) => {
    const room = await Room.make(test)
    const shares = [await room.write('shared/one', BYTES), await room.write('shared/two', BYTES)]
    const { store } = await room.open({ shares })
    await store.hashShares(CHUNK)
    await rm(shares[0] ?? '')
    assert.deepEqual(await store.readChunk(ROOT, 2), BYTES.slice(2 * CHUNK, 3 * CHUNK))
  })
})

describe('a false chunk of what is here already', () => {
  it('fault 19: is told from a right one, so that its sender is known', async (test) => {
    const room = await Room.make(test)
    const path = await room.write('shared/file', BYTES)
    const { store } = await room.open({ shares: [path] })
    await store.hashShares(CHUNK)
    const { root } = hashNaively(BYTES)
    const right = BYTES.slice(CHUNK, 2 * CHUNK)
    const wrong = right.map((byte, index) => (index === 7 ? byte ^ 1 : byte))
    assert.equal((await store.writeChunk(root, 1, right.buffer, CHUNK)).stored, true)
    assert.equal((await store.writeChunk(root, 1, wrong.buffer, CHUNK)).stored, false)
    assert.equal((await store.writeChunk(root, 0, right.buffer, CHUNK)).stored, false)
  })
})
