import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Awake } from '#potluck/coordinator/swarm/awake.js'
import { type HeldUp, ProgressWatch, PublishWatch } from '#potluck/coordinator/swarm/patience.js'
import { Roster, type RosterMember } from '#potluck/coordinator/swarm/roster.js'
import { COORDINATION_VERSION } from '#potluck/protocols/coordination/index.js'

const CHUNK = 1000
const TOTAL = 10_000
const RETURN_MS = 100_000
const HOUR_MS = 3_600_000

function memberOf(heldBytes = 0): RosterMember {
  const roster = new Roster({ expectedPeers: 1, chunkByteLength: CHUNK, late: 'yes' })
  roster.join({ peerId: 'id-ben', version: COORDINATION_VERSION, name: 'ben', multiaddrs: [] }, 0)
  const [ben] = roster.members
  assert.ok(ben !== undefined)
  return { ...ben, progress: { totalBytes: TOTAL, heldBytes, receivedBytes: 0, sentBytes: 0 } }
}

describe('the wait for what members bring', () => {
  it('fault 52: has an end for one that publishes nothing', () => {
    const watch = new PublishWatch(5000)
    const ben = memberOf()
    assert.deepEqual(watch.late([ben], false, 7000), [])
    assert.deepEqual(watch.late([ben], false, 11_999), [])
    assert.deepEqual(watch.late([ben], false, 12_000), [ben])
  })

  it('fault 52, fault 60: begins for a late one when it comes', () => {
    const watch = new PublishWatch(5000)
    const ben = memberOf()
    const cat = { ...memberOf(), peerId: 'id-cat' }
    watch.late([ben], false, 0)
    assert.deepEqual(watch.late([ben, cat], false, 4000), [])
    assert.deepEqual(watch.late([ben, cat], false, 8000), [ben])
    watch.forget('id-ben')
    assert.deepEqual(watch.late([ben, cat], false, 9000), [cat], 'one that left comes anew')
  })

  it('fault 60: has an end for all together when late ones come and go, and nothing else is awaited', () => {
    const watch = new PublishWatch(5000)
    const comers = Array.from({ length: 9 }, (_, index) => ({ ...memberOf(), peerId: `id-${index}` }))
    const late = comers.map((comer, index) => watch.late([comer], true, index * 1000).length)
    assert.deepEqual(late, [0, 0, 0, 0, 0, 1, 1, 1, 1])
    assert.deepEqual(
      watch.late([memberOf()], false, 9000),
      [],
      'while others lack something, each has its time'
    )
    assert.deepEqual(watch.late([memberOf()], true, 10_000), [])
  })

  it('fault 52: is a little longer for each manifest, and not for those that come again', () => {
    const watch = new PublishWatch(5000)
    const ben = memberOf()
    watch.late([ben], false, 0)
    for (let count = 0; count < 100; count++) {
      watch.onManifests(ben.peerId, 500)
    }
    assert.deepEqual(watch.late([ben], false, 5999), [])
    assert.deepEqual(watch.late([ben], false, 6000), [ben])
  })
})

