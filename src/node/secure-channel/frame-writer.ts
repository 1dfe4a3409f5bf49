/**
 * Sends Yamux's frames over a secure channel. Small frames of one turn of the event loop leave together, at its end or
 * earlier with a large one, as `small-frames.ts` does for the muxer of @chainsafe/libp2p-yamux.
 *
 * Small data is copied, so no call refers to the caller's memory once it returns.
 */

import { MAX_UNTAKEN_BYTE_LENGTH, MAX_WAITING_BYTE_LENGTH, SMALL_BYTE_LENGTH } from '../host/small-frames.ts'
import { BufferPool } from './buffer-pool.ts'
import type { SecureChannel } from './secure-channel.ts'
import { encodeHeader, Flag, type FrameHeader, FrameType, HEADER_BYTE_LENGTH } from './yamux-frame.ts'

/** The waiting frames, one more small frame, and the header of a large one. */
const WAITING_BYTE_LENGTH = MAX_WAITING_BYTE_LENGTH + SMALL_BYTE_LENGTH + HEADER_BYTE_LENGTH

/** Free ones. More are made while as many connections have waiting frames in one turn. */
const MAX_FREE_BUFFERS = 16

const pool = new BufferPool(WAITING_BYTE_LENGTH, MAX_FREE_BUFFERS)

const NO_DATA: readonly Uint8Array[] = []

export class FrameWriter {
  readonly #channel: SecureChannel
  #waiting: Uint8Array<ArrayBuffer> | undefined
  #waitingByteLength = 0
  #timer: NodeJS.Immediate | undefined
  /** Small frames since the other side last accepted data. */
  #untaken = 0

  constructor(channel: SecureChannel) {
    this.#channel = channel
  }

  /**
   * @param data of the `length` in the header; the caller's again when the call returns
   * @returns whether the channel accepts more before its next `drain`
   * @throws StreamStateError when the channel is closed
   */
  write(header: FrameHeader, data: Iterable<Uint8Array> = NO_DATA): boolean {
    const channel = this.#channel
    const isOver = channel.status !== 'open' && channel.status !== 'closing'
    if (isOver && header.type === FrameType.GO_AWAY) {
      // Streams end within an abort, and their listeners may abort as well: the outer call then comes too late.
      return false
    }
    const byteLength = HEADER_BYTE_LENGTH + (header.type === FrameType.DATA ? header.length : 0)
    if (!channel.writableNeedsDrain) {
      this.#untaken = 0
    }
    if (byteLength > SMALL_BYTE_LENGTH) {
      this.#append(header, NO_DATA)
      return this.#flushWith(data, header.length)
    }
    this.#untaken += channel.writableNeedsDrain ? byteLength : 0
    if (this.#untaken > MAX_UNTAKEN_BYTE_LENGTH && header.type !== FrameType.GO_AWAY) {
      this.end()
      channel.abort(new Error('it reads nothing that is sent to it'))
      return false
    }
    this.#append(header, data)
    const mayWait = channel.status === 'open' && !isEnd(header)
    if (mayWait && this.#waitingByteLength < MAX_WAITING_BYTE_LENGTH) {
      this.#timer ??= setImmediate(this.#flush)
      return !channel.writableNeedsDrain
    }
    return this.#flushWith(NO_DATA, 0)
  }

  /** Drops the waiting frames. */
  end(): void {
    clearImmediate(this.#timer)
    this.#timer = undefined
    this.#waitingByteLength = 0
    if (this.#waiting !== undefined) {
      pool.give(this.#waiting.buffer)
      this.#waiting = undefined
    }
  }

  readonly #flush = (): void => {
    try {
      this.#flushWith(NO_DATA, 0)
    } catch {
      // The channel has ended; its end tells everyone that uses it.
    }
  }

  /** Sends the waiting frames, and the data after them. */
  #flushWith(data: Iterable<Uint8Array>, dataByteLength: number): boolean {
    const waiting = this.#waiting?.subarray(0, this.#waitingByteLength)
    try {
      return waiting === undefined
        ? !this.#channel.writableNeedsDrain
        : this.#channel.write([waiting, ...data], waiting.byteLength + dataByteLength)
    } finally {
      this.end()
    }
  }

  #append(header: FrameHeader, data: Iterable<Uint8Array>): void {
    this.#waiting ??= new Uint8Array(pool.take())
    const begin = this.#waitingByteLength
    encodeHeader(header, this.#waiting.subarray(begin))
    this.#waitingByteLength += HEADER_BYTE_LENGTH
    for (const bytes of data) {
      this.#waiting.set(bytes, this.#waitingByteLength)
      this.#waitingByteLength += bytes.byteLength
    }
  }
}

/**
 * Whether the frame ends a stream or the connection: it must be out before the socket closes. After a reset no one
 * waits for earlier data.
 */
function isEnd({ type, flags }: FrameHeader): boolean {
  return type === FrameType.GO_AWAY || (flags & Flag.FIN) !== 0
}
