/** Files with chunks of zeros: these are neither fetched nor written, and the file stays sparse. */
import assert from 'node:assert/strict'
import { mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { copyWhole } from '#potluck/store/copy-whole.js'
import { zeroByteLengthOf, zeroChunks } from '#potluck/store/digest-list.js'
import { fc } from '../fixtures/properties.js'
import {
  bytesOf,
  CHUNK,
  hashNaively,
  heldOf,
  manifestOf,
  Room,
  receive,
  until,
  writeChunk
} from './fixture.js'

const CHUNKS = 1024

/** One chunk of data among zeros; the last one is shorter. */
const DATA_CHUNK = 300
const BYTES = new Uint8Array(CHUNKS * CHUNK - 100)
BYTES.set(bytesOf(CHUNK), DATA_CHUNK * CHUNK)
const { digests: DIGESTS, root: ROOT } = hashNaively(BYTES)
const MANIFEST = manifestOf('ann/disk', BYTES, { zeroByteLength: BYTES.byteLength - CHUNK })
const COPY = manifestOf('ben/copy', BYTES, { zeroByteLength: BYTES.byteLength - CHUNK })
const ZEROS = Array.from({ length: CHUNKS }, (_, index) => index).filter((index) => index !== DATA_CHUNK)

/** More than a block or two, and far less than the whole. */
const FEW_BYTES = 128 * 1024

async function bytesOnDisk(path: string): Promise<number> {
  return 512 * (await stat(path)).blocks
}

describe('chunks of zeros', () => {
  it('fault 56: are told by their digests alone', () => {
    const pieces = fc.array(fc.constantFrom('zeros', 'data', 'almost'), { maxLength: 12 })
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 8 }), (kinds, lastByteLength) => {
        const bytes = new Uint8Array(Math.max(0, (kinds.length - 1) * 8 + lastByteLength))
        for (const [index, kind] of kinds.entries()) {
          bytes.fill(kind === 'data' ? 1 : 0, index * 8, index * 8 + 8)
          bytes.fill(kind === 'almost' ? 1 : (bytes[index * 8] ?? 0), index * 8 + 7, index * 8 + 8)
        }
        const extent = { byteLength: bytes.byteLength, chunkByteLength: 8 }
        const { digests } = hashNaively(bytes, 8)
        const isZeros = (index: number): boolean => !bytes.subarray(index * 8, index * 8 + 8).some(Boolean)
        const last = kinds.length - 1
        const expected = [...kinds.keys()].filter(
          (index) =>
            last > 0 && isZeros(index) && (index < last || lastByteLength === 8 || isZeros(index - 1))
        )
        assert.deepEqual(zeroChunks(digests, extent), expected)
        const sum = expected.reduce(
          (byteLength, index) => byteLength + (index < last ? 8 : lastByteLength),
          0
        )
        assert.equal(zeroByteLengthOf(digests, extent), sum)
      })
    )
  })

  it('fault 56: are held as soon as the digests are, and the file stays sparse under each of its names', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    await store.adopt([MANIFEST, COPY])
    assert.equal(await store.setDigests(ROOT, DIGESTS), true)
    assert.deepEqual(recorder.heldAtOnce, ZEROS)
    assert.equal(await writeChunk(store, BYTES, DATA_CHUNK), true)
    await until(() => recorder.completed.length === 2, 'both are complete')
    assert.deepEqual(recorder.completed, ['ann/disk', 'ben/copy (local)'])
    for (const name of ['ann/disk', 'ben/copy']) {
      const path = room.path('collection', name)
      assert.deepEqual(await readFile(path), Buffer.from(BYTES))
      assert.ok((await bytesOnDisk(path)) <= FEW_BYTES, name)
    }
    assert.deepEqual(recorder.failures, [])
  })

  it('fault 56: that are all of a file need nobody who sends any', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open()
    const bytes = new Uint8Array(100 * CHUNK + 1)
    const { root, digests } = hashNaively(bytes)
    await store.adopt([manifestOf('ann/zeros', bytes)])
    await store.setDigests(root, digests)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(await readFile(room.path('collection/ann/zeros')), Buffer.from(bytes))
    assert.ok((await bytesOnDisk(room.path('collection/ann/zeros'))) <= FEW_BYTES)
  })

  it('fault 56: are there in place of what an earlier run left', async (test) => {
    const room = await Room.make(test)
    await mkdir(room.path('collection/.potluck/parts'), { recursive: true, mode: 0o700 })
    const part = room.path(`collection/.potluck/parts/${ROOT}.part`)
    await writeFile(part, bytesOf(5 * CHUNK, 'of another file'))
    await truncate(part, BYTES.byteLength)
    const { store, recorder } = await room.open()
    await store.adopt([MANIFEST])
    await store.setDigests(ROOT, DIGESTS)
    assert.deepEqual(await heldOf(store, MANIFEST), ZEROS)
    await writeChunk(store, BYTES, DATA_CHUNK)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(await readFile(room.path('collection/ann/disk')), Buffer.from(BYTES))
  })

  it('fault 56: are held again after a stop, and verified', async (test) => {
    const room = await Room.make(test)
    const first = await room.open()
    await first.store.adopt([MANIFEST])
    await first.store.setDigests(ROOT, DIGESTS)
    await first.store.close()
    const part = room.path(`collection/.potluck/parts/${ROOT}.part`)
    await truncate(part, DATA_CHUNK * CHUNK)
    const { store, recorder } = await room.open()
    await store.adopt([MANIFEST])
    assert.deepEqual(await heldOf(store, MANIFEST), ZEROS)
    await writeChunk(store, BYTES, DATA_CHUNK)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(await readFile(room.path('collection/ann/disk')), Buffer.from(BYTES))
  })

  it('fault 56: are fetched like any other where gaps take room', async (test) => {
    const room = await Room.make(test)
    const { store, recorder } = await room.open({ system: { isSparse: false } })
    const bytes = new Uint8Array(3 * CHUNK)
    const manifest = manifestOf('ann/zeros', bytes)
    await store.adopt([manifest])
    await receive(store, bytes, [])
    assert.deepEqual([await heldOf(store, manifest), recorder.heldAtOnce], [[], []])
    await receive(store, bytes)
    await until(() => recorder.completed.length > 0, 'it is complete')
    assert.deepEqual(await readFile(room.path('collection/ann/zeros')), Buffer.from(bytes))
  })

  it('fault 6, fault 56: need no room, unless gaps take it', async (test) => {
    const room = await Room.make(test)
    const failedWith = async (isSparse: boolean, free: number): Promise<string[]> => {
      const freeSpace = async () => 16 * 1024 * 1024 + free
      const { store, recorder } = await room.open({ system: { isSparse, freeSpace } })
      await store.adopt([MANIFEST, COPY])
      await store.close()
      return [...recorder.failed.keys()]
    }
    assert.deepEqual(await failedWith(true, 2 * CHUNK), [])
    assert.equal((await failedWith(true, 2 * CHUNK - 1)).length, 1)
    assert.equal((await failedWith(false, 2 * CHUNK)).length, 2)
  })

  it('fault 56: are told by whoever shares the file', async (test) => {
    const room = await Room.make(test)
    await room.write('shared/disk', BYTES)
    await room.write('shared/small', new Uint8Array(CHUNK))
    const { store } = await room.open({ shares: [room.path('shared')] })
    const shared = await store.hashShares(CHUNK)
    assert.deepEqual(
      shared.map(({ path, zeroByteLength }) => [path, zeroByteLength]),
      [
        ['shared', undefined],
        ['shared/disk', BYTES.byteLength - CHUNK],
        ['shared/small', undefined]
      ]
    )
  })
})

describe('a copy of a sparse file', () => {
  it('fault 56: is the same, with its gaps at the begin, between and at the end', async (test) => {
    const room = await Room.make(test)
    const piece = 1024 * 1024
    const source = await room.write('source', '')
    await truncate(source, piece)
    await writeFile(source, 'data', { flag: 'r+' })
    for (const byteLength of [4 * piece, 4 * piece + 3]) {
      await truncate(source, byteLength)
      const copy = room.path(`copy-${byteLength}`)
      await copyWhole(source, copy)
      assert.deepEqual(await readFile(copy), await readFile(source))
      assert.ok((await bytesOnDisk(copy)) <= 2 * piece)
    }
  })
})
