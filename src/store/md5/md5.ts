/**
 * MD5 of several files at once. One alone takes as long as with OpenSSL or a little less; two or three at once take
 * half of that each, or less.
 */
import { createHash, type Hash } from 'node:crypto'
import type { Md5Lanes } from './md5-lanes.ts'
import { BLOCK_BYTE_LENGTH, LANE_COUNT } from './md5-module.ts'

/** RFC 1321 §3.3, the lower bytes of each word first. */
const INITIAL_STATE = Uint8Array.of(
  ...[0x01, 0x23, 0x45, 0x67],
  ...[0x89, 0xab, 0xcd, 0xef],
  ...[0xfe, 0xdc, 0xba, 0x98],
  ...[0x76, 0x54, 0x32, 0x10]
)

/** Of the bit count that ends the last block. */
const BIT_COUNT_BYTE_LENGTH = 8

export interface Md5Input {
  md5: Md5
  /** Any number of bytes. Those in a slot of the `Md5Lanes` are not copied. */
  bytes: Uint8Array
}

/** The MD5 of the bytes taken so far. */
export class Md5 {
  readonly #lanes: Md5Lanes
  readonly #state = new Uint32Array(INITIAL_STATE.slice().buffer)
  /** Starts with the bytes after the last whole block. */
  readonly #block = new Uint8Array(BLOCK_BYTE_LENGTH)
  #byteLength = 0
  /** Computes it without WebAssembly. */
  readonly #plain: Hash | undefined

  constructor(lanes: Md5Lanes) {
    this.#lanes = lanes
    this.#plain = lanes.isPlain ? createHash('md5') : undefined
  }

  /**
   * Lets each MD5 take its bytes; up to three that continue are computed side by side.
   *
   * @throws RangeError when two of them are the same one
   */
  static updateTogether(inputs: readonly Md5Input[]): void {
    const [first] = inputs
    if (first === undefined) {
      return
    }
    const lanes = first.md5.#lanes
    if (new Set(inputs.map(({ md5 }) => md5)).size < inputs.length) {
      throw new RangeError('An MD5 takes one input at a time')
    }
    if (lanes.isPlain) {
      for (const { md5, bytes } of inputs) {
        md5.#plain?.update(bytes)
      }
      return
    }
    const streams = inputs.map(({ md5, bytes }) => ({
      md5,
      state: md5.#state,
      blocks: md5.#completeBlock(bytes)
    }))
    for (;;) {
      const side = streams.filter(({ blocks }) => blocks.byteLength >= BLOCK_BYTE_LENGTH).slice(0, LANE_COUNT)
      if (side.length === 0) {
        break
      }
      const blockCount = Math.min(...side.map(({ blocks }) => wholeBlocks(blocks)))
      lanes.advance(side, blockCount)
      for (const stream of side) {
        stream.blocks = stream.blocks.subarray(blockCount * BLOCK_BYTE_LENGTH)
      }
    }
    for (const { md5, blocks } of streams) {
      md5.#block.set(blocks)
    }
  }

  update(bytes: Uint8Array): void {
    Md5.updateTogether([{ md5: this, bytes }])
  }

  /** Lower-case hexadecimal. More bytes can be taken after it. */
  digest(): string {
    if (this.#plain !== undefined) {
      return this.#plain.copy().digest('hex')
    }
    const filled = this.#byteLength % BLOCK_BYTE_LENGTH
    const fits = filled < BLOCK_BYTE_LENGTH - BIT_COUNT_BYTE_LENGTH
    const end = new Uint8Array(fits ? BLOCK_BYTE_LENGTH : 2 * BLOCK_BYTE_LENGTH)
    end.set(this.#block.subarray(0, filled))
    end[filled] = 0x80
    const bitCount = BigInt(this.#byteLength) * 8n
    new DataView(end.buffer).setBigUint64(end.byteLength - BIT_COUNT_BYTE_LENGTH, bitCount, true)
    const state = this.#state.slice()
    this.#lanes.advance([{ state, blocks: end }], wholeBlocks(end))
    return Buffer.from(state.buffer).toString('hex')
  }

  /** Takes the bytes that complete a block that was begun, if one was. @returns the bytes after that */
  #completeBlock(bytes: Uint8Array): Uint8Array {
    const filled = this.#byteLength % BLOCK_BYTE_LENGTH
    this.#byteLength += bytes.byteLength
    if (filled === 0) {
      return bytes
    }
    const head = bytes.subarray(0, BLOCK_BYTE_LENGTH - filled)
    this.#block.set(head, filled)
    if (filled + head.byteLength === BLOCK_BYTE_LENGTH) {
      this.#lanes.advance([{ state: this.#state, blocks: this.#block }], 1)
    }
    return bytes.subarray(head.byteLength)
  }
}

function wholeBlocks(bytes: Uint8Array): number {
  return Math.floor(bytes.byteLength / BLOCK_BYTE_LENGTH)
}
