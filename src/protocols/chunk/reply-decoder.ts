/**
 * Takes the bytes of a reply stream apart: a varint length, a header of that length, the chunk's raw bytes; and again.
 *
 * Payload bytes are copied once, from the frame that they came in to the chunk's own buffer.
 */
import { messageOf } from '../../core/errors.ts'
import { ProtocolViolation } from '../wire.ts'
import { MAX_HEADER_BYTE_LENGTH } from './constants.ts'
import { ChunkReply } from './pb/messages.ts'

export interface ChunkReplySink {
  /**
   * A header came. Returns where its payload belongs, at least `reply.byteLength` bytes long.
   *
   * @throws ProtocolViolation when nothing like it was asked for
   */
  begin(reply: ChunkReply): Uint8Array
  /** All bytes of the payload are in their place. */
  end(reply: ChunkReply): void
}

export class ChunkReplyDecoder {
  readonly #sink: ChunkReplySink
  readonly #header = new Uint8Array(MAX_HEADER_BYTE_LENGTH)
  /** Bytes of the header that are here; its length once the prefix is here. */
  #headerFilled = 0
  #headerByteLength: number | undefined
  #payload: { reply: ChunkReply; target: Uint8Array; filled: number } | undefined

  constructor(sink: ChunkReplySink) {
    this.#sink = sink
  }

  /** Whether an answer has begun to come and is not all here. */
  get isWithin(): boolean {
    return this.#payload !== undefined || this.#headerByteLength !== undefined
  }

  /** @throws ProtocolViolation */
  push(bytes: Uint8Array): void {
    let offset = 0
    while (offset < bytes.byteLength) {
      offset =
        this.#payload === undefined ? this.#pushHeader(bytes, offset) : this.#pushPayload(bytes, offset)
    }
  }

  #pushHeader(bytes: Uint8Array, offset: number): number {
    if (this.#headerByteLength === undefined) {
      const byteLength = bytes[offset] ?? 0
      // A header fits 32 bytes, so its varint length is one byte.
      if (byteLength > MAX_HEADER_BYTE_LENGTH) {
        throw new ProtocolViolation(`a reply header of ${byteLength} bytes or more`)
      }
      this.#headerByteLength = byteLength
      this.#headerFilled = 0
      if (byteLength > 0) {
        return offset + 1
      }
      this.#begin(0)
      return offset + 1
    }
    const taken = bytes.subarray(offset, offset + this.#headerByteLength - this.#headerFilled)
    this.#header.set(taken, this.#headerFilled)
    this.#headerFilled += taken.byteLength
    if (this.#headerFilled === this.#headerByteLength) {
      this.#begin(this.#headerByteLength)
    }
    return offset + taken.byteLength
  }

  #begin(headerByteLength: number): void {
    let reply: ChunkReply
    try {
      reply = ChunkReply.decode(this.#header.subarray(0, headerByteLength))
    } catch (error) {
      throw new ProtocolViolation(`not a reply header: ${messageOf(error)}`)
    }
    this.#headerByteLength = undefined
    const target = this.#sink.begin(reply)
    if (reply.byteLength === 0) {
      this.#sink.end(reply)
      return
    }
    this.#payload = { reply, target, filled: 0 }
  }

  #pushPayload(bytes: Uint8Array, offset: number): number {
    const payload = this.#payload
    if (payload === undefined) {
      return offset
    }
    const taken = bytes.subarray(offset, offset + payload.reply.byteLength - payload.filled)
    payload.target.set(taken, payload.filled)
    payload.filled += taken.byteLength
    if (payload.filled === payload.reply.byteLength) {
      this.#payload = undefined
      this.#sink.end(payload.reply)
    }
    return offset + taken.byteLength
  }
}
