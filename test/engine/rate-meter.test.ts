/** How fast bytes move, by what is known in advance. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RateMeter } from '#potluck/engine/rate-meter.js'
import { fc } from '../fixtures/properties.js'

const SMOOTHING_MS = 1000

/** Chunks come in this time at the most. */
const MAX_STEP_MS = 50

/** Bytes that came in the step just over are not smoothed yet, so a rate is read too high by half a step at the most. */
const TOO_HIGH = MAX_STEP_MS / SMOOTHING_MS

interface Spell {
  /** How long each of its chunks takes. */
  stepsMs: number[]
  /** How long nothing is under way after it. */
  pauseMs: number
}

const spells: fc.Arbitrary<Spell[]> = fc.array(
  fc.record({
    stepsMs: fc.array(fc.integer({ min: 1, max: MAX_STEP_MS }), { minLength: 1, maxLength: 20 }),
    pauseMs: fc.nat(100_000)
  }),
  { minLength: 1, maxLength: 10 }
)
const rate = fc.integer({ min: 1, max: 1_000_000 })

/** Moves bytes at a rate through spells of work. @returns when they are over */
function move(
  meter: RateMeter,
  worked: Spell[],
  bytesPerMs: number,
  startMs: number,
  look: (nowMs: number) => void
): number {
  let nowMs = startMs
  for (const { stepsMs, pauseMs } of worked) {
    meter.setBusy(true, nowMs)
    for (const stepMs of stepsMs) {
      nowMs += stepMs
      meter.add(bytesPerMs * stepMs, nowMs)
      look(nowMs)
    }
    meter.setBusy(false, nowMs)
    nowMs += pauseMs
    look(nowMs)
  }
  return nowMs
}

function assertNear(actual: number | undefined, bytesPerMs: number): void {
  const part = (actual ?? 0) / (1000 * bytesPerMs)
  assert.ok(part > 1 - 1e-9 && part < 1 + TOO_HIGH, `${part} of the rate`)
}

describe('rate meter', () => {
  it('tells a constant rate whatever the pauses', () => {
    fc.assert(
      fc.property(spells, rate, fc.nat(1_000_000), (worked, bytesPerMs, startMs) => {
        const meter = new RateMeter(SMOOTHING_MS)
        move(meter, worked, bytesPerMs, startMs, (nowMs) =>
          assertNear(meter.bytesPerSecond(nowMs), bytesPerMs)
        )
      })
    )
  })

  it('tells a rate between the old and the new one, and soon the new one', () => {
    fc.assert(
      fc.property(spells, rate, rate, (worked, oldRate, newRate) => {
        const meter = new RateMeter(SMOOTHING_MS)
        const changedMs = move(meter, worked, oldRate, 0, () => undefined)
        const low = 1000 * Math.min(oldRate, newRate) * (1 - 1e-9)
        const high = 1000 * Math.max(oldRate, newRate) * (1 + TOO_HIGH)
        // Twelve smoothing times: what is left of the old rate is less than a hundred-thousandth.
        const after = [{ stepsMs: Array.from({ length: 240 }, () => MAX_STEP_MS), pauseMs: 0 }]
        const endMs = move(meter, after, newRate, changedMs, (nowMs) => {
          const told = meter.bytesPerSecond(nowMs) ?? 0
          assert.ok(told >= low && told <= high, `${told} is not from ${low} to ${high}`)
        })
        const left = (meter.bytesPerSecond(endMs) ?? 0) - 1000 * newRate
        assert.ok(Math.abs(left) < 1000 * (newRate * TOO_HIGH + oldRate * 1e-5))
      })
    )
  })

  it('knows nothing before bytes came in busy time', () => {
    const meter = new RateMeter(SMOOTHING_MS)
    assert.equal(meter.bytesPerSecond(0), undefined)
    meter.setBusy(true, 0)
    assert.equal(meter.bytesPerSecond(500), undefined)
    const idle = new RateMeter(SMOOTHING_MS)
    idle.add(1000, 10)
    assert.equal(idle.bytesPerSecond(1000), undefined)
  })

  it('tells less of a link that is busy and brings nothing', () => {
    const meter = new RateMeter(SMOOTHING_MS)
    meter.setBusy(true, 0)
    meter.add(1000, 10)
    let before = meter.bytesPerSecond(10) ?? 0
    for (let nowMs = 20; nowMs < 5 * SMOOTHING_MS; nowMs += 10) {
      const now = meter.bytesPerSecond(nowMs) ?? 0
      assert.ok(now < before)
      before = now
    }
  })
})
