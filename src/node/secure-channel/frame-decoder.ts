/**
 * Parses the bytes of a connection into Yamux's frames. Data is passed on as it arrives, so only a frame's header is
 * ever kept, however long the frame claims to be.
 */
import { decodeHeader, type FrameHeader, FrameType, HEADER_BYTE_LENGTH } from './yamux-frame.ts'

export interface FrameSink {
  /** A frame begins; one without data is complete with it. The header is lent. @throws YamuxViolation */
  onHeader(header: FrameHeader): void
  /** The next bytes of the frame that began last, lent; `isLast` with the last of them. */
  onFrameData(bytes: Uint8Array, isLast: boolean): void
}

export class FrameDecoder {
  readonly #sink: FrameSink
  readonly #header: FrameHeader = { type: 0, flags: 0, streamId: 0, length: 0 }
  readonly #partialHeader = new Uint8Array(HEADER_BYTE_LENGTH)
  #headerFilled = 0
  /** How many bytes of a frame's data are still missing. */
  #left = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** @throws YamuxViolation; the decoder is unusable then */
  push(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.byteLength; ) {
      offset = this.#left > 0 ? this.#pushData(bytes, offset) : this.#pushHeader(bytes, offset)
    }
  }

  #pushHeader(bytes: Uint8Array, offset: number): number {
    const missing = HEADER_BYTE_LENGTH - this.#headerFilled
    const taken = bytes.subarray(offset, offset + missing)
    if (taken.byteLength < HEADER_BYTE_LENGTH) {
      this.#partialHeader.set(taken, this.#headerFilled)
      this.#headerFilled += taken.byteLength
      if (this.#headerFilled < HEADER_BYTE_LENGTH) {
        return bytes.byteLength
      }
    }
    decodeHeader(this.#headerFilled === 0 ? taken : this.#partialHeader, this.#header)
    this.#headerFilled = 0
    this.#left = this.#header.type === FrameType.DATA ? this.#header.length : 0
    this.#sink.onHeader(this.#header)
    return offset + taken.byteLength
  }

  #pushData(bytes: Uint8Array, offset: number): number {
    const taken = bytes.subarray(offset, offset + this.#left)
    this.#left -= taken.byteLength
    this.#sink.onFrameData(taken, this.#left === 0)
    return offset + taken.byteLength
  }
}
