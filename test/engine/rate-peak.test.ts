import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RatePeak } from '#potluck/engine/rate-peak.js'
import { fc } from '../fixtures/properties.js'

const STEP_MS = 100
const WINDOW_MS = 2000

interface Passed {
  byteLength: number
  afterMs: number
}

const traffic: fc.Arbitrary<Passed[]> = fc.array(
  fc.record({
    byteLength: fc.integer({ min: 1, max: 1_000_000 }),
    afterMs: fc.integer({ min: 0, max: 900 })
  }),
  { minLength: 1, maxLength: 100 }
)

/** The same by looking at every window that ends before the last bytes passed. */
function peakOf(passed: { byteLength: number; atMs: number }[]): number | undefined {
  const first = Math.floor((passed[0]?.atMs ?? 0) / STEP_MS) * STEP_MS
  const last = passed.at(-1)?.atMs ?? 0
  let peak = 0
  for (let endMs = first + WINDOW_MS; endMs <= last; endMs += STEP_MS) {
    const inside = passed.filter(({ atMs }) => atMs >= endMs - WINDOW_MS && atMs < endMs)
    peak = Math.max(peak, inside.reduce((sum, { byteLength }) => sum + byteLength, 0) / 2)
  }
  return peak === 0 ? undefined : peak
}

describe('rate peak', () => {
  it('is that of the fullest window of 2 s', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 0, max: 1_000_000 }), (steps, startMs) => {
        const peak = new RatePeak()
        let atMs = startMs
        const passed = steps.map(({ byteLength, afterMs }) => {
          atMs += afterMs
          return { byteLength, atMs }
        })
        for (const { byteLength, atMs } of passed) {
          peak.add(byteLength, atMs)
        }
        assert.equal(peak.bytesPerSecond, peakOf(passed))
      })
    )
  })

  it('is not known before 2 s have passed', () => {
    const peak = new RatePeak()
    assert.equal(peak.bytesPerSecond, undefined)
    for (let atMs = 0; atMs <= 1900; atMs += 10) {
      peak.add(1000, atMs)
      assert.equal(peak.bytesPerSecond, undefined)
    }
    peak.add(1000, 2000)
    assert.equal(peak.bytesPerSecond, 95_500)
  })
})
