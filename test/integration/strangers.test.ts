/** Real peers and coordinators, and nodes that do not belong to their swarm. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { PotluckError } from '#potluck/index.js'
import { loadIdentity } from '#potluck/keys/identity.js'
import { makeSecretFile } from '#potluck/keys/secret.js'
import { createHost, type Host } from '#potluck/node/host/host.js'
import { AVAILABILITY_PROTOCOL } from '#potluck/protocols/availability/index.js'
import { CHUNK_PROTOCOL } from '#potluck/protocols/chunk/index.js'
import { COORDINATION_PROTOCOL } from '#potluck/protocols/coordination/index.js'
import { DIGESTS_PROTOCOL } from '#potluck/protocols/digests/index.js'
import { type Manifest, newSwarmId, openManifest, signManifest } from '#potluck/protocols/manifest/index.js'
import { ManifestBody, SignedManifest } from '#potluck/protocols/manifest/pb/messages.js'
import { HOP_PROTOCOL } from '#potluck/protocols/relay/index.js'
import { UPLINK_TEST_PROTOCOL } from '#potluck/protocols/uplink-test/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { memberOf, withFalseCoordinator } from '../fixtures/false-coordinator.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'
import { CHUNK, differences, gathered, nextEvent, readTree, TestSwarm } from '../fixtures/swarm.js'

/** "Within a second", with room for a busy machine. */
const SECOND_MS = 1000

const PEER_PROTOCOLS = [AVAILABILITY_PROTOCOL, DIGESTS_PROTOCOL, CHUNK_PROTOCOL]

const TREES = { ann: { 'a.bin': bytesOf(8 * CHUNK, 'a') }, ben: { 'b.bin': bytesOf(8 * CHUNK, 'b') } }

async function withStranger(use: (stranger: Host) => Promise<void>): Promise<void> {
  const stranger = await createHost({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    announce: [],
    door: OPEN_DOOR,
    privateKey: await generateKeyPair('Ed25519')
  })
  await stranger.start()
  try {
    await use(stranger)
  } finally {
    await stranger.stop()
  }
}

async function until(isSo: () => boolean, withinMs: number, what: string): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  while (!isSo()) {
    assert.ok(performance.now() < deadlineMs, `not within ${withinMs} ms: ${what}`)
    await sleep(5)
  }
}

/** Connects, and waits until the other side has ended that. */
async function isTurnedAway(stranger: Host, address: Multiaddr, protocols: string[]): Promise<void> {
  let connection: Connection | undefined
  try {
    connection = await stranger.dial(address)
    for (const protocol of protocols) {
      const made = connection
      await assert.rejects(answerOf(made, protocol), `${protocol} is open to a stranger`)
    }
  } catch (error) {
    assert.ok(!(error instanceof assert.AssertionError), String(error))
  }
  const last = connection
  if (last !== undefined) {
    await until(() => last.status !== 'open', 5 * SECOND_MS, 'it is turned away')
  }
}

/** Rejects when the stream cannot be opened, or is reset at once. */
async function answerOf(connection: Connection, protocol: string): Promise<void> {
  const stream = await connection.newStream(protocol)
  stream.send(Uint8Array.of(0))
  const deadlineMs = performance.now() + SECOND_MS
  while (performance.now() < deadlineMs) {
    if (stream.status !== 'open') {
      throw new Error(`the stream was ${stream.status}`)
    }
    await sleep(5)
  }
}

