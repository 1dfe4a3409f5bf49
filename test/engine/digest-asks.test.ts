/** Which peers are asked for digests, if some never send any. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import {
  FAULT_WEIGHT,
  LATE_MIN_MS,
  MAX_DIGESTS_IN_FLIGHT,
  RETRY_AFTER_MS
} from '#potluck/engine/constants.js'
import { DigestAsks } from '#potluck/engine/digest-asks.js'
import { Remote } from '#potluck/engine/remote.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'

const CHUNK_BYTES = 1024

/** A getter that knows this many contents; odd and ann claim to have all of them. */
function getter(contentCount: number): { asks: DigestAsks; odd: Remote; ann: Remote } {
  const state = new SwarmState(() => 0)
  const [odd, ann] = [new Remote('odd'), new Remote('ann')]
  const extent = { byteLength: CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
  for (let index = 0; index < contentCount; index++) {
    state.addContent(`content ${index}`, extent, new Bitfield(1), undefined)
    for (const { holdings } of [odd, ann]) {
      state.setHoldings(holdings, `content ${index}`, true, new Uint8Array())
    }
  }
  return { asks: new DigestAsks(state), odd, ann }
}

const LATER_MS = LATE_MIN_MS + 1

describe('digests', () => {
  it('fault 51: of a provider that never sends any are asked of another, and take nobody’s place', () => {
    const { asks, odd, ann } = getter(2 * MAX_DIGESTS_IN_FLIGHT)
    assert.equal(asks.plan(odd, 0).length, MAX_DIGESTS_IN_FLIGHT)
    assert.equal(asks.plan(ann, 0).length, 0)
    assert.equal(asks.plan(odd, LATER_MS).length, 0)
    const roots = asks.plan(ann, LATER_MS).map(({ root }) => root)
    assert.equal(roots.length, MAX_DIGESTS_IN_FLIGHT)
    assert.ok(roots.includes('content 0'), 'those that odd owes as well')
  })

  it('go on to be asked of a provider that sends them, however many it owes', () => {
    const { asks, odd, ann } = getter(MAX_DIGESTS_IN_FLIGHT + 1)
    const [first = assert.fail()] = asks.plan(ann, 0)
    ann.digestsAtMs = LATER_MS
    asks.settled(ann, first)
    assert.equal(asks.plan(ann, LATER_MS + 1).length, 1)
    assert.equal(asks.plan(odd, LATER_MS + 1).length, 0)
  })

  it('fault 51: are asked of one that failed after a pause, one at a time', () => {
    const { asks, odd, ann } = getter(4)
    for (const content of asks.plan(odd, 0)) {
      asks.settled(odd, content)
      odd.standing.asProvider.strain(FAULT_WEIGHT, 0)
    }
    assert.equal(asks.plan(odd, RETRY_AFTER_MS - 1).length, 0)
    assert.equal(asks.plan(odd, RETRY_AFTER_MS).length, 1)
    assert.equal(asks.plan(odd, RETRY_AFTER_MS).length, 0)
    assert.equal(asks.plan(ann, RETRY_AFTER_MS).length, 3)
  })
})
