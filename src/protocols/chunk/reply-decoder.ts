/**
 * Parses the bytes of a reply stream: a varint length, a header of that length, the chunk's raw bytes; and again.
 *
 * Payload bytes are copied once, from the received frame to the chunk's own buffer.
 */
import { messageOf } from '../../core/errors.ts'
import { copyTo } from '../../core/shared-copy.ts'
import { ProtocolViolation } from '../wire.ts'
import { MAX_HEADER_BYTE_LENGTH } from './constants.ts'
import { ChunkReply } from './pb/messages.ts'

export interface ChunkReplySink {
  /**
   * A header arrived. Returns the buffer for its payload, at least `reply.byteLength` bytes long.
   *
   * @throws ProtocolViolation when nothing like it was asked for
   */
  begin(reply: ChunkReply): Uint8Array
  /** The whole payload is in its buffer. */
  end(reply: ChunkReply): void
}

/** What follows: a header, or the payload of a reply. */
interface Part {
  reply: ChunkReply | undefined
  target: Uint8Array
  filled: number
}

export class ChunkReplyDecoder {
  readonly #sink: ChunkReplySink
  readonly #header = new Uint8Array(MAX_HEADER_BYTE_LENGTH)
  #part: Part | undefined

  constructor(sink: ChunkReplySink) {
    this.#sink = sink
  }

  /** Whether part of an answer has arrived and the rest is missing. */
  get isWithin(): boolean {
    return this.#part !== undefined
  }

  /** The sink's buffer for a payload is no longer available: the rest of the payload is written elsewhere. */
  leaveTarget(): void {
    const part = this.#part
    if (part?.reply !== undefined) {
      this.#part = { ...part, target: new Uint8Array(part.target.byteLength) }
    }
  }

  /** @throws ProtocolViolation */
  push(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.byteLength; ) {
      let part = this.#part
      if (part === undefined) {
        part = { reply: undefined, target: this.#headerOf(bytes[offset] ?? 0), filled: 0 }
        offset++
      }
      const taken = bytes.subarray(offset, offset + part.target.byteLength - part.filled)
      copyTo(part.target, part.filled, taken)
      part.filled += taken.byteLength
      offset += taken.byteLength
      this.#part = part.filled < part.target.byteLength ? part : this.#after(part)
    }
  }

  #headerOf(byteLength: number): Uint8Array {
    // A header fits 64 bytes, so its varint length is one byte.
    if (byteLength > MAX_HEADER_BYTE_LENGTH) {
      throw new ProtocolViolation(`a reply header of ${byteLength} bytes or more`)
    }
    return this.#header.subarray(0, byteLength)
  }

  /** What follows a part that is complete; undefined after a whole reply. */
  #after({ reply: whole, target: header }: Part): Part | undefined {
    const reply = whole ?? decode(header)
    if (whole === undefined) {
      const target = this.#sink.begin(reply)
      if (reply.byteLength > 0) {
        return { reply, target: target.subarray(0, reply.byteLength), filled: 0 }
      }
    }
    this.#sink.end(reply)
    return undefined
  }
}

function decode(header: Uint8Array): ChunkReply {
  try {
    return ChunkReply.decode(header)
  } catch (error) {
    throw new ProtocolViolation(`not a reply header: ${messageOf(error)}`)
  }
}
