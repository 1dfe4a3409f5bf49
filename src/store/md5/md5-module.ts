/**
 * What MD5 does with each block (RFC 1321 §3.4) as a WebAssembly module, generated when it is first needed: for one
 * state, and for two or three in turn.
 *
 * A block takes 64 steps, each of which needs the result of the one before, so a processor mostly waits. In that time
 * it can do the same for other data: two states in turn take as long as one, three a third longer.
 */
import { type Code, encodeModule, i32, local, PAGE_BYTE_LENGTH, repeat, type WasmFunction } from './wasm.ts'

/** The most states that are advanced in turn. */
export const LANE_COUNT = 3
export const BLOCK_BYTE_LENGTH = 64
export const STATE_WORD_COUNT = 4

const WORD_BYTE_LENGTH = 4
const BLOCK_WORD_COUNT = BLOCK_BYTE_LENGTH / WORD_BYTE_LENGTH

/** The memory starts with the lanes' states, padded to a line of the processor's cache. */
export const STATES_BYTE_LENGTH = BLOCK_BYTE_LENGTH
const STATES_ADDRESS = i32.constant(0)

/** The addresses of all lanes, and the count of blocks. */
const PARAMETER_COUNT = LANE_COUNT + 1

/** Advances the first lanes' states over `blockCount` blocks, at least one, from the lanes' addresses on. */
type Advance = (address0: number, address1: number, address2: number, blockCount: number) => void

/** For this many lanes; unused ones need an address all the same. */
export interface Md5Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  advanceOne: Advance
  advanceTwo: Advance
  advanceThree: Advance
}

/** @param byteLength the least size of the memory */
export function instantiateMd5(byteLength: number): Md5Exports {
  const functions = {
    advanceOne: advance(1),
    advanceTwo: advance(2),
    advanceThree: advance(3)
  }
  const module = new WebAssembly.Module(encodeModule(functions, Math.ceil(byteLength / PAGE_BYTE_LENGTH)))
  return new WebAssembly.Instance<Md5Exports>(module).exports
}

interface Round {
  /**
   * Adds the round's function of b, c and d to a sum. Of these b is known last, so as little as possible waits for it.
   */
  mix(sum: Code, b: Code, c: Code, d: Code): Code
  /** The rotations of its steps in bits, in turn. */
  rotations: readonly number[]
  /** The word of the block that its first step takes, and the distance to the next step's, modulo 16. */
  firstWord: number
  wordStride: number
}

const { add, and, not, or, xor } = i32

const ROUNDS: readonly Round[] = [
  {
    // (b & c) | (~b & d)
    mix: (sum, b, c, d) => add(sum, xor(d, and(b, xor(c, d)))),
    rotations: [7, 12, 17, 22],
    firstWord: 0,
    wordStride: 1
  },
  {
    // (b & d) | (c & ~d): no bit is in both, so they can be added one after the other.
    mix: (sum, b, c, d) => add(add(sum, and(c, not(d))), and(b, d)),
    rotations: [5, 9, 14, 20],
    firstWord: 1,
    wordStride: 5
  },
  {
    mix: (sum, b, c, d) => add(sum, xor(b, xor(c, d))),
    rotations: [4, 11, 16, 23],
    firstWord: 5,
    wordStride: 3
  },
  {
    mix: (sum, b, c, d) => add(sum, xor(c, or(b, not(d)))),
    rotations: [6, 10, 15, 21],
    firstWord: 0,
    wordStride: 7
  }
]

interface Step {
  mix: Round['mix']
  rotation: number
  wordIndex: number
}

const STEPS: readonly Step[] = ROUNDS.flatMap(({ mix, rotations, firstWord, wordStride }) =>
  [...rotations, ...rotations, ...rotations, ...rotations].map((rotation, index) => ({
    mix,
    rotation,
    wordIndex: (firstWord + wordStride * index) % BLOCK_WORD_COUNT
  }))
)

/** The number that a step adds: the sine of its number, counted from 1, without its sign and in units of 2^-32. */
function constantOf(stepIndex: number): number {
  return Math.floor(Math.abs(Math.sin(stepIndex + 1)) * 2 ** 32)
}

/**
 * Advances this many states, with a step of each in turn. Its parameters are the addresses, then the count of blocks.
 */
function advance(count: number): WasmFunction {
  const locals = new Locals()
  const states = indices(count).map((lane) => stateCode(lane, locals))
  const block = [
    states.map(({ begin }) => begin),
    STEPS.map((step, stepIndex) => states.map((state) => state.step(step, stepIndex))),
    states.map(({ end }) => end),
    indices(count).map((lane) => local.set(lane, add(local.get(lane), i32.constant(BLOCK_BYTE_LENGTH))))
  ]
  const body = [states.map(({ load }) => load), repeat(LANE_COUNT, block), states.map(({ store }) => store)]
  return { parameterCount: PARAMETER_COUNT, localCount: locals.count, body }
}

/** The code for a lane's state, which is in locals. */
function stateCode(lane: number, locals: Locals) {
  const words = locals.add(STATE_WORD_COUNT)
  const wordsBefore = locals.add(STATE_WORD_COUNT)
  const sum = locals.add(1)
  const eachWord = (code: (index: number, byteOffset: number) => Code): Code =>
    indices(STATE_WORD_COUNT).map((index) =>
      code(index, (lane * STATE_WORD_COUNT + index) * WORD_BYTE_LENGTH)
    )
  return {
    load: eachWord((index, byteOffset) => local.set(words + index, i32.load(STATES_ADDRESS, byteOffset))),
    store: eachWord((index, byteOffset) => i32.store(STATES_ADDRESS, byteOffset, local.get(words + index))),
    begin: eachWord((index) => local.set(wordsBefore + index, local.get(words + index))),
    end: eachWord((index) =>
      local.set(words + index, add(local.get(words + index), local.get(wordsBefore + index)))
    ),
    step: ({ mix, rotation, wordIndex }: Step, stepIndex: number): Code => {
      // The a of a step is b in the next one, b is c and so on; the locals stay in place.
      const place = (index: number) => words + ((index + 3 * stepIndex) % STATE_WORD_COUNT)
      const word = (index: number) => local.get(place(index))
      const early = add(
        add(word(0), i32.constant(constantOf(stepIndex))),
        i32.load(local.get(lane), wordIndex * WORD_BYTE_LENGTH)
      )
      return [
        local.set(sum, mix(early, word(1), word(2), word(3))),
        local.set(place(0), add(word(1), i32.rotateLeft(local.get(sum), rotation)))
      ]
    }
  }
}

/** The locals of a function; its parameters come first. */
class Locals {
  count = 0

  /** @returns the first of this many in succession */
  add(count: number): number {
    const first = PARAMETER_COUNT + this.count
    this.count += count
    return first
  }
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
