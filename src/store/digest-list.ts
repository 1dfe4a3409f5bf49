/** The chunk digests of a content: 32 bytes a chunk, one after the other; their hash is the content's root. */
import { hash } from 'node:crypto'
import { byteLengthOfChunk, chunkCountOf, DIGEST_BYTE_LENGTH, type Extent } from '../core/chunks.ts'

/** SHA-256 of nothing: the root of an empty file. */
export const EMPTY_ROOT = rootOf(new Uint8Array())

/** In lower-case hexadecimal. */
export function rootOf(digests: Uint8Array): string {
  return hash('sha256', digests, 'hex')
}

/** Whether they are the digests of a content with that root and as many chunks. */
export function digestsMatch(digests: Uint8Array, root: string, extent: Extent): boolean {
  return digests.byteLength === DIGEST_BYTE_LENGTH * chunkCountOf(extent) && rootOf(digests) === root
}

/** The digests of a content of one chunk, by its bytes: its root verifies them. */
export function digestsOfOneChunk(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hash('sha256', bytes, 'buffer'))
}

/** Whether the bytes are the chunk. */
export function isChunk(bytes: Uint8Array, digests: Uint8Array, extent: Extent, chunkIndex: number): boolean {
  if (bytes.byteLength !== byteLengthOfChunk(extent, chunkIndex) || bytes.byteLength === 0) {
    return false
  }
  const wanted = digests.subarray(chunkIndex * DIGEST_BYTE_LENGTH, (chunkIndex + 1) * DIGEST_BYTE_LENGTH)
  return hash('sha256', bytes, 'buffer').equals(wanted)
}
