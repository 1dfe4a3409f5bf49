import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endingOf, type Prospects, reasonToGiveUp } from '#potluck/coordinator/swarm/ending.js'
import { Roster, type RosterMember } from '#potluck/coordinator/swarm/roster.js'
import { COORDINATION_VERSION } from '#potluck/protocols/coordination/index.js'
import { checkedCoordinatorEvent } from '#potluck/report/event-schemas.js'
import { coordinatorText } from '#potluck/view/text.js'

const RETURN_MS = 10_000

/** Two members who bring nothing; they are complete once they say so. */
function exchangingOfTwo(): Roster {
  const roster = new Roster({ expectedPeers: 2, chunkByteLength: 262_144, late: 'yes' })
  for (const name of ['ann', 'ben']) {
    const request = { peerId: `id-${name}`, version: COORDINATION_VERSION, name, multiaddrs: [] }
    roster.join(request, 0)
  }
  for (const { peerId } of roster.members) {
    roster.publish(peerId, [])
  }
  return roster
}

/** By default no peer is stalled, and no machine has slept. */
function prospects(told: Partial<Prospects> = {}): Prospects {
  return { returnTimeoutMs: RETURN_MS, isStill: () => false, sleptMs: new Map(), ...told }
}

const isBen = ({ name }: RosterMember): boolean => name === 'ben'

