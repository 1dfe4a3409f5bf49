/**
 * The chunk buffers of a peer, which both of its threads share and reuse.
 *
 * At any time each belongs to the pool, the network or the store. A getter fills it, or a provider sends it, while it
 * is the network's; it is verified, written, read and kept while it is the store's. All changes of hands are here, and
 * each path ends in the pool: V8 does not count shared memory, so its collector is slow to free what is lost.
 */
import type { ChunkOutcome } from '../../store/store.ts'

type Holder = 'pool' | 'network' | 'store'

export class ChunkBuffers {
  readonly #byteLength: number
  readonly #limit: number
  readonly #free: ArrayBufferLike[] = []
  readonly #holders = new WeakMap<ArrayBufferLike, Holder>()

  /** Keeps up to `limit` free buffers of `byteLength` bytes each. */
  constructor(byteLength: number, limit: number) {
    this.#byteLength = byteLength
    this.#limit = limit
  }

  /** A buffer for the network; its bytes are arbitrary. */
  take(): ArrayBufferLike {
    const free = this.#free.pop()
    if (free !== undefined) {
      this.#pass(free, 'pool', 'network')
      return free
    }
    const made = new SharedArrayBuffer(this.#byteLength)
    this.#holders.set(made, 'network')
    return made
  }

  /** The network is done with a buffer. @throws Error when it was not the network's */
  give(buffer: ArrayBufferLike): void {
    this.#pass(buffer, 'network', 'pool')
    this.#keep(buffer)
  }

  /** As `give`, for bytes that `read` resolved with. */
  release({ buffer }: Uint8Array): void {
    if (this.#holders.has(buffer)) {
      this.give(buffer)
    }
  }

  /** Lets the store read into a buffer. @returns what it read, which is the network's until it is released */
  async read(read: (buffer: ArrayBufferLike) => Promise<Uint8Array>): Promise<Uint8Array> {
    const buffer = this.take()
    this.#pass(buffer, 'network', 'store')
    let bytes: Uint8Array | undefined
    try {
      bytes = await read(buffer)
      return bytes
    } finally {
      this.#pass(buffer, 'store', 'network')
      if (bytes?.buffer !== buffer) {
        this.give(buffer)
      }
    }
  }

  /** Lets the store write from a buffer of the network's, and takes back the buffers that it does not keep. */
  async write(
    buffer: ArrayBufferLike,
    write: (buffer: ArrayBufferLike) => Promise<ChunkOutcome>
  ): Promise<ChunkOutcome> {
    this.#pass(buffer, 'network', 'store')
    let free: readonly ArrayBufferLike[] = [buffer]
    try {
      const outcome = await write(buffer)
      free = outcome.free
      return outcome
    } finally {
      for (const given of free) {
        this.#pass(given, 'store', 'pool')
        this.#keep(given)
      }
    }
  }

  #keep(buffer: ArrayBufferLike): void {
    if (this.#free.length < this.#limit) {
      this.#free.push(buffer)
    }
  }

  #pass(buffer: ArrayBufferLike, from: Holder, to: Holder): void {
    const holder = this.#holders.get(buffer)
    if (holder !== from) {
      throw new Error(`a chunk buffer of the ${from} is in the hands of ${holder ?? 'nobody'}`)
    }
    this.#holders.set(buffer, to)
  }
}
