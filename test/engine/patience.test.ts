/** How often a remote is tried that always fails, and how soon one that recovers is forgiven. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LONGEST_REST_MS, RETRY_AFTER_MS } from '#potluck/engine/constants.js'
import { Patience } from '#potluck/engine/patience.js'

/** Tries a remote as soon as it may be tried, and has it fail. @returns when it was tried */
function tries(
  untilMs: number,
  relieve: (patience: Patience, nth: number) => void = () => undefined
): number[] {
  const patience = new Patience()
  const times: number[] = []
  for (let nowMs = 0; nowMs < untilMs; nowMs += RETRY_AFTER_MS / 4) {
    if (!patience.rests(nowMs)) {
      times.push(nowMs)
      relieve(patience, times.length)
      patience.strain(1, nowMs)
    }
  }
  return times
}

describe('patience', () => {
  it('fault 51: waits twice as long after each failure, up to a minute', () => {
    const times = tries(600_000)
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    assert.deepEqual(pauses.slice(0, 6), [1000, 2000, 4000, 8000, 16_000, 32_000])
    assert.ok(pauses.slice(6).every((pause) => pause === LONGEST_REST_MS))
  })

  it('fault 51: is not restored by one useful chunk for each failure', () => {
    const always = tries(600_000, (patience) => patience.relieve())
    assert.ok(always.length < 30, `${always.length} tries`)
  })

  it('fault 51: is restored by useful chunks, and forgets nothing for less', () => {
    const patience = new Patience()
    for (let time = 0; time < 8; time++) {
      patience.strain(1, time * 100_000)
    }
    patience.relieve()
    assert.ok(patience.isDoubtful)
    for (let chunk = 0; chunk < 16; chunk++) {
      patience.relieve()
    }
    assert.ok(!patience.isDoubtful)
    patience.strain(1, 1e6)
    assert.ok(!patience.rests(1e6 + RETRY_AFTER_MS), 'a short pause again')
  })

  it('takes failures that were under way for one', () => {
    const patience = new Patience()
    for (let ask = 0; ask < 50; ask++) {
      patience.strain(1, 0)
    }
    assert.ok(!patience.rests(RETRY_AFTER_MS))
    assert.ok(!new Patience().isDoubtful)
  })
})
