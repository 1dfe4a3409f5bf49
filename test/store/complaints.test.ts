/**
 * Chunks that the disk corrupted without a change of the stamp: they are sent as they are, until a peer complains of
 * one.
 */
import assert from 'node:assert/strict'
import { open, readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { Descriptors } from '#potluck/store/descriptors.js'
import { stampAt } from '#potluck/store/stamps.js'
import { ChunkUnreadableError, type Store } from '#potluck/store/store.js'
import { bytesOf, CHUNK, chunkOf, hashNaively, heldOf, manifestOf, Room, receive, until } from './fixture.js'

const BYTES = bytesOf(5 * CHUNK + 100)
const { root: ROOT } = hashNaively(BYTES)
const MANIFEST = manifestOf('ann/dir/file', BYTES)

const SPOILT = 3

async function overwrite(path: string, byteOffset: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+')
  await file.write(bytes, 0, bytes.byteLength, byteOffset)
  await file.close()
}

/** From now on the file looks as if nobody had written to it. */
function keepStamp(test: TestContext, file: string): void {
  const before = stampAt(file)
  assert.ok(before)
  test.mock.method(Descriptors.prototype, 'stamp', () => before)
}

/** A store that has everything of one content in a file, after the first chunk was read, which is verified. */
interface Holder {
  store: Store
  file: string
}

async function spoil({ store, file }: Holder): Promise<void> {
  assert.deepEqual((await store.readChunk(ROOT, 0)).buffer, chunkOf(BYTES, 0))
  await overwrite(file, SPOILT * CHUNK, Buffer.from('rot'))
}

async function isSentSpoilt({ store }: Holder): Promise<boolean> {
  const bytes = Buffer.from(await store.readChunk(ROOT, SPOILT))
  return bytes.subarray(0, 3).equals(Buffer.from('rot'))
}

async function part(test: TestContext) {
  const room = await Room.make(test)
  const { store, recorder } = await room.open({ chunkCacheByteLength: 0 })
  await store.adopt([MANIFEST])
  await receive(store, BYTES, [0, 1, 2, SPOILT])
  return { room, store, recorder, file: room.path('collection/.potluck/parts', `${ROOT}.part`) }
}

describe('a chunk of which a getter complains', () => {
  it('fault 9: is lost of a part file that the disk spoilt, and stored again', async (test) => {
    const holder = await part(test)
    const { room, store, recorder } = holder
    await spoil(holder)
    assert.ok(await isSentSpoilt(holder), 'it costs no SHA-256')
    await assert.rejects(store.readChunk(ROOT, SPOILT, true), ChunkUnreadableError)
    assert.deepEqual(recorder.lost, [SPOILT])
    assert.deepEqual(await heldOf(store, MANIFEST), [0, 1, 2])
    await receive(store, BYTES, [SPOILT, 4, 5])
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(await readFile(room.path('collection/ann/dir/file')), Buffer.from(BYTES))
  })

  it('fault 9: has everything verified that is read from then on', async (test) => {
    const holder = await part(test)
    const { store, recorder, file } = holder
    await spoil(holder)
    await assert.rejects(store.readChunk(ROOT, SPOILT, true), ChunkUnreadableError)
    await overwrite(file, CHUNK, Buffer.from('rot'))
    await assert.rejects(store.readChunk(ROOT, 1), ChunkUnreadableError)
    assert.deepEqual(recorder.lost, [SPOILT, 1])
  })

  it('fault 9: is read from the disk, not from memory', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({})
    await store.adopt([MANIFEST])
    await receive(store, BYTES, [0, SPOILT])
    const holder = { store, file: room.path('collection/.potluck/parts', `${ROOT}.part`) }
    await spoil(holder)
    assert.ok(!(await isSentSpoilt(holder)), 'it is in memory')
    await assert.rejects(store.readChunk(ROOT, SPOILT, true), ChunkUnreadableError)
    assert.deepEqual(recorder.lost, [SPOILT])
  })

  it('fault 9: is given, and nothing is lost, where it is as it was', async (test) => {
    const { store, recorder } = await part(test)
    assert.deepEqual((await store.readChunk(ROOT, SPOILT, true)).buffer, chunkOf(BYTES, SPOILT))
    assert.deepEqual(recorder.lost, [])
    assert.deepEqual(await heldOf(store, MANIFEST), [0, 1, 2, SPOILT])
  })

  it('fault 44: has a complete file fetched again that the disk spoilt', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({ chunkCacheByteLength: 0 })
    await store.adopt([MANIFEST])
    await receive(store, BYTES)
    await until(() => recorder.completed.length > 0, 'it is complete')
    const holder = { store, file: room.path('collection/ann/dir/file') }
    keepStamp(test, holder.file)
    await spoil(holder)
    assert.ok(await isSentSpoilt(holder), 'it costs no SHA-256')
    assert.deepEqual(recorder.lostContents, [])
    await assert.rejects(store.readChunk(ROOT, SPOILT, true), ChunkUnreadableError)
    await until(() => recorder.lostContents.length > 0, 'it is lost')
    await receive(store, BYTES)
    await until(() => recorder.completed.length > 1, 'it is complete again')
    assert.deepEqual(await readFile(room.path('collection/ann/dir/file')), Buffer.from(BYTES))
  })

  it('fault 44: has an own share hashed again, and its owner told', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in/file', BYTES)
    const { store, recorder } = await room.open({ shares: [file] })
    await store.hashShares(CHUNK)
    const holder = { store, file }
    keepStamp(test, file)
    await spoil(holder)
    assert.ok(await isSentSpoilt(holder), 'it costs no SHA-256')
    assert.deepEqual(recorder.warnings, [])
    await assert.rejects(store.readChunk(ROOT, SPOILT, true), ChunkUnreadableError)
    await until(() => recorder.warnings.length > 0, 'it is told of')
    assert.match(recorder.warnings[0] ?? '', /^me\/file was changed since it was hashed/)
    await assert.rejects(store.readChunk(ROOT, SPOILT), ChunkUnreadableError, 'without another complaint')
  })
})

describe('a chunk of which nobody complains', () => {
  it('fault 8: is verified where the stamp of its file is another one', async (test) => {
    const room = await Room.make(test)
    const file = await room.write('in/file', BYTES)
    const { store } = await room.open({ shares: [file] })
    await store.hashShares(CHUNK)
    await spoil({ store, file })
    await assert.rejects(store.readChunk(ROOT, SPOILT), ChunkUnreadableError)
    assert.deepEqual((await store.readChunk(ROOT, 1)).buffer, chunkOf(BYTES, 1))
  })

  it('fault 9: is verified now and then', async (test) => {
    const holder = await part(test)
    const { store, recorder } = holder
    await spoil(holder)
    const reads = Array.from({ length: 16 }, () => store.readChunk(ROOT, SPOILT))
    const outcomes = await Promise.allSettled(reads)
    assert.deepEqual(recorder.lost, [SPOILT])
    assert.equal(
      outcomes.findIndex(({ status }) => status === 'rejected'),
      15
    )
  })
})
