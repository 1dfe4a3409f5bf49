import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endingOf, reasonToGiveUp } from '#potluck/coordinator/ending.js'
import { Roster } from '#potluck/coordinator/roster.js'
import { COORDINATION_VERSION } from '#potluck/protocols/coordination/index.js'

const RETURN_MS = 10_000

/** Two members who bring nothing; they are complete once they say so. */
function exchangingOfTwo(): Roster {
  const roster = new Roster({ expectedPeers: 2, chunkByteLength: 262_144 })
  for (const name of ['ann', 'ben']) {
    const request = { peerId: `id-${name}`, version: COORDINATION_VERSION, name, multiaddrs: [] }
    roster.join(request, 0)
  }
  for (const { peerId } of roster.members) {
    roster.publish(peerId, [])
  }
  return roster
}

describe('a swarm', () => {
  it('is given up when all who still lack something are gone for longer than is waited', () => {
    const roster = exchangingOfTwo()
    roster.complete('id-ann', 50, 50)
    assert.equal(reasonToGiveUp(roster, RETURN_MS, 99_000), undefined)
    roster.leave('id-ben', 100)
    assert.equal(reasonToGiveUp(roster, RETURN_MS, 100 + RETURN_MS), undefined)
    assert.equal(
      reasonToGiveUp(roster, RETURN_MS, 101 + RETURN_MS),
      'ben did not come back within 10 s and misses files'
    )
  })

  it('is not given up while one that lacks something is there', () => {
    const roster = exchangingOfTwo()
    roster.leave('id-ben', 100)
    assert.equal(reasonToGiveUp(roster, RETURN_MS, 99_000), undefined)
  })

  it('tells its end, and what the relay carried where there is one', () => {
    const roster = exchangingOfTwo()
    roster.complete('id-ann', 50, 50)
    roster.complete('id-ben', 80, 90)
    const init = { roster, boundWatch: undefined, reason: undefined, relayedBytes: 7 }
    const { event, farewell, outcome } = endingOf(init, 100)
    const { results } = roster
    assert.deepEqual(event, { event: 'swarm-complete', makespanMs: 80, results, relayedBytes: 7 })
    assert.deepEqual(farewell, { swarmEnd: { complete: true, makespanMs: 80, results, reason: '' } })
    assert.deepEqual(outcome, { complete: true, makespanMs: 80, results })
  })

  it('that is given up tells why', () => {
    const roster = exchangingOfTwo()
    const { event, farewell } = endingOf({ roster, boundWatch: undefined, reason: 'gone' }, 100)
    const { results } = roster
    assert.deepEqual(event, { event: 'swarm-incomplete', reason: 'gone', results })
    assert.deepEqual(farewell, { swarmEnd: { complete: false, makespanMs: 100, results, reason: 'gone' } })
  })
})
