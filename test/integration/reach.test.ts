/** Which peers can reach each other: peers that do not listen, dead addresses, the relay, changing addresses. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { PotluckError } from '#potluck/index.js'
import { createHost, type Host } from '#potluck/node/host/host.js'
import { Mesh } from '#potluck/node/mesh/mesh.js'
import { bytesOf } from '../fixtures/bytes.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'
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

const TREES: Record<string, Tree> = {
  ann: { 'a.bin': bytesOf(20 * CHUNK, 'a') },
  ben: { 'b.bin': bytesOf(20 * CHUNK - 5, 'b') },
  cat: { 'c.bin': bytesOf(20 * CHUNK + 1, 'c') }
}

/** Nothing listens there, and nobody answers from there. */
const NOWHERE = ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.2/tcp/1']

type Settings = Parameters<TestSwarm['peer']>[2]

/** A peer behind a NAT as the others see it. */
const UNREACHABLE: Settings = { listen: [] }

async function start(swarm: TestSwarm, settings: Record<string, Settings>): Promise<Map<string, Member>> {
  const members = new Map<string, Member>()
  for (const [name, own] of Object.entries(settings)) {
    members.set(name, await swarm.peer(name, TREES[name] ?? {}, own))
  }
  await Promise.all([...members.values()].map(({ peer }) => peer.start()))
  return members
}

async function checkAll(members: Map<string, Member>): Promise<void> {
  const trees = Object.fromEntries([...members.keys()].map((name) => [name, TREES[name] ?? {}]))
  for (const [name, { peer, collection }] of members) {
    assert.equal((await peer.completed()).complete, true)
    assert.deepEqual(differences(await readTree(collection), gathered(trees, name)), [], name)
  }
}

type Connected = { remote: string; relayed: boolean; direction: string }

function connections({ events }: Member): Connected[] {
  return events.flatMap((event) => (event.event === 'peer-connected' ? [event] : []))
}

function relayedBytes(swarm: TestSwarm): number | undefined {
  return swarm.coordinatorEvents.flatMap((event) =>
    event.event === 'swarm-complete' ? [event.relayedBytes] : []
  )[0]
}

describe('a peer that listens on nothing', () => {
  it('takes many addresses of one peer for no leak', async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const host = await createHost({ listen: [], announce: [], privateKey, door: OPEN_DOOR })
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => {
      warnings.push(warning)
    }
    process.on('warning', onWarning)
    try {
      const addresses = Array.from({ length: 16 }, (_, index) => multiaddr(`/ip4/127.0.0.1/tcp/${index + 1}`))
      await host.start()
      await assert.rejects(host.services.reach.dial(addresses, AbortSignal.timeout(20_000)))
      await sleep(0)
      assert.deepEqual(warnings, [])
    } finally {
      process.off('warning', onWarning)
      await host.stop()
    }
  })

  it('takes part over the connections that it makes', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const members = await start(swarm, { ann: UNREACHABLE, ben: {}, cat: {} })
      await coordinator.completed()
      await checkAll(members)
      const ann = members.get('ann')
      assert.ok(ann !== undefined && connections(ann).every(({ direction }) => direction === 'outbound'))
    })
  })

  for (const transport of ['tcp', 'memory'] as const) {
    it(`gets what another one of its kind brings through a third peer, over ${transport}`, async () => {
      await TestSwarm.run(async (swarm) => {
        const coordinator = await swarm.coordinator({ expectedPeers: 3 })
        const members = await start(swarm, { ann: UNREACHABLE, ben: UNREACHABLE, cat: {} })
        await coordinator.completed()
        await checkAll(members)
        for (const name of ['ann', 'ben']) {
          const member = members.get(name)
          assert.deepEqual(
            new Set(member && connections(member).map(({ remote }) => remote)),
            new Set(['cat'])
          )
          assert.ok(
            member?.events.every(({ event }) => event !== 'dial-failed'),
            'there is nothing to dial'
          )
        }
        assert.equal(relayedBytes(swarm), undefined)
      }, transport)
    })
  }

  it('ends by itself without a coordinator when those it met have everything', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const peers = { ann: UNREACHABLE, ben: UNREACHABLE, cat: {} }
      const members = new Map<string, Member>()
      for (const [name, own] of Object.entries(peers)) {
        members.set(name, await swarm.peer(name, TREES[name] ?? {}, own))
      }
      const begun = [...members.values()].map(({ peer }) => nextEvent(peer, 'chunk-stored'))
      await Promise.all([...members.values()].map(({ peer }) => peer.start()))
      await Promise.all(begun)
      await coordinator.stop()
      await checkAll(members)
    })
  })
})