describe('a stranger with valid libp2p', () => {
  it('fault 27: is served by neither the coordinator nor a peer of a swarm with a secret', async () => {
    await TestSwarm.run(async (swarm) => {
      const secretFile = join(swarm.folder, 'secret')
      await makeSecretFile(secretFile)
      const coordinator = await swarm.coordinator({ expectedPeers: 2, secretFile, relay: true })
      const ann = await swarm.peer('ann', TREES.ann, { secretFile })
      const ben = await swarm.peer('ben', TREES.ben, { secretFile })
      const rosters = [ann, ben].map(({ peer }) => nextEvent(peer, 'roster'))
      await withStranger(async (stranger) => {
        const connection = await stranger.dial(multiaddr(coordinator.multiaddrs[0]))
        await ann.peer.start()
        for (const protocol of [COORDINATION_PROTOCOL, UPLINK_TEST_PROTOCOL, HOP_PROTOCOL]) {
          await assert.rejects(answerOf(connection, protocol), `${protocol} is open to a stranger`)
        }
        await ben.peer.start()
        await Promise.all(rosters)
        for (const { events } of [ann, ben]) {
          const [started] = events.filter((event) => event.event === 'started')
          await isTurnedAway(stranger, multiaddr(started?.multiaddrs[0]), PEER_PROTOCOLS)
        }
      })
      await Promise.all([ann, ben].map(({ peer }) => peer.completed()))
      for (const [name, { collection }] of [
        ['ann', ann],
        ['ben', ben]
      ] as const) {
        assert.deepEqual(differences(await readTree(collection), gathered(TREES, name)), [])
      }
    })
  })

  it('fault 27: is told at once that it has another secret or none, as a peer', async () => {
    await TestSwarm.run(async (swarm) => {
      const [secretFile, other] = [join(swarm.folder, 'secret'), join(swarm.folder, 'other')]
      await Promise.all([makeSecretFile(secretFile), makeSecretFile(other)])
      await swarm.coordinator({ expectedPeers: 2, secretFile })
      for (const [settings, pattern] of [
        [{}, /this one has none; give it a copy/],
        [{ secretFile: other }, /another secret than this peer/]
      ] as const) {
        const eve = await swarm.peer('eve', {}, { joinTimeoutMs: 60_000, ...settings })
        await assert.rejects(eve.peer.start(), (error) => {
          assert.ok(error instanceof Error && 'code' in error && 'exitCode' in error)
          assert.deepEqual([error.code, error.exitCode], ['REFUSED', 3])
          assert.match(error.message, pattern)
          return true
        })
        await eve.peer.stop()
      }
      await until(
        () => swarm.coordinatorEvents.filter(({ event }) => event === 'refused').length === 2,
        SECOND_MS,
        'told'
      )
    })
  })
})

describe('a node that is no coordinator', () => {
  it('is told from one that does not answer', async () => {
    await withStranger(async (stranger) => {
      await TestSwarm.run(async (swarm) => {
        const coordinator = String(stranger.getMultiaddrs()[0])
        const ann = await swarm.peer('ann', {}, { coordinator, joinTimeoutMs: 60_000 })
        await assert.rejects(ann.peer.start(), /is no coordinator of this version; install the same release/)
      })
    })
  })

  for (const [what, odd] of [
    ['chunks that no memory would hold', { chunkByteLength: 2 ** 32 - 1 }],
    ['chunks of nothing', { chunkByteLength: 0 }],
    ['a clock without a time', { now: () => Number.NaN }]
  ] as const) {
    it(`fault 31: a coordinator of ${what} is not joined`, async () => {
      await withFalseCoordinator(async (coordinator) => {
        await TestSwarm.run(async (swarm) => {
          const tree = { 'a.bin': bytesOf(CHUNK, 'a') }
          const settings = { coordinator: coordinator.address, joinTimeoutMs: 1000 }
          const { peer, events } = await swarm.peer('ann', tree, settings)
          await assert.rejects(peer.start(), { code: 'COORDINATOR_LOST' })
          assert.ok(!events.some(({ event }) => event === 'registered'))
        })
      }, odd)
    })
  }
})