describe('a swarm', () => {
  it('is given up when all who still lack something are gone for longer than is waited', () => {
    const roster = exchangingOfTwo()
    roster.complete('id-ann', { atMs: 50, entries: 9 }, 50)
    assert.equal(reasonToGiveUp(roster, prospects(), 99_000), undefined)
    roster.leave('id-ben', 100)
    assert.equal(reasonToGiveUp(roster, prospects(), 100 + RETURN_MS), undefined)
    assert.equal(
      reasonToGiveUp(roster, prospects(), 101 + RETURN_MS),
      'ben did not come back within 10 s and misses files'
    )
  })

  it('is not given up while one that lacks something is there', () => {
    const roster = exchangingOfTwo()
    roster.leave('id-ben', 100)
    assert.equal(reasonToGiveUp(roster, prospects(), 99_000), undefined)
  })

  it('fault 52: is given up when all who still lack something are there and make no progress', () => {
    const roster = exchangingOfTwo()
    const still = prospects({ isStill: isBen })
    assert.equal(reasonToGiveUp(roster, still, 99_000), undefined, 'ann goes on')
    roster.complete('id-ann', { atMs: 50, entries: 9 }, 50)
    assert.match(
      reasonToGiveUp(roster, still, 99_000) ?? '',
      /^ben is connected and makes no progress; see what it shows, and start it again$/
    )
  })

  it('fault 52: names who is lost beside who is there and does nothing', () => {
    const roster = exchangingOfTwo()
    roster.leave('id-ann', 100)
    const reason = reasonToGiveUp(roster, prospects({ isStill: isBen }), 101 + RETURN_MS)
    assert.match(reason ?? '', /^ann did not come back within 10 s and misses files; ben is connected and/)
  })

  it('fault 52: is complete without a member that has published nothing in time, whatever that says', () => {
    const roster = new Roster({ expectedPeers: 2, chunkByteLength: 262_144, late: 'yes' })
    for (const name of ['ann', 'ben']) {
      roster.join({ peerId: `id-${name}`, version: COORDINATION_VERSION, name, multiaddrs: [] }, 0)
    }
    roster.publish('id-ann', [])
    assert.equal(roster.phase, 'publishing')
    roster.leaveOut(roster.awaited)
    assert.equal(roster.phase, 'exchanging')
    roster.complete('id-ben', { atMs: 10, entries: 9 }, 10)
    assert.equal(roster.phase, 'exchanging', 'ann is not complete yet')
    roster.complete('id-ann', { atMs: 20, entries: 9 }, 20)
    assert.equal(roster.phase, 'complete')
    assert.equal(roster.makespanMs(99), 20)
  })

  it('fault 52: waits for a member that was left out and brings nothing after all', () => {
    const roster = new Roster({ expectedPeers: 1, chunkByteLength: 262_144, late: 'yes' })
    roster.join({ peerId: 'id-ann', version: COORDINATION_VERSION, name: 'ann', multiaddrs: [] }, 0)
    roster.leaveOut(roster.awaited)
    assert.equal(roster.phase, 'complete')
    assert.equal(roster.publish('id-ann', []), undefined)
    assert.equal(roster.phase, 'exchanging')
  })

  it('fault 52: says at its end, in words and for the report, without whose files it was', () => {
    const roster = new Roster({ expectedPeers: 2, chunkByteLength: 262_144, late: 'yes' })
    for (const name of ['ann', 'eve']) {
      roster.join({ peerId: `id-${name}`, version: COORDINATION_VERSION, name, multiaddrs: [] }, 0)
    }
    assert.equal(roster.publish('id-ann', []), undefined)
    roster.leaveOut(roster.members.filter(({ name }) => name === 'eve'))
    roster.complete('id-ann', { atMs: 50, entries: 9 }, 50)
    for (const reason of [undefined, 'gone']) {
      const { event } = endingOf({ roster, boundWatch: undefined, reason }, 100)
      const told: unknown = JSON.parse(JSON.stringify({ atMs: 1, peer: 'coordinator', ...event }))
      const read = checkedCoordinatorEvent(told)
      assert.ok(typeof read === 'object', String(read))
      assert.match(
        coordinatorText(read),
        /; without the files of eve, because no valid list of them came in time$/
      )
    }
  })

  it('fault 55: that was asleep says of those whom it lost so that they could not be asked', () => {
    const roster = exchangingOfTwo()
    roster.complete('id-ann', { atMs: 50, entries: 9 }, 50)
    roster.leave('id-ben', 100)
    const slept = prospects({ sleptMs: new Map([['id-ben', 240_000]]) })
    assert.equal(
      reasonToGiveUp(roster, slept, 101 + RETURN_MS),
      'ben could not be asked whether it has all files, because it left while this coordinator slept for 240 s; see what it shows'
    )
  })

  it('fault 55: that was asleep gives those who were lost before all their time to come back', () => {
    const roster = exchangingOfTwo()
    roster.complete('id-ann', { atMs: 50, entries: 9 }, 50)
    roster.leave('id-ben', 100)
    roster.onSlept(60_000)
    assert.equal(reasonToGiveUp(roster, prospects(), 60_100 + RETURN_MS), undefined)
    assert.match(reasonToGiveUp(roster, prospects(), 60_101 + RETURN_MS) ?? '', /did not come back/)
  })

  it('tells its end, and what the relay carried where there is one', () => {
    const roster = exchangingOfTwo()
    roster.complete('id-ann', { atMs: 50, entries: 9 }, 50)
    roster.complete('id-ben', { atMs: 80, entries: 9 }, 90)
    const init = { roster, boundWatch: undefined, reason: undefined, relayedBytes: 7 }
    const { event, farewell, outcome } = endingOf(init, 100)
    const { results } = roster
    assert.deepEqual(event, { event: 'swarm-complete', makespanMs: 80, results, relayedBytes: 7 })
    assert.deepEqual(farewell, { swarmEnd: { complete: true, makespanMs: 80, results, reason: '' } })
    assert.deepEqual(outcome, { complete: true, makespanMs: 80, results })
  })

  it('tells how much of it passed since the catalog was complete', () => {
    const roster = exchangingOfTwo()
    roster.catalogAtMs = 60
    assert.equal(roster.exchangeMs(99), 39, 'until now')
    roster.complete('id-ann', { atMs: 50, entries: 9 }, 50)
    roster.complete('id-ben', { atMs: 80, entries: 9 }, 90)
    const { event, farewell, outcome } = endingOf({ roster, boundWatch: undefined, reason: undefined }, 100)
    const times = { makespanMs: 80, exchangeMs: 20 }
    const { results } = roster
    assert.deepEqual(event, { event: 'swarm-complete', ...times, results })
    assert.deepEqual(farewell, { swarmEnd: { complete: true, ...times, results, reason: '' } })
    assert.deepEqual(outcome, { complete: true, ...times, results })
  })

  it('that is given up tells why', () => {
    const roster = exchangingOfTwo()
    const { event, farewell } = endingOf({ roster, boundWatch: undefined, reason: 'gone' }, 100)
    const { results } = roster
    assert.deepEqual(event, { event: 'swarm-incomplete', reason: 'gone', results })
    assert.deepEqual(farewell, { swarmEnd: { complete: false, makespanMs: 100, results, reason: 'gone' } })
  })
})
