import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RefusedNodes } from '#potluck/coordinator/swarm/refused-nodes.js'

const REFUSAL = { peer: 'eve', peerId: 'id', code: 'SECRET' as const, message: 'it has not the secret' }

describe('refusals', () => {
  it('fault 32: are told one by one, then that there are more, then no more before the next minute', () => {
    const refusals = new RefusedNodes()
    const told = (nowMs: number): string | undefined => refusals.take(REFUSAL, nowMs)[0]?.event
    const firstMinute = Array.from({ length: 100 }, (_, index) => told(59_000 + index))
    assert.deepEqual(firstMinute.slice(0, 60), Array(60).fill('refused'))
    assert.deepEqual(firstMinute.slice(60), ['warning', ...Array(39).fill(undefined)])
    assert.equal(told(60_000), 'refused')
  })
})
