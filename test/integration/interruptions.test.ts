/** Peers and coordinators that stop, return, join too often, or do not fit. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Coordinator, createCoordinator, PotluckError } from '#potluck/index.js'
import { COORDINATION_VERSION, type CoordinatorMessage } from '#potluck/protocols/coordination/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { rawSession } from '../fixtures/raw-peer.js'
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

const CHUNKS = 60
const TREES: Record<string, Tree> = {
  ann: { 'a.bin': bytesOf(CHUNKS * CHUNK, 'a') },
  ben: { 'b.bin': bytesOf(CHUNKS * CHUNK - 5, 'b') }
}

function storedCount({ events }: Member): number {
  return events.filter((event) => event.event === 'chunk-stored').length
}

/** Resolves when the peer has stored that many chunks. */
async function stored({ peer }: Member, count: number): Promise<void> {
  let left = count
  await nextEvent(peer, 'chunk-stored', () => --left === 0)
}

async function checkCollection(member: Member, name: string): Promise<void> {
  assert.deepEqual(differences(await readTree(member.collection), gathered(TREES, name)), [])
}

function refusedWith(pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof PotluckError && error.code === 'REFUSED' && pattern.test(error.message)
}

/** Joins by the bare protocol, and shows the coordinator's first answer while the session is open. */
async function rawJoin(
  coordinator: Coordinator,
  join: { version: number; name: string },
  use: (answer: CoordinatorMessage | undefined) => Promise<void>
): Promise<void> {
  await rawSession(coordinator, async (session) => {
    await session.send({ join: { ...join, multiaddrs: [] } })
    const { value } = await session.received().next()
    await use(value)
  })
}

describe('a peer that stops in the middle', () => {
  it('fault 1: goes on where it was when it starts again, and fetches nothing twice', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      // So slow that the first one is still incomplete when it stops.
      const ann = await swarm.peer('ann', TREES['ann'] ?? {}, { maxUp: 2 })
      const first = await swarm.peer('ben', TREES['ben'] ?? {})
      const midway = stored(first, 12)
      await Promise.all([ann.peer.start(), first.peer.start()])
      await midway
      await first.peer.stop()
      await assert.rejects(first.peer.completed(), { code: 'INTERRUPTED' })

      ann.peer.setLimits({})
      const second = await swarm.peer('ben', TREES['ben'] ?? {})
      await second.peer.start()
      await coordinator.completed()
      await second.peer.completed()
      await checkCollection(second, 'ben')
      await checkCollection(ann, 'ann')
      const [before, after] = [storedCount(first), storedCount(second)]
      assert.ok(before >= 12 && before < CHUNKS, `${before} chunks before the stop`)
      assert.ok(before + after <= CHUNKS, `${before} and ${after} of ${CHUNKS} chunks`)
      assert.ok(swarm.coordinatorEvents.some((event) => event.event === 'registered' && event.rejoined))
    })
  })
})

