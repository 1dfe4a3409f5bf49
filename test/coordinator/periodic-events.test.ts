import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PeriodicEvents } from '#potluck/coordinator/swarm/periodic-events.js'
import { Roster } from '#potluck/coordinator/swarm/roster.js'
import { COORDINATION_VERSION } from '#potluck/protocols/coordination/index.js'

/** When the last of the members joined. */
const JOINED_AT_MS = 5000

/** Two members, one of which has published its files. */
function publishingOfTwo(): Roster {
  const roster = new Roster({ expectedPeers: 2, chunkByteLength: 262_144, late: 'yes' })
  for (const name of ['ann', 'ben']) {
    roster.join(
      { peerId: `id-${name}`, version: COORDINATION_VERSION, name, multiaddrs: [] },
      name === 'ben' ? JOINED_AT_MS : 0
    )
  }
  roster.publish('id-ann', [])
  return roster
}

describe('news', () => {
  it('fault 41: say once who keeps the others waiting, half a minute after all were here', () => {
    const news = new PeriodicEvents(publishingOfTwo())
    assert.deepEqual(news.takeWaiting(JOINED_AT_MS + 29_999), [])
    const [told] = news.takeWaiting(JOINED_AT_MS + 30_000)
    assert.ok(told?.event === 'warning')
    assert.match(told.message, /wait for the list of files of ben; see the messages there/)
    assert.deepEqual(news.takeWaiting(JOINED_AT_MS + 90_000), [])
  })

  it('say nothing of it once all have told', () => {
    const roster = publishingOfTwo()
    roster.publish('id-ben', [])
    assert.deepEqual(new PeriodicEvents(roster).takeWaiting(JOINED_AT_MS + 60_000), [])
  })

  it('say nothing of it while that one is gone, which is told and limited by itself', () => {
    const roster = publishingOfTwo()
    roster.leave('id-ben', JOINED_AT_MS)
    assert.deepEqual(new PeriodicEvents(roster).takeWaiting(JOINED_AT_MS + 60_000), [])
  })

  it('say nothing of it while not all are here', () => {
    const roster = new Roster({ expectedPeers: 2, chunkByteLength: 262_144, late: 'yes' })
    assert.deepEqual(new PeriodicEvents(roster).takeWaiting(90_000), [])
  })
})
