/** The limit of bytes per second, on a clock that goes on when it is told to. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RateLimit } from '#potluck/node/sockets/rate-limit.js'
import { fc } from '../../fixtures/properties.js'

/** What may be caught up; stated beside the limit. */
const CATCH_UP_MS = 250

const MBIT = 125_000

interface Passed {
  atMs: number
  byteLength: number
}

/** From 0.5 Mbit/s to 10 Gbit/s. */
const rate = fc.double({ min: 0.5, max: 10_000, noNaN: true }).map((mbits) => mbits * MBIT)

/** The time until the next call: a millisecond as a rule, and now and then much more. */
const pauses = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.double({ min: 0.05, max: 2, noNaN: true }) },
    fc.nat(200),
    fc.nat(3000)
  ),
  { minLength: 1, maxLength: 60 }
)

/** Passes all that is free to pass at this time. */
function passAll(limit: RateLimit, nowMs: number): Passed {
  let byteLength = 0
  while (limit.freeAtMs <= nowMs) {
    limit.reserve(limit.pieceByteLength, nowMs)
    byteLength += limit.pieceByteLength
  }
  return { atMs: nowMs, byteLength }
}

/** The most that passed within a time, beyond what is allowed for it. */
function worstExcess(
  passed: readonly Passed[],
  allowed: (fromMs: number, untilMs: number) => number
): number {
  let worst = Number.NEGATIVE_INFINITY
  for (const [first, { atMs: fromMs }] of passed.entries()) {
    let bytes = 0
    for (const { atMs, byteLength } of passed.slice(first)) {
      bytes += byteLength
      worst = Math.max(worst, bytes - allowed(fromMs, atMs))
    }
  }
  return worst
}

describe('a limit of bytes per second', () => {
  it('is kept over any time, but for what is caught up and one piece, however late and after whatever pause', () => {
    fc.assert(
      fc.property(rate, pauses, (bytesPerSecond, waits) => {
        const limit = new RateLimit()
        limit.set(bytesPerSecond, 0)
        const passed: Passed[] = []
        let nowMs = 0
        for (const waitMs of waits) {
          nowMs += waitMs
          passed.push(passAll(limit, nowMs))
        }
        const allowed = (fromMs: number, untilMs: number): number =>
          (bytesPerSecond * (untilMs - fromMs + CATCH_UP_MS)) / 1000 + limit.pieceByteLength
        assert.ok(worstExcess(passed, allowed) <= 1)
      })
    )
  })

  it('lets pass 5 % more in the second after a pause at the most', () => {
    fc.assert(
      fc.property(rate, (bytesPerSecond) => {
        const limit = new RateLimit()
        limit.set(bytesPerSecond, 0)
        let bytes = 0
        for (let atMs = 5000; atMs < 6000; atMs++) {
          bytes += passAll(limit, atMs).byteLength
        }
        // A piece more at the lowest rates, where it takes 16 ms.
        assert.ok(bytes <= 1.05 * bytesPerSecond + limit.pieceByteLength)
        assert.ok(bytes >= bytesPerSecond)
      })
    )
  })

  it('is reached by whoever comes round in time to catch up', () => {
    const late = fc.array(fc.double({ min: 0.1, max: CATCH_UP_MS - 20, noNaN: true }), {
      minLength: 50,
      maxLength: 100
    })
    fc.assert(
      fc.property(rate, late, (bytesPerSecond, waits) => {
        const limit = new RateLimit()
        limit.set(bytesPerSecond, 0)
        let nowMs = 0
        let bytes = passAll(limit, 0).byteLength
        for (const waitMs of waits) {
          nowMs += waitMs
          bytes += passAll(limit, nowMs).byteLength
        }
        const lastMs = waits.at(-1) ?? 0
        assert.ok(bytes >= (bytesPerSecond * (nowMs - lastMs)) / 1000 - limit.pieceByteLength)
      })
    )
  })

  it('that is changed holds from then on, and nothing is saved up from before', () => {
    fc.assert(
      fc.property(rate, fc.option(rate), pauses, pauses, (first, second, before, after) => {
        const limit = new RateLimit()
        limit.set(second ?? undefined, 0)
        let nowMs = 0
        for (const waitMs of before) {
          nowMs += waitMs
          if (second === null) {
            limit.reserve(1e9, nowMs)
          } else {
            passAll(limit, nowMs)
          }
        }
        limit.set(first, nowMs)
        const changedAtMs = nowMs
        const passed: Passed[] = []
        for (const waitMs of [0, ...after]) {
          nowMs += waitMs
          passed.push(passAll(limit, nowMs))
        }
        const allowed = (fromMs: number, untilMs: number): number =>
          (first * (untilMs - fromMs + CATCH_UP_MS)) / 1000 + limit.pieceByteLength
        assert.ok(worstExcess([{ atMs: changedAtMs, byteLength: 0 }, ...passed], allowed) <= 1)
      })
    )
  })

  it('has what passed too much at a higher rate paid for before the next', () => {
    const limit = new RateLimit()
    limit.set(1_000_000, 0)
    limit.reserve(100_000, 0)
    limit.set(100_000, 0)
    assert.equal(limit.freeAtMs, 1000)
    limit.set(undefined, 0)
    assert.ok(limit.freeAtMs <= 0)
    assert.equal(limit.pieceByteLength, Number.POSITIVE_INFINITY)
  })
})