describe('a member that is waited for', () => {
  const still = (watch: ProgressWatch, heldBytes: number, nowMs: number, heldUp?: HeldUp): boolean =>
    watch.isStill(memberOf(heldBytes), heldUp, nowMs)
  const init = { peerReturnTimeoutMs: RETURN_MS, chunkByteLength: CHUNK }

  it('fault 52: stands still when it comes no nearer for twice as long as others wait', () => {
    const watch = new ProgressWatch(init)
    assert.equal(still(watch, 0, 5000), false)
    assert.equal(still(watch, 0, 5000 + 2 * RETURN_MS), false)
    assert.equal(still(watch, 0, 5001 + 2 * RETURN_MS), true)
  })

  it('fault 52: moves by whole chunks, by its last bytes, and by nothing that it said before', () => {
    const watch = new ProgressWatch(init)
    const lateMs = 2 * RETURN_MS + 1
    still(watch, 0, 0)
    assert.equal(still(watch, CHUNK, lateMs - 1), false)
    assert.equal(still(watch, 2 * CHUNK - 1, 2 * lateMs), true, 'a byte at a time is no progress')
    assert.equal(still(watch, TOTAL - 1, 2 * lateMs), false)
    assert.equal(still(watch, TOTAL, 3 * lateMs - 1), false)
    assert.equal(still(watch, 0, 3 * lateMs), false)
    assert.equal(still(watch, TOTAL, 4 * lateMs), true, 'back and forth is no progress')
  })

  it('fault 52: moves by each file that it completes', () => {
    const watch = new ProgressWatch(init)
    const lateMs = 2 * RETURN_MS + 1
    still(watch, TOTAL, 0)
    watch.onFileComplete(memberOf(), 1, lateMs)
    assert.equal(still(watch, TOTAL, lateMs), false)
    watch.onFileComplete(memberOf(), 1, 2 * lateMs)
    assert.equal(still(watch, TOTAL, 2 * lateMs), true)
  })

  it('fault 52: has the time back in which it was gone, and not for ever', () => {
    const watch = new ProgressWatch(init)
    const lateMs = 2 * RETURN_MS + 1
    still(watch, 0, 0)
    watch.onReturn('id-ben', 10 * RETURN_MS)
    assert.equal(still(watch, 0, 10 * RETURN_MS + lateMs - 1), false)
    assert.equal(still(watch, 0, 10 * RETURN_MS + lateMs), true)
    let nowMs = 10 * RETURN_MS
    for (let returns = 0; returns < 30 && !still(watch, 0, nowMs); returns++) {
      nowMs += RETURN_MS
      watch.onReturn('id-ben', RETURN_MS)
    }
    assert.ok(still(watch, 0, nowMs), 'it comes and goes')
  })

  it('fault 52: has its time anew when it was complete and comes back with something missing', () => {
    const watch = new ProgressWatch(init)
    still(watch, TOTAL, 0)
    watch.onComplete('id-ben')
    assert.equal(still(watch, 0, 100 * RETURN_MS), false)
  })

  it('fault 52: has two hours while it says that a disk holds it up, and no more', () => {
    const watch = new ProgressWatch(init)
    still(watch, 0, 0)
    assert.equal(still(watch, 0, 2 * HOUR_MS, 'disk-full'), false)
    assert.equal(still(watch, 0, 2 * HOUR_MS + 1, 'checking'), true)
  })
})

describe('a coordinator', () => {
  it('fault 55: knows that it slept, by whichever clock went on, and how long it was awake', () => {
    const awake = new Awake()
    assert.equal(awake.look({ atMs: 0, unixMs: 50_000 }), undefined)
    assert.equal(awake.look({ atMs: 500, unixMs: 50_500 }), undefined)
    assert.deepEqual(awake.look({ atMs: 60_500, unixMs: 110_500 }), { sleptMs: 60_000, steadyMs: 60_000 })
    assert.deepEqual(awake.look({ atMs: 61_000, unixMs: 910_500 }), { sleptMs: 800_000, steadyMs: 500 })
    assert.equal(awake.look({ atMs: 61_500, unixMs: 3 }), undefined, 'a clock that was set back')
    assert.equal(awake.awakeMs, 1000)
  })

  it('fault 55: blames its sleep for those whom it loses soon afterwards and who do not come back', () => {
    const awake = new Awake()
    awake.look({ atMs: 0, unixMs: 0 })
    awake.onLost('before')
    awake.look({ atMs: 20_000, unixMs: 20_000 })
    awake.onLost('ann')
    awake.onLost('ben')
    awake.onBack('ben')
    for (let atMs = 20_000; atMs <= 81_000; atMs += 500) {
      awake.look({ atMs, unixMs: atMs })
    }
    awake.onLost('later')
    assert.deepEqual([...awake.sleptMs], [['ann', 20_000]])
  })
})
