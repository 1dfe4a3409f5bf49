import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PERIOD_MS, UnsentLimit, unsentLimitOf } from '#potluck/node/sockets/unsent-limit.js'

const KIB = 1024
const MIB = 1024 * KIB
const FIRST = 128 * KIB

/** The limits after each period in which the socket took so many bytes, and was held up or not. */
function limits(...periods: [byteLength: number, isHeldUp: boolean][]): number[] {
  const limit = new UnsentLimit({ takenByteLength: 0, isHeldUp: false }, 0)
  let takenByteLength = 0
  return periods.map(([byteLength, isHeldUp], index) => {
    takenByteLength += byteLength
    const before = limit.byteLength
    const changed = limit.update({ takenByteLength, isHeldUp }, (index + 1) * PERIOD_MS)
    assert.equal(changed, limit.byteLength !== before)
    return limit.byteLength
  })
}

/** In one period. */
function at(bytesPerSecond: number): [number, boolean] {
  return [(bytesPerSecond * PERIOD_MS) / 1000, true]
}

describe('how much may wait unsent', () => {
  for (const [what, bytesPerSecond, expected] of [
    ['what it begins with, before anything is known', [], FIRST],
    ['50 ms of the rate', [4e6], 200_000],
    ['50 ms of the fastest rate', [1e6, 40e6, 2e6], 2_000_000],
    ['whole bytes', [1_333_333], 66_667],
    ['no less than a slow link needs', [100_000], 64 * KIB],
    ['no less for a link that stands still', [0, 0], 64 * KIB],
    ['no more than a buffer grows to', [10e9], 4 * MIB]
  ] satisfies [string, number[], number][]) {
    it(`is ${what}`, () => {
      assert.equal(unsentLimitOf(bytesPerSecond), expected)
    })
  }

  it('grows in one period, and shrinks when the last fast one is four periods ago', () => {
    const [fast, slow] = [at(40e6), at(2e6)]
    assert.deepEqual(limits(fast, slow, slow, slow, slow), [2e6, 2e6, 2e6, 2e6, 100_000])
  })

  it('stays where it is for a change of a quarter or less', () => {
    assert.deepEqual(limits(at(8e6), at(9.9e6), at(10.1e6)), [400_000, 400_000, 505_000])
  })

  it('is not changed by a period in which there was nothing much to send', () => {
    assert.deepEqual(limits([0, false], [FIRST - 1, false], at(40e6), [0, false]), [FIRST, FIRST, 2e6, 2e6])
  })

  it('is short for a link that is slower than the little there is to send', () => {
    assert.deepEqual(limits([10_000, true]), [64 * KIB])
  })

  it('is taken from the time that has passed, however late it is looked at', () => {
    const limit = new UnsentLimit({ takenByteLength: 5000, isHeldUp: false }, 1000)
    assert.equal(limit.update({ takenByteLength: 8_005_000, isHeldUp: true }, 3000), true)
    assert.equal(limit.byteLength, 200_000)
  })

  it('waits for the next period when too little time has passed to tell', () => {
    const limit = new UnsentLimit({ takenByteLength: 0, isHeldUp: false }, 0)
    assert.equal(limit.update({ takenByteLength: 1e6, isHeldUp: true }, 10), false)
    assert.equal(limit.update({ takenByteLength: 2e6, isHeldUp: true }, PERIOD_MS), true)
    assert.equal(limit.byteLength, 200_000)
  })
})
