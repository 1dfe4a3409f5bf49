/** Buffers for reuse: memory that is warm in the cache, and no garbage. */

export class BufferPool {
  readonly #byteLength: number
  readonly #limit: number
  readonly #free: ArrayBuffer[] = []

  /** Keeps up to `limit` free buffers of `byteLength` bytes each. */
  constructor(byteLength: number, limit: number) {
    this.#byteLength = byteLength
    this.#limit = limit
  }

  /** A buffer of the pool's length; its bytes are arbitrary. */
  take(): ArrayBuffer {
    return this.#free.pop() ?? new ArrayBuffer(this.#byteLength)
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#byteLength && this.#free.length < this.#limit) {
      this.#free.push(buffer)
    }
  }
}