describe('a node that is no member', () => {
  it('fault 28: is refused at once by the coordinator where its PeerId is not on the list', async () => {
    await TestSwarm.run(async (swarm) => {
      const identityFile = join(swarm.folder, 'ann.key')
      const allow = [peerIdFromPrivateKey(await loadIdentity(identityFile)).toString()]
      await swarm.coordinator({ expectedPeers: 2, allow })
      const ann = await swarm.peer('ann', {}, { identityFile })
      await ann.peer.start()
      const eve = await swarm.peer('eve', {}, { joinTimeoutMs: 60_000 })
      const started = nextEvent(eve.peer, 'started')
      const starting = assert.rejects(eve.peer.start(), (error) => {
        assert.ok(error instanceof PotluckError)
        assert.equal(error.exitCode, 3)
        assert.match(error.message, /"allow" list; give 12D3Koo\w+ to the person who runs the coordinator/)
        return true
      })
      const { peerId } = await started
      await starting
      assert.equal(
        eve.events.filter(({ event }) => event === 'coordinator-unreachable').length,
        0,
        'it tried once'
      )
      const refused = swarm.coordinatorEvents.flatMap((event) => (event.event === 'refused' ? [event] : []))
      assert.deepEqual(
        refused.map(({ code, peerId: of }) => [code, of]),
        [['NOT_ALLOWED', peerId]]
      )
    })
  })

  it('fault 28: is turned away by a peer, within a second where it was a member before', async () => {
    await withFalseCoordinator(async (coordinator) => {
      await TestSwarm.run(async (swarm) => {
        const ann = await swarm.peer('ann', {}, { coordinator: coordinator.address })
        const addresses = nextEvent(ann.peer, 'started')
        await ann.peer.start()
        const { peerId, multiaddrs } = await addresses
        const address = multiaddr(multiaddrs[0])
        const me = memberOf('ann', { peerId })
        await withStranger(async (eve) => {
          await coordinator.tell({ roster: { members: [me, memberOf('eve', eve)] } })
          const connected = nextEvent(ann.peer, 'peer-connected')
          const connection = await eve.dial(address)
          await connected
          await connection.newStream(AVAILABILITY_PROTOCOL)
          const removedAtMs = performance.now()
          await coordinator.tell({ roster: { members: [me] } })
          await until(
            () => connection.status !== 'open',
            SECOND_MS,
            'the connection of a removed member ends'
          )
          assert.ok(performance.now() - removedAtMs < SECOND_MS)
          assert.equal(ann.events.filter(({ event }) => event === 'peer-disconnected').length, 1)
          await isTurnedAway(eve, address, PEER_PROTOCOLS)
        })
        await withStranger((mallory) => isTurnedAway(mallory, address, PEER_PROTOCOLS))
      })
    })
  })

  it('fault 28: waits a moment where a peer does not know its members yet, and no longer', async () => {
    await withFalseCoordinator(async (coordinator) => {
      await TestSwarm.run(async (swarm) => {
        const ann = await swarm.peer('ann', {}, { coordinator: coordinator.address })
        const addresses = nextEvent(ann.peer, 'started')
        await ann.peer.start()
        const { peerId, multiaddrs } = await addresses
        const address = multiaddr(multiaddrs[0])
        await withStranger(async (ben) => {
          // It has the roster a moment earlier.
          const connection = await ben.dial(address)
          const stream = connection.newStream(AVAILABILITY_PROTOCOL)
          await sleep(100)
          const members = [memberOf('ann', { peerId }), memberOf('ben', ben)]
          await coordinator.tell({ roster: { members } })
          assert.equal((await stream).status, 'open')
        })
      })
    })
    await withFalseCoordinator(async (coordinator) => {
      await TestSwarm.run(async (swarm) => {
        const ann = await swarm.peer('ann', {}, { coordinator: coordinator.address })
        const addresses = nextEvent(ann.peer, 'started')
        await ann.peer.start()
        const { multiaddrs } = await addresses
        await withStranger(async (eve) => {
          const connection = await eve.dial(multiaddr(multiaddrs[0]))
          await until(() => connection.status !== 'open', 8 * SECOND_MS, 'it is turned away')
        })
      })
    })
  })
})

describe("somebody else's node at a known address", () => {
  it('fault 29: is not taken for the member that was there', async () => {
    await withFalseCoordinator(async (coordinator) => {
      await TestSwarm.run(async (swarm) => {
        const ann = await swarm.peer('ann', {}, { coordinator: coordinator.address })
        await ann.peer.start()
        const [started] = ann.events.filter((event) => event.event === 'started')
        await withStranger(async (eve) => {
          let seen = 0
          eve.addEventListener('connection:open', () => {
            seen++
          })
          const ben = peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
          const addresses = eve.getMultiaddrs().map((address) => String(address).replace(/\/p2p\/.*/, ''))
          const failed = nextEvent(ann.peer, 'dial-failed', ({ remote }) => remote === 'ben')
          const members = [
            memberOf('ann', { peerId: started?.peerId ?? '' }),
            memberOf('ben', { peerId: ben }, addresses)
          ]
          await coordinator.tell({ roster: { members } })
          assert.match((await failed).message, /does not match/)
          assert.equal(seen, 0)
          assert.ok(!ann.events.some(({ event }) => event === 'peer-connected'))
        })
      })
    })
  })
})

function bensFile(originId: string): Manifest {
  return {
    kind: 'file',
    origin: 'ben',
    originId,
    path: 'b.bin',
    byteLength: 5,
    chunkByteLength: CHUNK,
    md5: '0'.repeat(32),
    root: '2'.repeat(64)
  }
}

