/**
 * What MD5 does with each block (RFC 1321 §3.4) as a WebAssembly module, made when it is called for: for one state, for
 * two in turn, and for four in the lanes of SIMD.
 *
 * A block takes 64 steps of which each needs the result of the one before, so that a processor mostly waits. In that
 * time it can do the same for other data: two states in turn take an eighth longer than one, and four in lanes take a
 * quarter longer, since lanes have no rotation.
 */
import {
  type Arithmetic,
  type Code,
  encodeModule,
  i32,
  i32x4,
  local,
  PAGE_BYTE_LENGTH,
  repeat,
  shuffle,
  type ValueType,
  type WasmFunction
} from './wasm.ts'

export const LANE_COUNT = 4
export const BLOCK_BYTE_LENGTH = 64
export const STATE_WORD_COUNT = 4

const WORD_BYTE_LENGTH = 4
const VECTOR_BYTE_LENGTH = LANE_COUNT * WORD_BYTE_LENGTH
const BLOCK_WORD_COUNT = BLOCK_BYTE_LENGTH / WORD_BYTE_LENGTH

/** The memory starts with the states: word 0 of each lane, word 1 of each lane, and so on. */
export const STATES_BYTE_LENGTH = STATE_WORD_COUNT * VECTOR_BYTE_LENGTH
const STATES_ADDRESS = i32.constant(0)

/** The addresses of all lanes, and the count of blocks. */
const PARAMETER_COUNT = LANE_COUNT + 1

/** Advances the first lanes' states over `blockCount` blocks, at least one, from the lanes' addresses on. */
type Advance = (
  address0: number,
  address1: number,
  address2: number,
  address3: number,
  blockCount: number
) => void

/** For so many lanes; those that are not in use need an address all the same. */
export interface Md5Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  advanceOne: Advance
  advanceTwo: Advance
  advanceFour: Advance
}

/** @param byteLength what the memory has at least */
export function instantiateMd5(byteLength: number): Md5Exports {
  const functions = {
    advanceOne: advanceInTurn(1),
    advanceTwo: advanceInTurn(2),
    advanceFour: advanceLanes()
  }
  const module = new WebAssembly.Module(encodeModule(functions, Math.ceil(byteLength / PAGE_BYTE_LENGTH)))
  return new WebAssembly.Instance<Md5Exports>(module).exports
}

interface Round {
  /** Adds the round's function of b, c and d to a sum. Of these b is known last: as little as can be waits for it. */
  mix(arithmetic: Arithmetic, sum: Code, b: Code, c: Code, d: Code): Code
  /** By how many bits its steps rotate, in turn. */
  rotations: readonly number[]
  /** Which word of the block its first step takes, and how far on the next one's is, modulo 16. */
  firstWord: number
  wordStride: number
}