describe('a coordinator that is lost', () => {
  it('ends a peer that does not know the catalog yet', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', TREES['ann'] ?? {})
      await ann.peer.start()
      await coordinator.stop()
      await assert.rejects(ann.peer.completed(), { code: 'COORDINATOR_LOST' })
      const lost = ann.events.find((event) => event.event === 'coordinator-lost')
      assert.equal(lost?.event === 'coordinator-lost' && lost.reset, false, 'it said goodbye')
    })
  })

  it('fault 11: stops nothing once the catalog is known: the peers complete, and end by themselves', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const members: [string, Member][] = []
      for (const [name, tree] of Object.entries(TREES)) {
        members.push([name, await swarm.peer(name, tree)])
      }
      const midway = Promise.all(members.map(([, member]) => stored(member, 5)))
      await Promise.all(members.map(([, { peer }]) => peer.start()))
      await midway
      await coordinator.stop()
      for (const [name, member] of members) {
        assert.equal((await member.peer.completed()).complete, true)
        await checkCollection(member, name)
      }
    })
  })

  it('fault 11: stops nothing either where another one that does not take the peers is in its place', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const listen = coordinator.multiaddrs.map((address) => address.replace(/\/p2p\/.*/, ''))
      const members: [string, Member][] = []
      for (const [name, tree] of Object.entries(TREES)) {
        // Slow enough for the other coordinator to be there before all is done.
        members.push([name, await swarm.peer(name, tree, { maxUp: 4 })])
      }
      const midway = Promise.all(members.map(([, member]) => stored(member, 5)))
      const turnedAway = Promise.all(
        members.map(([, { peer }]) =>
          nextEvent(peer, 'coordinator-unreachable', ({ message }) =>
            message.includes('another node answers')
          )
        )
      )
      await Promise.all(members.map(([, { peer }]) => peer.start()))
      await midway
      await coordinator.stop()
      await swarm.coordinator({ expectedPeers: 2, listen })
      const outcomes = Promise.all(members.map(([, { peer }]) => peer.completed()))
      await within(60_000, () => 'a try to join at the other one', Promise.race([turnedAway, outcomes]))
      assert.ok((await outcomes).every(({ complete }) => complete))
      await Promise.all(members.map(([name, member]) => checkCollection(member, name)))
    })
  })

  it('fault 11: finds its peers again when it is started anew, and ends the swarm', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const address = (coordinator.multiaddrs[0] ?? '').replace(/\/p2p\/.*/, '')
      const members: [string, Member][] = []
      for (const [name, tree] of Object.entries(TREES)) {
        members.push([name, await swarm.peer(name, tree, { coordinator: address })])
      }
      const midway = Promise.all(members.map(([, member]) => stored(member, 5)))
      await Promise.all(members.map(([, { peer }]) => peer.start()))
      await midway
      await coordinator.stop()
      const again = await swarm.coordinator({ expectedPeers: 2, listen: [address] })
      const outcomes = await Promise.all(members.map(([, { peer }]) => peer.completed()))
      assert.ok(outcomes.every(({ complete }) => complete))
      const ended = within(60_000, () => 'the end of the swarm at the second coordinator', again.completed())
      assert.equal((await ended).results.length, 2)
    })
  })

  it('ends a peer with onCoordinatorLost "exit" at any time', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', TREES['ann'] ?? {}, { onCoordinatorLost: 'exit' })
      const ben = await swarm.peer('ben', TREES['ben'] ?? {})
      const midway = stored(ann, 5)
      await Promise.all([ann.peer.start(), ben.peer.start()])
      await midway
      await coordinator.stop()
      await assert.rejects(ann.peer.completed(), { code: 'COORDINATOR_LOST' })
    })
  })
})

describe('a peer whose only source leaves for good', () => {
  it('fault 18: ends as incomplete, naming the file, the chunks and the origin; so does the coordinator', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2, peerReturnTimeoutMs: 1500 })
      const ann = await swarm.peer('ann', TREES['ann'] ?? {}, { peerReturnTimeoutMs: 1000 })
      // What is left takes 15 s at this limit, and closing his store far less even on a busy disk.
      const ben = await swarm.peer('ben', TREES['ben'] ?? {}, { maxUp: 0.5 })
      const midway = stored(ann, 2)
      await Promise.all([ann.peer.start(), ben.peer.start()])
      await midway
      await ben.peer.stop()
      await assert.rejects(ann.peer.completed(), (error) => {
        assert.ok(error instanceof PotluckError)
        assert.equal(error.exitCode, 4)
        assert.match(error.message, /ben\/b\.bin \(\d+ of 60 chunks, from ben\)/)
        return true
      })
      await assert.rejects(coordinator.completed(), { code: 'INCOMPLETE' })
    })
  })
})

describe('a peer that dies before it publishes', () => {
  it('fault 52: is left out by name after publishTimeoutMs, and the others complete', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2, publishTimeoutMs: 300 })
      const ann = await swarm.peer('ann', TREES['ann'] ?? {})
      await ann.peer.start()
      await rawJoin(coordinator, { version: COORDINATION_VERSION, name: 'ben' }, async () => undefined)
      assert.equal((await coordinator.completed()).complete, true)
      assert.equal((await ann.peer.completed()).complete, true)
      for (const events of [swarm.coordinatorEvents, ann.events]) {
        const warned = events.some(
          (event) => event.event === 'warning' && /without the files of ben/.test(String(event['message']))
        )
        assert.ok(warned, 'ben is named')
      }
    })
  })
})

