/** Divides a connection's data into messages of Noise: two bytes of length, and as many of text and tag. */

import { TAG_BYTE_LENGTH } from './aead.ts'
import { BufferPool } from './buffer-pool.ts'

/** The most that is read at a time: several of the largest messages, few enough to stay in the processor's cache. */
const READ_BYTE_LENGTH = 256 * 1024

const LENGTH_BYTE_LENGTH = 2

/** Free ones. More are made while as many connections are within a message. */
const MAX_FREE_BUFFERS = 8

const pool = new BufferPool(READ_BYTE_LENGTH, MAX_FREE_BUFFERS)

/** Connections that are not within a message read into this. */
let sharedBuffer: Uint8Array | undefined

export class InboundMessages {
  readonly #onMessage: (message: Uint8Array) => boolean
  /** Holds the received part of a message; undefined between two messages. */
  #own: Uint8Array | undefined
  #filled = 0
  #isOver = false

  /** @param onMessage is lent a message for the time of the call; returns whether to go on */
  constructor(onMessage: (message: Uint8Array) => boolean) {
    this.#onMessage = onMessage
  }

  /**
   * Where to read the next bytes. All connections that are not within a message read into the same memory, so the bytes
   * have to be read, and passed to `onRead`, before anything else is read.
   */
  space(): Uint8Array {
    if (this.#filled > 0) {
      return this.#place()
    }
    // Only here, where the reader gets another place: nothing writes to it any more.
    this.#giveBack()
    sharedBuffer ??= new Uint8Array(READ_BYTE_LENGTH)
    return sharedBuffer
  }

  /** This many bytes were read into the memory from `space`. @throws Error for an invalid message */
  onRead(byteLength: number): void {
    if (this.#filled > 0) {
      this.#fill(byteLength)
    } else if (sharedBuffer !== undefined && !this.#isOver) {
      const rest = this.#cut(sharedBuffer, byteLength)
      if (rest < byteLength && !this.#isOver) {
        this.#place().set(sharedBuffer.subarray(rest, byteLength))
        this.#filled = byteLength - rest
      }
    }
  }

  /** Takes bytes from other memory. @throws Error for an invalid message */
  push(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.byteLength && !this.#isOver; ) {
      // Never into the shared memory: these may arrive while messages from there are handled.
      const place = this.#place()
      const taken = bytes.subarray(offset, offset + place.byteLength)
      place.set(taken)
      offset += taken.byteLength
      this.#fill(taken.byteLength)
    }
    if (this.#filled === 0) {
      this.#giveBack()
    }
  }

  /** The connection has ended. Its buffer is not reused: the system may still be writing to it. */
  end(): void {
    this.#isOver = true
    this.#own = undefined
    this.#filled = 0
  }

  /** @returns where the first incomplete message begins */
  #cut(buffer: Uint8Array, end: number): number {
    let at = 0
    while (end - at >= LENGTH_BYTE_LENGTH) {
      const byteLength = ((buffer[at] ?? 0) << 8) | (buffer[at + 1] ?? 0)
      const begin = at + LENGTH_BYTE_LENGTH
      if (byteLength < TAG_BYTE_LENGTH) {
        throw new Error(`an encrypted message of ${byteLength} bytes`)
      }
      if (end - begin < byteLength) {
        break
      }
      at = begin + byteLength
      if (!this.#onMessage(buffer.subarray(begin, at)) || this.#isOver) {
        return end
      }
    }
    return at
  }

  /** Right after the part of a message that is here. */
  #place(): Uint8Array {
    this.#own ??= new Uint8Array(pool.take())
    return this.#own.subarray(this.#filled)
  }

  /** This many bytes are now after that part. */
  #fill(byteLength: number): void {
    const own = this.#own
    if (own !== undefined) {
      const end = this.#filled + byteLength
      const rest = this.#cut(own, end)
      if (!this.#isOver) {
        own.copyWithin(0, rest, end)
        this.#filled = end - rest
      }
    }
  }

  #giveBack(): void {
    if (this.#own?.buffer instanceof ArrayBuffer) {
      pool.give(this.#own.buffer)
    }
    this.#own = undefined
  }
}
