/** The memory and the functions with which a thread computes MD5s: up to three states side by side. */
import {
  BLOCK_BYTE_LENGTH,
  instantiateMd5,
  LANE_COUNT,
  type Md5Exports,
  STATE_WORD_COUNT,
  STATES_BYTE_LENGTH
} from './md5-module.ts'

/** A chunk of the usual length. Three are less than a MiB, which a processor's second-level cache may hold. */
export const SLOT_BYTE_LENGTH = 256 * 1024

/**
 * Bytes outside a slot are copied in by pieces of this length: with 4 KiB, or 8, it takes a tenth longer when they are
 * in no cache yet.
 */
const PIECE_BYTE_LENGTH = 16 * 1024

/**
 * One cache line more than needed, so that blocks at the same place of each lane's slot do not compete for the same
 * place in a cache.
 */
const LANE_BYTE_STRIDE = SLOT_BYTE_LENGTH + PIECE_BYTE_LENGTH + BLOCK_BYTE_LENGTH

/** A state and the blocks to advance it over. */
export interface Lane {
  state: Uint32Array
  /** From their start; there may be more of them than are used. */
  blocks: Uint8Array
}

/** WebAssembly's functions and their memory; the memory alone if they are not available. */
type Made = Pick<Md5Exports, 'memory'> & Partial<Md5Exports>

/**
 * The process has no room for WebAssembly: V8 reserves 10 GiB of addresses, which `ulimit -v` and some containers
 * refuse.
 */
export function plainMd5(byteLength: number): Made {
  return { memory: { buffer: new ArrayBuffer(byteLength) } }
}

function makeMd5(byteLength: number): Made {
  try {
    return instantiateMd5(byteLength)
  } catch {
    return plainMd5(byteLength)
  }
}

export class Md5Lanes {
  readonly #exports: Made
  readonly #memory: Uint8Array<ArrayBuffer>
  readonly #states: Uint32Array

  constructor(make: (byteLength: number) => Made = makeMd5) {
    this.#exports = make(STATES_BYTE_LENGTH + LANE_COUNT * LANE_BYTE_STRIDE)
    const { buffer } = this.#exports.memory
    this.#memory = new Uint8Array(buffer)
    this.#states = new Uint32Array(buffer, 0, STATE_WORD_COUNT * LANE_COUNT)
  }

  /** Whether there are slots, but nothing to advance states with. */
  get isPlain(): boolean {
    return this.#exports.advanceOne === undefined
  }

  /**
   * Bytes to read into that are hashed in place. A slot is the same memory each time, and only the caller that asks for
   * it writes to it.
   *
   * @param index below `LANE_COUNT`
   * @param byteLength up to `SLOT_BYTE_LENGTH`
   */
  slot(index: number, byteLength: number): Uint8Array<ArrayBuffer> {
    if (index < 0 || index >= LANE_COUNT || byteLength > SLOT_BYTE_LENGTH) {
      throw new RangeError(`There is no slot ${index} of ${byteLength} bytes`)
    }
    const byteOffset = slotByteOffset(index)
    return this.#memory.subarray(byteOffset, byteOffset + byteLength)
  }

  /** Advances up to `LANE_COUNT` different states, each over the same number of blocks. */
  advance(lanes: readonly Lane[], blockCount: number): void {
    const inPlace = lanes.every(({ blocks }) => blocks.buffer === this.#memory.buffer)
    const pieceBlockCount = inPlace ? blockCount : PIECE_BYTE_LENGTH / BLOCK_BYTE_LENGTH
    for (const [lane, { state }] of lanes.entries()) {
      for (const [index, word] of state.entries()) {
        this.#states[lane * STATE_WORD_COUNT + index] = word
      }
    }
    for (let first = 0; first < blockCount; first += pieceBlockCount) {
      const count = Math.min(pieceBlockCount, blockCount - first)
      const addresses = lanes.map(({ blocks }, lane) => this.#addressOf(lane, blocks, first, count))
      this.#run(addresses, count)
    }
    for (const [lane, { state }] of lanes.entries()) {
      for (const index of state.keys()) {
        state[index] = this.#states[lane * STATE_WORD_COUNT + index] ?? 0
      }
    }
  }

  /** The address of the blocks, or of a copy of them. */
  #addressOf(lane: number, blocks: Uint8Array, first: number, count: number): number {
    const byteOffset = first * BLOCK_BYTE_LENGTH
    if (blocks.buffer === this.#memory.buffer) {
      return blocks.byteOffset + byteOffset
    }
    const address = slotByteOffset(lane) + SLOT_BYTE_LENGTH
    this.#memory.set(blocks.subarray(byteOffset, byteOffset + count * BLOCK_BYTE_LENGTH), address)
    return address
  }

  #run(addresses: readonly number[], blockCount: number): void {
    const [first = 0, second = first, third = first] = addresses
    const { advanceOne, advanceTwo, advanceThree } = this.#exports
    const advance = [advanceOne, advanceTwo, advanceThree][addresses.length - 1]
    advance?.(first, second, third, blockCount)
  }
}

function slotByteOffset(lane: number): number {
  return STATES_BYTE_LENGTH + lane * LANE_BYTE_STRIDE
}
