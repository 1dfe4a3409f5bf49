/** Swarms that start with fewer peers than were expected, or with another number of them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Coordinator } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { differences, gathered, type Member, nextEvent, readTree, TestSwarm } from '../fixtures/swarm.js'

const TREES = { ann: { 'a.bin': bytesOf(70_000, 'a') }, ben: { 'b.bin': bytesOf(90_000, 'b') } }

async function startBoth(swarm: TestSwarm): Promise<Member[]> {
  const members = [await swarm.peer('ann', TREES.ann), await swarm.peer('ben', TREES.ben)]
  await Promise.all(members.map(({ peer }) => peer.start()))
  return members
}

async function allCollected(coordinator: Coordinator, members: readonly Member[]): Promise<void> {
  const ends = await Promise.all(members.map(({ peer }) => peer.completed()))
  assert.deepEqual(
    ends.map(({ complete }) => complete),
    [true, true]
  )
  assert.equal((await coordinator.completed()).results.length, 2)
  for (const [index, { collection }] of members.entries()) {
    const own = index === 0 ? 'ann' : 'ben'
    assert.deepEqual(differences(await readTree(collection), gathered(TREES, own)), [])
  }
}

describe('a swarm that waits for more peers than come', () => {
  it('starts with those who are here when it is asked to, and not with one', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      assert.throws(() => coordinator.startNow(), /Nobody is here yet; a swarm starts with 2 at the least/)
      const registered = nextEvent(coordinator, 'registered', ({ joined }) => joined === 2)
      const members = await startBoth(swarm)
      await registered
      coordinator.startNow()
      assert.throws(() => coordinator.startNow(), /The swarm has started already/)
      await allCollected(coordinator, members)
      const { atMs: _, ...early } =
        swarm.coordinatorEvents.find(({ event }) => event === 'started-early') ?? {}
      assert.deepEqual(early, {
        event: 'started-early',
        peer: 'coordinator',
        peers: 2,
        expectedPeers: 3,
        why: 'asked'
      })
    })
  })

  it('starts when it is to wait for no more than are here', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      coordinator.setExpectedPeers(3)
      const registered = nextEvent(coordinator, 'registered', ({ joined }) => joined === 2)
      const members = await startBoth(swarm)
      assert.equal((await registered).expectedPeers, 3)
      assert.throws(
        () => coordinator.setExpectedPeers(0),
        /The number of peers cannot be 0: it must be a whole/
      )
      coordinator.setExpectedPeers(2)
      await allCollected(coordinator, members)
    })
  })

  it('starts with those who are here once the first has waited long enough', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 9, startAfterMs: 300 })
      const started = nextEvent(coordinator, 'started-early')
      const members = await startBoth(swarm)
      const { atMs, why } = await started
      assert.equal(why, 'waited')
      const registered = swarm.coordinatorEvents.filter(({ event }) => event === 'registered')
      assert.ok(atMs - (registered[0]?.atMs ?? 0) >= 300, 'no sooner')
      assert.ok(registered.filter((event) => event.atMs <= atMs).length === 2, 'not with one')
      await allCollected(coordinator, members)
    })
  })
})