describe('a coordinator that alters a manifest', () => {
  const alter = (bytes: Uint8Array<ArrayBuffer>, changes: Partial<ManifestBody>): Uint8Array<ArrayBuffer> => {
    const { body, signature } = SignedManifest.decode(bytes)
    const altered = ManifestBody.encode({ ...ManifestBody.decode(body), ...changes })
    return Uint8Array.from(SignedManifest.encode({ body: Uint8Array.from(altered), signature }))
  }

  for (const [what, change] of [
    ['its MD5', { md5: new Uint8Array(16).fill(1) }],
    ['its content', { root: new Uint8Array(32).fill(1) }],
    ['its length', { byteLength: 1 }],
    ['its path', { path: 'other.bin' }]
  ] as const) {
    it(`fault 23: is caught by the peer that is to take it (${what})`, async () => {
      await withFalseCoordinator(async (coordinator) => {
        await TestSwarm.run(async (swarm) => {
          const { tree, ben } = { tree: TREES.ann, ben: await generateKeyPair('Ed25519') }
          const ann = await swarm.peer('ann', tree, { coordinator: coordinator.address })
          await ann.peer.start()
          const [started] = ann.events.filter((event) => event.event === 'started')
          const benId = peerIdFromPrivateKey(ben).toString()
          const manifest = bensFile(benId)
          const { bytes } = await signManifest(manifest, coordinator.swarmId, ben)
          const members = [
            memberOf('ann', { peerId: started?.peerId ?? '' }),
            memberOf('ben', { peerId: benId })
          ]
          await coordinator.tell({ roster: { members } })
          await coordinator.tell({ catalog: { manifests: [alter(bytes, change)], last: true } })
          await assert.rejects(ann.peer.completed(), (error) => {
            assert.ok(error instanceof Error && 'code' in error && 'exitCode' in error)
            assert.deepEqual([error.code, error.exitCode], ['INTEGRITY', 5])
            assert.match(error.message, /not signed by its origin/)
            return true
          })
          assert.ok(!ann.events.some(({ event }) => event === 'catalog'))
        })
      })
    })
  }

  it('fault 23: is caught when it passes on one of another swarm', async () => {
    await withFalseCoordinator(async (coordinator) => {
      await TestSwarm.run(async (swarm) => {
        const privateKey = await loadIdentity(join(swarm.folder, 'ann.key'))
        const identityFile = join(swarm.folder, 'ann.key')
        const settings = { coordinator: coordinator.address, identityFile }
        const ann = await swarm.peer('ann', TREES.ann, settings)
        await ann.peer.start()
        const [own] = await coordinator.published
        assert.ok(own !== undefined)
        const { manifest } = await openManifest(own, coordinator.swarmId)
        // Ann herself signed it, of the same file, some other day.
        const old = await signManifest(manifest, newSwarmId(), privateKey)
        await coordinator.tell({ roster: { members: [memberOf('ann', { peerId: manifest.originId })] } })
        await coordinator.tell({ catalog: { manifests: [old.bytes], last: true } })
        await assert.rejects(ann.peer.completed(), /published in another swarm/)
      })
    })
  })

  it('fault 23: is caught when it passes on one that is divided in another way', async () => {
    await withFalseCoordinator(async (coordinator) => {
      await TestSwarm.run(async (swarm) => {
        const ben = await generateKeyPair('Ed25519')
        const benId = peerIdFromPrivateKey(ben).toString()
        const ann = await swarm.peer('ann', TREES.ann, { coordinator: coordinator.address })
        await ann.peer.start()
        const manifest = { ...bensFile(benId), byteLength: 5 * CHUNK, chunkByteLength: CHUNK / 2 }
        const { bytes } = await signManifest(manifest, coordinator.swarmId, ben)
        await coordinator.tell({ roster: { members: [memberOf('ben', { peerId: benId })] } })
        await coordinator.tell({ catalog: { manifests: [bytes], last: true } })
        await assert.rejects(ann.peer.completed(), {
          code: 'INTEGRITY',
          message: /ben\/b\.bin in chunks of 8192 bytes instead of 16384/
        })
      })
    })
  })

  it('fault 24: is no worse than an origin that signs two of one path: neither is taken', async () => {
    await withFalseCoordinator(async (coordinator) => {
      await TestSwarm.run(async (swarm) => {
        const ben = await generateKeyPair('Ed25519')
        const benId = peerIdFromPrivateKey(ben).toString()
        const ann = await swarm.peer('ann', TREES.ann, { coordinator: coordinator.address })
        await ann.peer.start()
        const manifest = bensFile(benId)
        const both = [manifest, { ...manifest, root: '3'.repeat(64) }]
        const signed = await Promise.all(both.map((one) => signManifest(one, coordinator.swarmId, ben)))
        // One after the other, as if the coordinator had come back with another one.
        await coordinator.tell({ roster: { members: [memberOf('ben', { peerId: benId })] } })
        for (const { bytes } of signed) {
          await coordinator.tell({ catalog: { manifests: [bytes], last: true } })
        }
        await assert.rejects(ann.peer.completed(), {
          code: 'INTEGRITY',
          message: /ben\/b\.bin is described in two ways/
        })
        assert.deepEqual(await readTree(ann.collection), {})
      })
    })
  })
})