const ROUNDS: readonly Round[] = [
  {
    // (b & c) | (~b & d)
    mix: ({ add, and, xor }, sum, b, c, d) => add(sum, xor(d, and(b, xor(c, d)))),
    rotations: [7, 12, 17, 22],
    firstWord: 0,
    wordStride: 1
  },
  {
    // (b & d) | (c & ~d): no bit is in both, so they can be added one after the other.
    mix: ({ add, and, not }, sum, b, c, d) => add(add(sum, and(c, not(d))), and(b, d)),
    rotations: [5, 9, 14, 20],
    firstWord: 1,
    wordStride: 5
  },
  {
    mix: ({ add, xor }, sum, b, c, d) => add(sum, xor(b, xor(c, d))),
    rotations: [4, 11, 16, 23],
    firstWord: 5,
    wordStride: 3
  },
  {
    mix: ({ add, not, or, xor }, sum, b, c, d) => add(sum, xor(c, or(b, not(d)))),
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

/** What a step adds: the sine of its number, counted from 1, without its sign and in units of 2^-32. */
function constantOf(stepIndex: number): number {
  return Math.floor(Math.abs(Math.sin(stepIndex + 1)) * 2 ** 32)
}

/** One state, or those of all lanes, and the words of the block that comes next. */
interface Stream {
  arithmetic: Arithmetic
  stateByteOffset: number
  /** Done before the steps of each block. */
  prepare: Code
  wordAt(index: number): Code
}

/** For one state, or for several with a step of each in turn. */
function advanceInTurn(count: number): WasmFunction {
  const streams = indices(count).map((lane) => ({
    arithmetic: i32,
    stateByteOffset: lane * WORD_BYTE_LENGTH,
    prepare: [],
    wordAt: (index: number) => i32.load(local.get(lane), index * WORD_BYTE_LENGTH)
  }))
  return advance(streams, new Locals())
}

function advanceLanes(): WasmFunction {
  const locals = new Locals()
  const rows = locals.add(i32x4.type, LANE_COUNT)
  const words = locals.add(i32x4.type, BLOCK_WORD_COUNT)
  const stream = {
    arithmetic: i32x4,
    stateByteOffset: 0,
    prepare: indices(BLOCK_WORD_COUNT / LANE_COUNT).map((part) =>
      transpose(part * VECTOR_BYTE_LENGTH, rows, words + part * LANE_COUNT)
    ),
    wordAt: (index: number) => local.get(words + index)
  }
  return advance([stream], locals)
}

/** Reads four words of each lane's block, and makes of them the first word of all lanes, the second of all, and so on. */
function transpose(byteOffset: number, rows: number, words: number): Code {
  const row = (index: number) => local.get(rows + index)
  const word = (index: number) => local.get(words + index)
  return [
    indices(LANE_COUNT).map((lane) => local.set(rows + lane, i32x4.load(local.get(lane), byteOffset))),
    // Two lanes' words 0 and 1, the other two's; two lanes' words 2 and 3, the other two's.
    local.set(words, shuffle(row(0), row(1), [0, 4, 1, 5])),
    local.set(words + 1, shuffle(row(2), row(3), [0, 4, 1, 5])),
    local.set(words + 2, shuffle(row(0), row(1), [2, 6, 3, 7])),
    local.set(words + 3, shuffle(row(2), row(3), [2, 6, 3, 7])),
    local.set(rows, shuffle(word(0), word(1), [0, 1, 4, 5])),
    local.set(rows + 1, shuffle(word(0), word(1), [2, 3, 6, 7])),
    local.set(rows + 2, shuffle(word(2), word(3), [0, 1, 4, 5])),
    local.set(rows + 3, shuffle(word(2), word(3), [2, 3, 6, 7])),
    indices(LANE_COUNT).map((index) => local.set(words + index, row(index)))
  ]
}

/** The whole function. Its parameters are the addresses, then the count of blocks. */
function advance(streams: readonly Stream[], locals: Locals): WasmFunction {
  const states = streams.map((stream) => stateCode(stream, locals))
  const block = [
    states.map(({ begin }) => begin),
    STEPS.map((step, stepIndex) => states.map((state) => state.step(step, stepIndex))),
    states.map(({ end }) => end),
    indices(LANE_COUNT).map((lane) =>
      local.set(lane, i32.add(local.get(lane), i32.constant(BLOCK_BYTE_LENGTH)))
    )
  ]
  const body = [states.map(({ load }) => load), repeat(LANE_COUNT, block), states.map(({ store }) => store)]
  return { parameterCount: PARAMETER_COUNT, localTypes: locals.types, body }
}

/** The code for a stream's state, which is in locals. */
function stateCode({ arithmetic, stateByteOffset, prepare, wordAt }: Stream, locals: Locals) {
  const words = locals.add(arithmetic.type, STATE_WORD_COUNT)
  const wordsBefore = locals.add(arithmetic.type, STATE_WORD_COUNT)
  const sum = locals.add(arithmetic.type, 1)
  const eachWord = (code: (index: number, byteOffset: number) => Code): Code =>
    indices(STATE_WORD_COUNT).map((index) => code(index, stateByteOffset + index * VECTOR_BYTE_LENGTH))
  return {
    load: eachWord((index, byteOffset) =>
      local.set(words + index, arithmetic.load(STATES_ADDRESS, byteOffset))
    ),
    store: eachWord((index, byteOffset) =>
      arithmetic.store(STATES_ADDRESS, byteOffset, local.get(words + index))
    ),
    begin: [eachWord((index) => local.set(wordsBefore + index, local.get(words + index))), prepare],
    end: eachWord((index) =>
      local.set(words + index, arithmetic.add(local.get(words + index), local.get(wordsBefore + index)))
    ),
    step: ({ mix, rotation, wordIndex }: Step, stepIndex: number): Code => {
      // What was a is b in the next step, b is c and so on; the locals stay where they are.
      const place = (index: number) => words + ((index + 3 * stepIndex) % STATE_WORD_COUNT)
      const [a, b, c, d] = [
        local.get(place(0)),
        local.get(place(1)),
        local.get(place(2)),
        local.get(place(3))
      ]
      const early = arithmetic.add(
        arithmetic.add(a, arithmetic.constant(constantOf(stepIndex))),
        wordAt(wordIndex)
      )
      return [
        local.set(sum, mix(arithmetic, early, b, c, d)),
        local.set(place(0), arithmetic.addRotated(b, local.get(sum), rotation))
      ]
    }
  }
}

/** The locals of a function; its parameters come first. */
class Locals {
  readonly types: ValueType[] = []

  /** @returns the first of so many in succession */
  add(type: ValueType, count: number): number {
    const first = PARAMETER_COUNT + this.types.length
    this.types.push(...indices(count).map(() => type))
    return first
  }
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
