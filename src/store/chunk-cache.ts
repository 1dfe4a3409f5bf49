/**
 * The chunks that were stored most recently, in memory. Other peers ask for a chunk soon after it arrived, and so does
 * the MD5 of its file, unless an earlier chunk is missing. Neither has to read it from the disk.
 *
 * A chunk here was verified and has not left memory since, so it is right whatever became of its file.
 */

/**
 * In the swarm of the assignment, 4 × 500 MiB in chunks of 256 KiB, the cache served a quarter to a half of what others
 * asked for besides a peer's own file, and less than a tenth of what the MD5s waited for; 64 MiB would have served two
 * to four fifths of the former (with 24 MiB here; with 16 and with 8, a peer's peak memory is 6 MiB lower each time,
 * and the run takes as long). Every peer has one, so it takes at most a tenth of a peer's memory.
 */
export const CHUNK_CACHE_BYTE_LENGTH = 8 * 1024 * 1024

type Chunks = Map<string, Uint8Array>

export class ChunkCache {
  readonly #maxByteLength: number
  /** Chunks that an MD5 waits for, and chunks that may only be asked for; the oldest first. */
  readonly #waitedFor: Chunks = new Map()
  readonly #others: Chunks = new Map()
  /** Of the buffers, which may be longer than their chunks. */
  #byteLength = 0
  /** What was dropped since the last `put`. */
  #free: ArrayBufferLike[] = []

  constructor(maxByteLength = CHUNK_CACHE_BYTE_LENGTH) {
    this.#maxByteLength = maxByteLength
  }

  get byteLength(): number {
    return this.#byteLength
  }

  /** A chunk's bytes, valid until the cache changes; undefined when they are not here. */
  get(root: string, chunkIndex: number): Uint8Array | undefined {
    const key = keyOf(root, chunkIndex)
    return this.#others.get(key) ?? this.#waitedFor.get(key)
  }

  /**
   * Keeps a verified chunk, the first `byteLength` bytes of the buffer, and drops the oldest for it, preferably one
   * that no MD5 waits for.
   *
   * @param waitedFor whether the MD5 of its file has yet to take it, which `taken` reports
   * @returns the buffers that are kept no more, or this one if it is not kept: their owners may reuse them
   */
  put(
    root: string,
    chunkIndex: number,
    buffer: ArrayBufferLike,
    byteLength: number,
    waitedFor: boolean
  ): ArrayBufferLike[] {
    if (buffer.byteLength > this.#maxByteLength) {
      return [buffer]
    }
    this.delete(root, chunkIndex)
    while (this.#byteLength + buffer.byteLength > this.#maxByteLength) {
      this.#dropFirst(this.#others.size > 0 ? this.#others : this.#waitedFor)
    }
    const chunks = waitedFor ? this.#waitedFor : this.#others
    chunks.set(keyOf(root, chunkIndex), new Uint8Array(buffer, 0, byteLength))
    this.#byteLength += buffer.byteLength
    const free = this.#free
    this.#free = []
    return free
  }

  /** The MD5 of its file has taken the chunk. */
  taken(root: string, chunkIndex: number): void {
    const key = keyOf(root, chunkIndex)
    const bytes = this.#waitedFor.get(key)
    if (bytes !== undefined) {
      this.#waitedFor.delete(key)
      this.#others.set(key, bytes)
    }
  }

  delete(root: string, chunkIndex: number): void {
    const key = keyOf(root, chunkIndex)
    this.#drop(this.#others, key)
    this.#drop(this.#waitedFor, key)
  }

  #dropFirst(chunks: Chunks): void {
    const [key] = chunks.keys()
    if (key !== undefined) {
      this.#drop(chunks, key)
    }
  }

  #drop(chunks: Chunks, key: string): void {
    const buffer = chunks.get(key)?.buffer
    if (buffer !== undefined) {
      chunks.delete(key)
      this.#byteLength -= buffer.byteLength
      this.#free.push(buffer)
    }
  }
}

/** Bytes to be overwritten, in a buffer of their own: clearing them first takes as long as copying a chunk. */
export function unfilledBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer)
}

function keyOf(root: string, chunkIndex: number): string {
  return `${root}/${chunkIndex}`
}