describe('admission', () => {
  it('refuses a late peer where none is admitted and a second one of a name, with a reason on both sides', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2, late: 'no' })
      const ann = await swarm.peer('ann', {})
      await ann.peer.start()
      const twin = await swarm.peer('ann', {}, { collection: `${swarm.folder}/twin` })
      await assert.rejects(twin.peer.start(), refusedWith(/a peer named "ann" is in the swarm already/))
      // One that joins and never publishes, so that the swarm cannot end meanwhile.
      await rawJoin(coordinator, { version: COORDINATION_VERSION, name: 'ben' }, async (answer) => {
        assert.equal(answer?.joined?.expectedPeers, 2)
        const third = await swarm.peer('cat', {})
        await assert.rejects(
          third.peer.start(),
          refusedWith(/the swarm started with its 2 peers, and its coordinator/)
        )
      })
      const refused = swarm.coordinatorEvents.filter((event) => event.event === 'refused')
      assert.deepEqual(
        refused.map(({ code, peer }) => [code, peer]),
        [
          ['NAME_TAKEN', 'ann'],
          ['STARTED', 'cat']
        ]
      )
    })
  })

  it('refuses a peer of another protocol version', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      await rawJoin(coordinator, { version: 99, name: 'eve' }, (answer) => {
        assert.equal(answer?.refusal?.code, 'VERSION')
        assert.match(
          answer?.refusal?.message ?? '',
          new RegExp(`version 99 .* version ${COORDINATION_VERSION}`)
        )
        return Promise.resolve()
      })
    })
  })

  it('fault 29: says at once that another node answers than the address names', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const stranger = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
      const address = (coordinator.multiaddrs[0] ?? '').replace(/p2p\/.*/, `p2p/${stranger}`)
      const peer = await swarm.peer('ann', {}, { coordinator: address, joinTimeoutMs: 60_000 })
      await assert.rejects(peer.peer.start(), /another node answers at .*: it is 12D3Koo/)
    })
  })

  it('says so when no coordinator answers in time', async () => {
    await TestSwarm.run(async (swarm) => {
      const lonely = await swarm.peer('ann', {}, { coordinator: '/ip4/127.0.0.1/tcp/1', joinTimeoutMs: 300 })
      await assert.rejects(lonely.peer.start(), (error) => {
        assert.ok(error instanceof PotluckError)
        assert.equal(error.exitCode, 3)
        assert.match(error.message, /no coordinator answers at \/ip4\/127\.0\.0\.1\/tcp\/1/)
        return true
      })
    })
  })
})

describe('settings', () => {
  for (const [what, settings] of [
    ['a name that is a path', { name: '../ann' }],
    ['an address that is none', { coordinator: 'localhost' }],
    ['an address with half an identity', { coordinator: '/ip4/127.0.0.1/tcp/9000/p2p/12D3Koo' }],
    ['no collection', { collection: '' }]
  ] as const) {
    it(`refuses ${what}`, async () => {
      await TestSwarm.run(async (swarm) => {
        await assert.rejects(swarm.peer('ann', {}, { coordinator: '/ip4/127.0.0.1/tcp/1', ...settings }), {
          code: 'CONFIGURATION'
        })
      })
    })
  }
})

describe('stop', () => {
  it('leaves nothing open, at any moment', async () => {
    const open = (): string[] =>
      process.getActiveResourcesInfo().filter((name) => /^TCP|MessagePort|Worker/.test(name))
    const before = open()
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', TREES['ann'] ?? {})
      const ben = await swarm.peer('ben', TREES['ben'] ?? {})
      const midway = stored(ann, 5)
      await Promise.all([ann.peer.start(), ben.peer.start()])
      await midway
      await Promise.all([ann.peer.stop(), ann.peer.stop(), coordinator.stop(), ben.peer.stop()])
      // The system closes handles a moment after they were told to.
      for (let tries = 0; tries < 100 && open().length > before.length; tries++) {
        await sleep(20)
      }
      assert.deepEqual(open(), before)
    })
  })

  it('works at any moment of the start, too', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      for (const delayMs of [0, 5, 20, 50, 100, 200]) {
        const { peer } = await swarm.peer('ann', TREES['ann'] ?? {})
        const started = peer.start().catch((error) => assert.equal(error.code, 'INTERRUPTED'))
        await sleep(delayMs)
        await peer.stop()
        await started
        await assert.rejects(peer.completed(), { code: 'INTERRUPTED' })
      }
      const other = await createCoordinator({ listen: swarm.listen() })
      await Promise.all([assert.rejects(other.start(), { code: 'INTERRUPTED' }), other.stop()])
      assert.deepEqual(other.multiaddrs, [])
      await coordinator.stop()
    })
  })

  it('follows the signal that the node was made with', async () => {
    await TestSwarm.run(async (swarm) => {
      const abort = new AbortController()
      const coordinator = await createCoordinator(
        { listen: swarm.listen(), expectedPeers: 1 },
        { signal: abort.signal }
      )
      await coordinator.start()
      abort.abort()
      await assert.rejects(coordinator.completed(), { code: 'INTERRUPTED' })
      await coordinator.stop()
    })
  })
})
