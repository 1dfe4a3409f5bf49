import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ClockOffset } from '#potluck/node/link/clock-offset.js'

describe('swarm clock', () => {
  it('has no offset before a sample', () => {
    assert.equal(new ClockOffset().offsetMs, undefined)
  })

  it('believes the fastest round trip, whose error is at most half of it', () => {
    const clock = new ClockOffset()
    // True offset: 1000. Slow and lopsided first, fast later.
    clock.add({ sentAtMs: 0, swarmAtMs: 1090, receivedAtMs: 100 })
    clock.add({ sentAtMs: 200, swarmAtMs: 1201, receivedAtMs: 202 })
    clock.add({ sentAtMs: 300, swarmAtMs: 1310, receivedAtMs: 380 })
    assert.equal(clock.offsetMs, 1000)
  })

  it('forgets old samples, so that a drift is followed', () => {
    const clock = new ClockOffset()
    clock.add({ sentAtMs: 0, swarmAtMs: 1000, receivedAtMs: 0 })
    for (let sample = 1; sample <= 16; sample++) {
      clock.add({ sentAtMs: sample, swarmAtMs: sample + 2001, receivedAtMs: sample + 2 })
    }
    assert.equal(clock.offsetMs, 2000)
  })
})