describe('addresses', () => {
  it('that lead nowhere do not keep a peer from those that lead to it', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const members = await start(swarm, { ann: { announce: NOWHERE }, ben: { announce: NOWHERE } })
      await coordinator.completed()
      await checkAll(members)
      const told = swarm.coordinatorEvents.flatMap((event) => (event.event === 'roster' ? event.members : []))
      assert.equal(told[0]?.multiaddrs.length, 3, 'those announced are told beside those listened on')
    })
  })

  it('fault 17: of a peer that comes back elsewhere are taken from the roster', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', TREES['ann'] ?? {}, UNREACHABLE)
      const first = await swarm.peer('ben', TREES['ben'] ?? {})
      const begun = nextEvent(ann.peer, 'chunk-stored')
      await Promise.all([ann.peer.start(), first.peer.start()])
      await begun
      await first.peer.stop()
      const second = await swarm.peer('ben', TREES['ben'] ?? {})
      const dialled = nextEvent(ann.peer, 'peer-connected')
      await second.peer.start()
      await within(60_000, () => 'a connection with ben where it is now', dialled)
      await coordinator.completed()
      await checkAll(
        new Map([
          ['ann', ann],
          ['ben', second]
        ])
      )
    })
  })
})

describe('two peers that dial each other at the same moment', () => {
  it('use one and the same connection', async () => {
    const meshes: Mesh[] = []
    const hosts: Host[] = []
    const inUse: (Connection | undefined)[] = []
    for (const index of [0, 1]) {
      const privateKey = await generateKeyPair('Ed25519')
      const host = await createHost({
        listen: ['/ip4/127.0.0.1/tcp/0'],
        announce: [],
        door: OPEN_DOOR,
        privateKey
      })
      await host.start()
      hosts.push(host)
      const listener = {
        onConnected: (_: unknown, connection: Connection) => {
          inUse[index] = connection
        },
        onDisconnected: () => {
          inUse[index] = undefined
        },
        onDialFailed: () => undefined
      }
      meshes.push(new Mesh({ host, listener, now: () => performance.now(), random: Math.random }))
    }
    try {
      const members = hosts.map((host, index) => ({
        name: `peer${index}`,
        peerId: host.peerId.toString(),
        multiaddrs: [],
        connected: true,
        complete: false
      }))
      for (const mesh of meshes) {
        mesh.setMembers(members)
      }
      const signal = AbortSignal.timeout(10_000)
      await Promise.all(
        hosts.map((host, index) => {
          const other = hosts[1 - index]
          return host.services.reach.dial(other?.getMultiaddrs() ?? [], signal)
        })
      )
      while (hosts.some((host) => host.getConnections().length < 2)) {
        await sleep(10)
      }
      const [one, other] = inUse
      assert.ok(one !== undefined && other !== undefined)
      assert.notEqual(one.direction, other.direction)
    } finally {
      for (const mesh of meshes) {
        mesh.stop()
      }
      await Promise.all(hosts.map((host) => host.stop()))
    }
  })
})

describe('peers that nobody can reach', () => {
  it('exchange through the relay of the coordinator, which counts the bytes', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3, relay: true })
      const members = await start(swarm, { ann: UNREACHABLE, ben: UNREACHABLE, cat: UNREACHABLE })
      await coordinator.completed()
      await checkAll(members)
      const chunkBytes = [...members.values()]
        .flatMap(({ events }) => events)
        .reduce((sum, event) => sum + (event.event === 'chunk-stored' ? event.byteLength : 0), 0)
      const carried = relayedBytes(swarm)
      assert.ok(carried !== undefined && carried > chunkBytes, `${carried} of ${chunkBytes} bytes`)
      for (const member of members.values()) {
        assert.ok(connections(member).every(({ relayed }) => relayed))
      }
    })
  })

  it('leave the relay as soon as there is a direct way', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2, relay: true })
      const ann = await swarm.peer('ann', TREES['ann'] ?? {}, UNREACHABLE)
      const first = await swarm.peer('ben', TREES['ben'] ?? {}, UNREACHABLE)
      const begun = nextEvent(ann.peer, 'chunk-stored')
      await Promise.all([ann.peer.start(), first.peer.start()])
      await begun
      await first.peer.stop()
      const second = await swarm.peer('ben', TREES['ben'] ?? {})
      const direct = nextEvent(ann.peer, 'peer-connected', ({ relayed }) => !relayed)
      await second.peer.start()
      await direct
      await coordinator.completed()
      await checkAll(
        new Map([
          ['ann', ann],
          ['ben', second]
        ])
      )
    })
  })

  it('end as incomplete without one, and are told what helps', async () => {
    await TestSwarm.run(async (swarm) => {
      await swarm.coordinator({ expectedPeers: 2 })
      const lost: Settings = { ...UNREACHABLE, peerReturnTimeoutMs: 500 }
      const members = await start(swarm, { ann: lost, ben: { ...lost, listen: [], announce: NOWHERE } })
      await assert.rejects(members.get('ann')?.peer.completed() ?? Promise.resolve(), (error) => {
        assert.ok(error instanceof PotluckError)
        assert.equal(error.exitCode, 4)
        assert.match(error.message, /ben\/b\.bin \(20 of 20 chunks, from ben\)/)
        assert.match(
          error.message,
          /this peer and ben never reached each other: let one listen .*--listen 9001.*--announce.* --relay/
        )
        return true
      })
    })
  })
})
