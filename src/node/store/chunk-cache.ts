/**
 * The chunks that were stored lately, kept in memory: other peers ask for a chunk soon after it came, and the MD5 of
 * its file waits for it when it came out of order. Neither has to read it from the disk and verify it again.
 *
 * What is here was verified and has not left memory since, so it is right whatever became of its file.
 */

/**
 * About what is asked for at a time, 32 chunks of each of 3 files: the MD5 of a file then finds in memory whatever came
 * before the chunk it waited for. Held by every peer, so no more than a tenth of its memory.
 */
export const CHUNK_CACHE_BYTE_LENGTH = 24 * 1024 * 1024

export class ChunkCache {
  readonly #maxByteLength: number
  /** The chunk stored first comes first. */
  readonly #chunks = new Map<string, Uint8Array<ArrayBuffer>>()
  /** Of the buffers, which may be longer than their chunks. */
  #byteLength = 0

  constructor(maxByteLength = CHUNK_CACHE_BYTE_LENGTH) {
    this.#maxByteLength = maxByteLength
  }

  get byteLength(): number {
    return this.#byteLength
  }

  /** A chunk's bytes, good until the cache changes; undefined when they are not here. */
  get(root: string, chunkIndex: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#chunks.get(keyOf(root, chunkIndex))
  }

  /**
   * Keeps a verified chunk, the first `byteLength` bytes of the buffer, in the place of what was stored first.
   *
   * @returns a buffer of the same length for the one that is kept
   */
  put(root: string, chunkIndex: number, buffer: ArrayBuffer, byteLength: number): ArrayBuffer {
    if (buffer.byteLength > this.#maxByteLength) {
      return buffer
    }
    this.delete(root, chunkIndex)
    let free: ArrayBuffer | undefined
    for (const [key, oldest] of this.#chunks) {
      if (this.#byteLength + buffer.byteLength <= this.#maxByteLength) {
        break
      }
      this.#drop(key, oldest)
      free = oldest.buffer
    }
    this.#chunks.set(keyOf(root, chunkIndex), new Uint8Array(buffer, 0, byteLength))
    this.#byteLength += buffer.byteLength
    return free?.byteLength === buffer.byteLength ? free : unfilledBytes(buffer.byteLength).buffer
  }

  delete(root: string, chunkIndex: number): void {
    const key = keyOf(root, chunkIndex)
    const bytes = this.#chunks.get(key)
    if (bytes !== undefined) {
      this.#drop(key, bytes)
    }
  }

  #drop(key: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#chunks.delete(key)
    this.#byteLength -= bytes.buffer.byteLength
  }
}

/** Bytes to be overwritten, in a buffer of their own: clearing them first takes as long as copying a chunk. */
export function unfilledBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer)
}

function keyOf(root: string, chunkIndex: number): string {
  return `${root}/${chunkIndex}`
}
