import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MOVING_BYTES } from '#potluck/engine/constants.js'
import { Standing } from '#potluck/engine/standing.js'
import { Stillness } from '#potluck/engine/stillness.js'

/** One that has waited for a minute, or for the given seconds, checked once per second; and the time. */
function still(waited = 60): { stillness: Stillness; wait(seconds: number): number } {
  const stillness = new Stillness()
  let nowMs = 1e6
  const wait = (seconds: number): number => {
    for (let second = 0; second < seconds; second++) {
      nowMs += 1000
      stillness.look(true, nowMs)
    }
    return stillness.stillMs
  }
  stillness.look(true, nowMs)
  assert.equal(wait(waited), 1000 * waited)
  return { stillness, wait }
}

describe('stillness', () => {
  it('fault 22: ends with a chunk, and with enough bytes however slowly they come', () => {
    const { stillness, wait } = still()
    stillness.onMoved()
    assert.equal(wait(1), 1000)
    for (let second = 0; second < 7; second++) {
      stillness.onBytes(MOVING_BYTES / 8)
      wait(1)
    }
    assert.equal(stillness.stillMs, 8000)
    assert.equal(stillness.quietMs, 8000)
    stillness.onBytes(MOVING_BYTES / 8)
    assert.equal(stillness.stillMs, 0)
  })

  it('fault 22: ends while others come by something or give it away, and not with the same news again', () => {
    const { stillness, wait } = still(6)
    const [ann, ben] = [new Standing(), new Standing()]
    stillness.onHeld(ann, 3)
    stillness.onFresh(ann, 9)
    assert.equal(wait(1), 1000)
    stillness.onHeld(ann, 2)
    stillness.onHeld(ann, 3)
    stillness.onFresh(ann, 20)
    stillness.onFresh(ann, 9)
    assert.equal(wait(1), 2000)
    stillness.onFresh(ann, 8)
    assert.equal(wait(1), 1000)
    stillness.onHeld(ben, 1)
    assert.equal(wait(1), 1000)
  })

  it('fault 51: does not end for ever by news alone, of which nothing comes here', () => {
    const { stillness, wait } = still()
    const odd = new Standing()
    let stillMs = 0
    for (let minute = 0; minute < 24 * 60 && stillMs < 300_000; minute++) {
      stillness.onHeld(odd, minute)
      stillness.onFresh(odd, 2 ** 32 - minute)
      stillMs = wait(60)
    }
    assert.ok(stillMs >= 300_000)
    stillness.onMoved()
    assert.equal(stillness.stillMs, 0)
  })

  it('does not count the time in which nobody could send anything, nor most of that in which nobody looked', () => {
    const { stillness } = still()
    stillness.look(false, 2e6)
    stillness.look(false, 3e6)
    assert.equal(stillness.stillMs, 60_000)
    stillness.look(true, 3e6 + 3600e3)
    assert.equal(stillness.stillMs, 65_000)
  })
})
