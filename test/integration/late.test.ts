/** Peers that come after the start: they are let in, fetch everything, and the others fetch what they bring. */
import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Coordinator } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import {
  CHUNK,
  differences,
  gathered,
  type Member,
  nextEvent,
  readTree,
  TestSwarm,
  type Tree
} from '../fixtures/swarm.js'

const TREES: Record<'ann' | 'ben' | 'cat', Tree> = {
  ann: { 'a.bin': bytesOf(3 * CHUNK, 'a'), 'same.bin': bytesOf(2 * CHUNK, 's') },
  ben: { 'b.bin': bytesOf(80 * CHUNK, 'b') },
  cat: {
    'c.bin': bytesOf(5 * CHUNK, 'c'),
    'album/again.bin': bytesOf(2 * CHUNK, 's'),
    'empty/': new Uint8Array()
  }
}

/** In Mbit/s: so slow that the exchange goes on until the limit is lifted. */
const SLOW = { maxUp: 0.5 }

interface Started {
  ann: Member
  ben: Member
}

/** Ben sends slowly. He has everything himself, and Ann does not. */
async function withBenComplete(swarm: TestSwarm, maxUp = SLOW): Promise<Started> {
  const ann = await swarm.peer('ann', TREES.ann)
  const ben = await swarm.peer('ben', TREES.ben, maxUp)
  const complete = nextEvent(ben.peer, 'peer-complete')
  await Promise.all([ann.peer.start(), ben.peer.start()])
  await complete
  return { ann, ben }
}

async function assertGathered(coordinator: Coordinator, members: Record<string, Member>): Promise<void> {
  const ends = await Promise.all(Object.values(members).map(({ peer }) => peer.completed()))
  assert.ok(ends.every(({ complete }) => complete))
  assert.equal((await coordinator.completed()).results.length, Object.keys(members).length)
  for (const [name, { collection }] of Object.entries(members)) {
    const trees = Object.fromEntries(Object.entries(TREES).filter(([origin]) => origin in members))
    assert.deepEqual(differences(await readTree(collection), gathered(trees, name)), [], name)
  }
}

function countOf(events: readonly { event: string }[], kind: string): number {
  return events.filter(({ event }) => event === kind).length
}

describe('a peer that comes after the start', () => {
  it('fault 60: is let in, and everyone has everything at the end, also who was complete before', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const { ann, ben } = await withBenComplete(swarm)
      const again = nextEvent(ben.peer, 'peer-complete')
      const cat = await swarm.peer('cat', TREES.cat)
      await cat.peer.start()
      await again
      ben.peer.setLimits({})
      await assertGathered(coordinator, { ann, ben, cat })
      const registered = swarm.coordinatorEvents.flatMap((event) =>
        event.event === 'registered' ? [[event.peer, event.late, event.expectedPeers]] : []
      )
      assert.deepEqual(registered.at(-1), ['cat', true, 3])
      const catalogs = swarm.coordinatorEvents.flatMap((event) =>
        event.event === 'catalog' ? [[event.added, event.files, event.entries.length]] : []
      )
      assert.deepEqual(catalogs, [
        [undefined, 3, 3],
        [true, 5, 2]
      ])
      assert.equal(countOf(ben.events, 'peer-complete'), 2)
      assert.equal(countOf(ann.events, 'peer-complete'), 1)
    })
  })

  it('fault 60: may bring nothing, and fetch all', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const { ann, ben } = await withBenComplete(swarm)
      const cat = await swarm.peer('dan', {})
      await cat.peer.start()
      ben.peer.setLimits({})
      await assertGathered(coordinator, { ann, ben, dan: cat })
      assert.equal(countOf(swarm.coordinatorEvents, 'catalog'), 1)
    })
  })

  it('fault 60: may come with others at one time, of whom one leaves and comes back', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const { ann, ben } = await withBenComplete(swarm)
      const cat = await swarm.peer('cat', TREES.cat, SLOW)
      const dan = await swarm.peer('dan', {})
      await Promise.all([cat.peer.start(), dan.peer.start()])
      await nextEvent(dan.peer, 'chunk-stored')
      await cat.peer.stop()
      const back = await swarm.peer('cat', TREES.cat)
      await back.peer.start()
      ben.peer.setLimits({})
      await assertGathered(coordinator, { ann, ben, cat: back, dan })
    })
  })

  it('is refused where the coordinator admits no late ones, and the others end without it', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2, late: 'no' })
      const { ann, ben } = await withBenComplete(swarm)
      const cat = await swarm.peer('cat', TREES.cat)
      await assert.rejects(cat.peer.start(), {
        code: 'REFUSED',
        message: /admits no late ones \(--late no\)/
      })
      ben.peer.setLimits({})
      await assertGathered(coordinator, { ann, ben })
    })
  })
})

describe('a swarm whose coordinator is stopped on purpose', () => {
  it('fault 11, fault 60: is continued by its next start, with the late peers and the same invitation', async () => {
    await TestSwarm.run(async (swarm) => {
      const stateFile = join(swarm.folder, 'coordinator.state')
      const settings = { stateFile, listen: ['/ip4/127.0.0.1/tcp/0'] }
      const first = await swarm.coordinator({ expectedPeers: 2, ...settings })
      const { invitation, multiaddrs } = first
      const { ann, ben } = await withBenComplete(swarm)
      const cat = await swarm.peer('cat', TREES.cat)
      const added = nextEvent(first, 'catalog', (event) => event.added === true)
      await cat.peer.start()
      await added
      await first.stop()
      const listen = multiaddrs.map((address) => address.replace(/\/p2p\/.*/, ''))
      const second = await swarm.coordinator({ expectedPeers: 7, stateFile, listen })
      assert.equal(second.invitation, invitation)
      ben.peer.setLimits({})
      await assertGathered(second, { ann, ben, cat })
      await assert.rejects(stat(stateFile), { code: 'ENOENT' }, 'removed at the end')
    })
  })
})
