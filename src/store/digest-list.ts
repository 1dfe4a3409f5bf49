/**
 * The chunk digests of a content: 32 bytes per chunk, one after another; their hash is the content's root.
 *
 * Chunks of zeros are recognised by their digests. Unwritten parts of a file are zeros, so these chunks are neither
 * fetched nor written, and a sparse file stays sparse.
 */
import { hash } from 'node:crypto'
import { byteLengthOfChunk, chunkCountOf, DIGEST_BYTE_LENGTH, type Extent } from '../core/chunks.ts'

/** SHA-256 of nothing: the root of an empty file. */
export const EMPTY_ROOT = rootOf(new Uint8Array())

/** In lower-case hexadecimal. */
export function rootOf(digests: Uint8Array): string {
  return hash('sha256', digests, 'hex')
}

/** Whether they are the digests of a content with that root and this many chunks. */
export function digestsMatch(digests: Uint8Array, root: string, extent: Extent): boolean {
  return digests.byteLength === DIGEST_BYTE_LENGTH * chunkCountOf(extent) && rootOf(digests) === root
}

/** The digests of a content of one chunk, from its bytes: its root verifies them. */
export function digestsOfOneChunk(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hash('sha256', bytes, 'buffer'))
}

export function isChunk(bytes: Uint8Array, digests: Uint8Array, extent: Extent, chunkIndex: number): boolean {
  if (bytes.byteLength !== byteLengthOfChunk(extent, chunkIndex) || bytes.byteLength === 0) {
    return false
  }
  const wanted = digests.subarray(chunkIndex * DIGEST_BYTE_LENGTH, (chunkIndex + 1) * DIGEST_BYTE_LENGTH)
  return hash('sha256', bytes, 'buffer').equals(wanted)
}

/** Cached for the usual chunk length of a swarm, which stays the same. */
let usual: { byteLength: number; digest: Buffer } | undefined

/**
 * The chunks of zeros of a content, in order. A shorter last chunk counts only when the one before it is of zeros. A
 * content of one chunk has none: fetching it is faster than checking.
 */
export function zeroChunks(digests: Uint8Array, extent: Extent): number[] {
  const chunkCount = chunkCountOf(extent)
  const chunks: number[] = []
  if (chunkCount < 2) {
    return chunks
  }
  const list = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength)
  const wanted = digestOfZeros(extent.chunkByteLength)
  for (let found = list.indexOf(wanted); found !== -1; found = list.indexOf(wanted, found + 1)) {
    if (found % DIGEST_BYTE_LENGTH === 0) {
      chunks.push(found / DIGEST_BYTE_LENGTH)
    }
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

export function zeroByteLengthOf(digests: Uint8Array, extent: Extent): number {
  return zeroChunks(digests, extent).reduce(
    (sum, chunkIndex) => sum + byteLengthOfChunk(extent, chunkIndex),
    0
  )
}

function digestOfZeros(byteLength: number): Buffer {
  if (usual?.byteLength !== byteLength) {
    usual = { byteLength, digest: hash('sha256', new Uint8Array(byteLength), 'buffer') }
  }
  return usual.digest
}
