/**
 * MD5's blocks without WebAssembly, behind the same face, for processes that have no room for its memory: V8 reserves
 * 10 GiB of addresses for each, which `ulimit -v` and some containers refuse. Several times slower.
 */
import {
  BLOCK_BYTE_LENGTH,
  constantOf,
  instantiateMd5,
  LANE_COUNT,
  type Md5Exports,
  STATE_WORD_COUNT,
  STEPS
} from './md5-module.ts'

const BLOCK_WORD_COUNT = 16

const ADDENDS = Int32Array.from(STEPS, (_, index) => constantOf(index))
const ROTATIONS = Uint8Array.from(STEPS, ({ rotation }) => rotation)
const WORD_INDICES = Uint8Array.from(STEPS, ({ wordIndex }) => wordIndex)

/** With WebAssembly where it can be had, as SIMD or at all. @param byteLength what the memory has at least */
export function makeMd5(byteLength: number): Md5Exports {
  try {
    return instantiateMd5(byteLength)
  } catch {
    return plainMd5(byteLength)
  }
}

export function plainMd5(byteLength: number): Md5Exports {
  const buffer = new ArrayBuffer(byteLength)
  const view = new DataView(buffer)
  const states = new Int32Array(buffer, 0, STATE_WORD_COUNT * LANE_COUNT)
  const words = new Int32Array(BLOCK_WORD_COUNT)
  const advance = (addresses: readonly number[], blockCount: number): void => {
    for (const [lane, address] of addresses.entries()) {
      for (let block = 0; block < blockCount; block++) {
        for (let index = 0; index < BLOCK_WORD_COUNT; index++) {
          words[index] = view.getInt32(address + block * BLOCK_BYTE_LENGTH + index * 4, true)
        }
        addBlock(states, lane, words)
      }
    }
  }
  return {
    memory: { buffer },
    advanceOne: (address, blockCount) => advance([address], blockCount),
    advanceTwo: (address0, address1, blockCount) => advance([address0, address1], blockCount),
    advanceFour: (address0, address1, address2, address3, blockCount) =>
      advance([address0, address1, address2, address3], blockCount)
  }
}

/** RFC 1321 §3.4. Word `index` of a lane's state is at `index * LANE_COUNT + lane`. */
function addBlock(states: Int32Array, lane: number, words: Int32Array): void {
  let a = states[lane] ?? 0
  let b = states[LANE_COUNT + lane] ?? 0
  let c = states[2 * LANE_COUNT + lane] ?? 0
  let d = states[3 * LANE_COUNT + lane] ?? 0
  const before = [a, b, c, d]
  for (let step = 0; step < STEPS.length; step++) {
    const word = words[WORD_INDICES[step] ?? 0] ?? 0
    const sum = (a + mixOf(step, b, c, d) + (ADDENDS[step] ?? 0) + word) | 0
    const rotation = ROTATIONS[step] ?? 0
    a = d
    d = c
    c = b
    b = (b + ((sum << rotation) | (sum >>> (32 - rotation)))) | 0
  }
  for (const [index, word] of [a, b, c, d].entries()) {
    states[index * LANE_COUNT + lane] = word + (before[index] ?? 0)
  }
}

function mixOf(step: number, b: number, c: number, d: number): number {
  if (step < 16) {
    return d ^ (b & (c ^ d))
  }
  if (step < 32) {
    return c ^ (d & (b ^ c))
  }
  return step < 48 ? b ^ c ^ d : c ^ (b | ~d)
}
