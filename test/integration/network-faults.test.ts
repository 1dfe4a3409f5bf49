/** Networks that reset, freeze and delay connections, and swarms that complete all the same. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '#potluck/core/random.js'
import type { Coordinator, CoordinatorEvent } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { FaultProxy } from '../fixtures/fault-proxy.js'
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
import { within } from '../fixtures/within.js'

const CHUNKS = 48
/** Chunks that may come twice for each reset: a first copy that its origin has to give again may be asked of others. */
const MOST_REPEATED = 8

const NAMES = ['ann', 'ben', 'cyd']
const TREES: Record<string, Tree> = Object.fromEntries(
  NAMES.map((name) => [name, { [`${name}.bin`]: bytesOf(CHUNKS * CHUNK, name) }])
)

/** Longer than anything may stand still: dead connections are noticed within 30 s. */
const STILL_LIMIT_MS = 45_000

/** Longer than it takes to notice that a connection is dead. */
const NOTICE_LIMIT_MS = 45_000

/** Runs a swarm over a network that goes wrong, and checks that all arrived. */
async function gatherOver(
  proxy: FaultProxy,
  during: (members: ReadonlyMap<string, Member>) => Promise<void> = async () => undefined
): Promise<ReadonlyMap<string, Member>> {
  const members = new Map<string, Member>()
  try {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: NAMES.length })
      for (const name of NAMES) {
        members.set(name, await swarm.peer(name, TREES[name] ?? {}, {}, { transports: [proxy.transport] }))
      }
      const ended = during(members)
      await Promise.all([...members.values()].map(({ peer }) => peer.start()))
      await ended
      await completed(coordinator, members, swarm.coordinatorEvents)
      for (const [name, { peer, collection }] of members) {
        assert.equal((await peer.completed()).complete, true)
        assert.deepEqual(differences(await readTree(collection), gathered(TREES, name)), [])
      }
    })
  } finally {
    await proxy.close()
  }
  return members
}

/** Resolves when the swarm is complete; fails when no peer receives anything any more, however slow the machine is. */
async function completed(
  coordinator: Coordinator,
  members: ReadonlyMap<string, Member>,
  coordinatorEvents: readonly CoordinatorEvent[]
): Promise<void> {
  const isComplete = coordinator.completed().then(() => true)
  let before = ''
  while (!(await Promise.race([isComplete, sleep(STILL_LIMIT_MS, false, { ref: false })]))) {
    const now = [...members].map(([name, member]) => `${count(member, 'chunk-stored')} at ${name}`).join(', ')
    assert.notEqual(
      now,
      before,
      `no chunk came for ${STILL_LIMIT_MS / 1000} s: there are ${now}. ${lastEvents(members, coordinatorEvents)}`
    )
    before = now
  }
}

/** The last event of each peer, with its time, shows whether something did not arrive, or arrived unreported. */
function lastEvents(
  members: ReadonlyMap<string, Member>,
  coordinatorEvents: readonly CoordinatorEvent[]
): string {
  const tellers: (readonly [string, readonly { event: string; atMs: number }[]])[] = [
    ['the coordinator', coordinatorEvents],
    ...[...members].map(([name, { events }]) => [name, events] as const)
  ]
  return tellers
    .map(([name, events]) => {
      const last = events.filter(({ event }) => !/^chunk-|progress$|^activity$/.test(event)).slice(-12)
      return `${name}: ${last.map(({ event, atMs }) => `${event} at ${atMs.toFixed(0)}`).join(', ')}`
    })
    .join('; ')
}

function count({ events }: Member, kind: string): number {
  return events.filter(({ event }) => event === kind).length
}

/** Resolves when the member has stored so many chunks more. */
async function storedBy({ peer }: Member, chunks: number): Promise<void> {
  let left = chunks
  await nextEvent(peer, 'chunk-stored', () => --left === 0)
}

// Side by side: most of their time they wait.
describe('a network', { concurrency: true }, () => {
  it('fault 13: that resets connections at any byte costs only what was under way', async (test) => {
    const seed = Math.floor(Math.random() * 2 ** 31)
    test.diagnostic(`seed ${seed}`)
    const random = seededRandom(seed)
    const proxy = new FaultProxy()
    const resets = 6
    let left = resets
    // Some fall into the handshake, most into chunks.
    let next = random() * 5000
    proxy.onBytes = (link, byteLength) => {
      next -= byteLength
      if (next < 0 && left > 0) {
        left--
        next = random() < 0.2 ? random() * 2000 : random() * 600_000
        link.reset()
      }
    }
    const members = await gatherOver(proxy)
    assert.equal(left, 0, 'all resets took place')
    for (const { events } of members.values()) {
      const stored = events.flatMap((event) =>
        event.event === 'chunk-stored' ? [`${event.file} ${event.chunkIndex}`] : []
      )
      const expected = (NAMES.length - 1) * CHUNKS
      assert.equal(new Set(stored).size, expected)
      assert.ok(
        stored.length - expected <= resets * MOST_REPEATED,
        `${stored.length - expected} chunks came twice`
      )
    }
  })

  it('fault 16: that is cut from all to all, and heals soon, keeps all connections', async () => {
    const proxy = new FaultProxy()
    const members = await gatherOver(proxy, async (all) => {
      const ben = all.get('ben')
      assert.ok(ben !== undefined)
      await storedBy(ben, 16)
      proxy.freeze()
      await sleep(3000)
      proxy.thaw()
    })
    for (const member of members.values()) {
      assert.equal(count(member, 'peer-disconnected'), 0)
    }
  })

  it('fault 16: that is cut for longer than a connection is kept heals by new ones', async () => {
    const proxy = new FaultProxy()
    await gatherOver(proxy, async (all) => {
      const [ann, ben] = [all.get('ann'), all.get('ben')]
      assert.ok(ann !== undefined && ben !== undefined)
      await storedBy(ben, 16)
      proxy.freeze()
      const noticed = Promise.all([ann, ben].map(({ peer }) => nextEvent(peer, 'peer-disconnected')))
      await within(NOTICE_LIMIT_MS, () => 'the end of the dead connections', noticed)
      proxy.thaw()
    })
  })

  it('fault 14: on which nothing comes any more is noticed within 30 s, and connected anew', async () => {
    const proxy = new FaultProxy()
    await gatherOver(proxy, async (members) => {
      const ben = members.get('ben')
      assert.ok(ben !== undefined)
      await storedBy(ben, 16)
      const frozenAtMs = performance.now()
      for (const link of proxy.open) {
        link.freeze()
      }
      const noticed = nextEvent(ben.peer, 'peer-disconnected')
      await within(NOTICE_LIMIT_MS, () => 'the end of the dead connection', noticed)
      const noticedMs = performance.now() - frozenAtMs
      assert.ok(noticedMs < 32_000, `noticed after ${noticedMs} ms`)
      // The side that notices first connects again, and the other side sees that.
      assert.ok([...members.values()].some((member) => count(member, 'peer-stalled') > 0))
    })
  })

  it('fault 15: with round trips of 300 ms is not taken for dead', async () => {
    const proxy = new FaultProxy()
    proxy.delayMs = 150
    const members = await gatherOver(proxy)
    for (const member of members.values()) {
      assert.deepEqual([count(member, 'peer-stalled'), count(member, 'peer-disconnected')], [0, 0])
    }
  })
})
