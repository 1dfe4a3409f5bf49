/**
 * Chunks of zeros, recognised by their digests: where nothing was written, a file has zeros, so they are neither fetched
 * nor written, and a sparse file stays sparse.
 */
import { hash } from 'node:crypto'
import {
  byteLengthOfChunk,
  chunkByteOffset,
  chunkCountOf,
  DIGEST_BYTE_LENGTH,
  type Extent
} from '../core/chunks.ts'

/** Of chunks of the usual length of a swarm, which are the same all the time. */
let usual: { byteLength: number; digest: Buffer } | undefined

/**
 * The chunks of zeros of a content, in order. A last chunk that is shorter counts when the one before it is of zeros; a
 * content of one chunk has none: it is fetched faster than looked for.
 */
export function zeroChunks(digests: Uint8Array, extent: Extent): number[] {
  const chunkCount = chunkCountOf(extent)
  const chunks: number[] = []
  if (chunkCount < 2) {
    return chunks
  }
  const list = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength)
  const wanted = digestOfZeros(extent.chunkByteLength)
  for (let found = list.indexOf(wanted); found !== -1; ) {
    const isWhole = found % DIGEST_BYTE_LENGTH === 0
    if (isWhole) {
      chunks.push(found / DIGEST_BYTE_LENGTH)
    }
    found = list.indexOf(wanted, found + (isWhole ? DIGEST_BYTE_LENGTH : 1))
  }
  const last = chunkCount - 1
  const lastByteLength = byteLengthOfChunk(extent, last)
  if (lastByteLength < extent.chunkByteLength && chunks.at(-1) === last - 1) {
    const digest = hash('sha256', new Uint8Array(lastByteLength), 'buffer')
    if (digest.equals(list.subarray(last * DIGEST_BYTE_LENGTH))) {
      chunks.push(last)
    }
  }
  return chunks
}

/** How many bytes are in chunks of zeros. */
export function zeroByteLengthOf(digests: Uint8Array, extent: Extent): number {
  const chunks = zeroChunks(digests, extent)
  const last = chunks.at(-1)
  return last === undefined
    ? 0
    : (chunks.length - 1) * extent.chunkByteLength +
        Math.min(extent.chunkByteLength, extent.byteLength - chunkByteOffset(extent, last))
}

function digestOfZeros(byteLength: number): Buffer {
  if (usual?.byteLength !== byteLength) {
    usual = { byteLength, digest: hash('sha256', new Uint8Array(byteLength), 'buffer') }
  }
  return usual.digest
}
