/** Which sender is next at a pace, with a clock that the test advances. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { Turns } from '#potluck/node/sockets/turns.js'

/** A pace of a byte a millisecond. */
class SteadyPace {
  freeAtMs = 0

  reserve(byteLength: number, nowMs: number): void {
    this.freeAtMs = Math.max(this.freeAtMs, nowMs) + byteLength
  }
}

/** Senders that take turns with pieces of 10 bytes, and the order in which the pieces left. */
function scene({ mock }: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] })
  let nowMs = 0
  const pace = new SteadyPace()
  const turns = new Turns(pace, () => nowMs)
  const left: string[] = []
  return {
    turns,
    pace,
    left,
    async send(sender: number, pieces: number): Promise<void> {
      for (let piece = 0; piece < pieces; piece++) {
        await turns.take(10, sender)
        left.push(`${sender} at ${nowMs}`)
      }
    },
    async pass(ms: number): Promise<void> {
      await new Promise(setImmediate)
      for (let step = 0; step < ms; step++) {
        nowMs++
        mock.timers.tick(1)
        await new Promise(setImmediate)
      }
    }
  }
}

describe('turns', () => {
  it('are free at once while nobody waits', (test) => {
    const { turns } = scene(test)
    assert.equal(turns.take(10, 1), undefined)
    assert.notEqual(turns.take(10, 1), undefined)
  })

  it('go to whoever began first until that one is done, at the pace', async (test) => {
    const { left, send, pass } = scene(test)
    void send(1, 3)
    void send(2, 2)
    void send(3, 1)
    await pass(100)
    assert.deepEqual(left, ['1 at 0', '1 at 10', '1 at 20', '2 at 30', '2 at 40', '3 at 50'])
  })

  it('go to the next while the first does not want any', async (test) => {
    const { left, send, pass } = scene(test)
    void send(2, 3)
    await pass(15)
    void send(1, 2)
    await pass(100)
    assert.deepEqual(left, ['2 at 0', '2 at 10', '1 at 20', '1 at 30', '2 at 40'])
  })

  it('go by another pace at once', async (test) => {
    const { turns, pace, left, send, pass } = scene(test)
    void send(1, 3)
    await pass(1)
    pace.freeAtMs = 3
    turns.onPaceChanged()
    await pass(100)
    assert.deepEqual(left, ['1 at 0', '1 at 3', '1 at 13'])
  })

  it('that are due already wait for no timer', async (test) => {
    const { turns, pace, left, send } = scene(test)
    void send(1, 3)
    await new Promise(setImmediate)
    pace.reserve = () => undefined
    pace.freeAtMs = 0
    turns.onPaceChanged()
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    assert.deepEqual(left, ['1 at 0', '1 at 0', '1 at 0'])
  })

  it('are all free once it is over', async (test) => {
    const { turns, left, send } = scene(test)
    void send(1, 3)
    void send(2, 2)
    turns.stop()
    await new Promise(setImmediate)
    assert.deepEqual(left.toSorted(), ['1 at 0', '1 at 0', '1 at 0', '2 at 0', '2 at 0'])
    assert.equal(turns.take(10, 3), undefined)
  })
})
