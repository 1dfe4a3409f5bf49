/** How many streams, asks and sessions a node accepts from one other node, however many that one opens. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { Bitfield } from '#potluck/core/bitfield.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import { Uploader } from '#potluck/node/exchange/uploader.js'
import { createHost, type Host } from '#potluck/node/host/host.js'
import * as admission from '#potluck/protocols/admission/constants.js'
import { askAdmission } from '#potluck/protocols/admission/index.js'
import * as availability from '#potluck/protocols/availability/constants.js'
import * as chunk from '#potluck/protocols/chunk/constants.js'
import { ReplyStream } from '#potluck/protocols/chunk/index.js'
import * as coordination from '#potluck/protocols/coordination/constants.js'
import { openSession, type PeerSession } from '#potluck/protocols/coordination/index.js'
import * as digests from '#potluck/protocols/digests/constants.js'
import * as relay from '#potluck/protocols/relay/constants.js'
import * as uplinkTest from '#potluck/protocols/uplink-test/constants.js'
import { ProtocolViolation } from '#potluck/protocols/wire.js'
import { engineOf } from '../fixtures/engine.js'
import { memberOf, withFalseCoordinator } from '../fixtures/false-coordinator.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'
import { CHUNK, nextEvent, TestSwarm } from '../fixtures/swarm.js'

const DEADLINE_MS = 20_000

async function withEve(use: (eve: Host) => Promise<void>): Promise<void> {
  const privateKey = await generateKeyPair('Ed25519')
  const eve = await createHost({ listen: [], announce: [], door: OPEN_DOOR, privateKey })
  await eve.start()
  try {
    await use(eve)
  } finally {
    await eve.stop()
  }
}

/** Opens one stream more than there is room for, and waits until only so many are left. */
async function assertCap(connection: Connection, protocol: string, cap: number): Promise<void> {
  const options = { maxOutboundStreams: cap + 1 }
  const streams = await Promise.all(
    Array.from({ length: cap + 1 }, () => connection.newStream(protocol, options).catch(() => undefined))
  )
  const open = (): number => streams.filter((stream) => stream?.status === 'open').length
  const deadlineMs = performance.now() + DEADLINE_MS
  while (open() > cap) {
    assert.ok(performance.now() < deadlineMs, `${open()} streams of ${protocol} are open`)
    await sleep(10)
  }
  assert.equal(open(), cap, protocol)
  for (const stream of streams) {
    stream?.abort(new Error('enough'))
  }
}

/** Waits until the other side has ended a session. */
async function endOf(session: PeerSession, signal: AbortSignal): Promise<void> {
  const end = (async () => {
    try {
      for await (const message of session.received()) {
        assert.ok(message)
      }
    } catch {
      // Reset is an end as well.
    }
  })()
  const late = once(signal, 'abort').then(() => assert.fail('the session goes on'))
  late.catch(() => undefined)
  await Promise.race([end, late])
}

describe('of one node', () => {
  it('fault 32: a coordinator takes so many streams of each protocol', async () => {
    await TestSwarm.run(async (swarm) => {
      const { multiaddrs } = await swarm.coordinator({ expectedPeers: 2, relay: true })
      await withEve(async (eve) => {
        const connection = await eve.dial(multiaddr(multiaddrs[0]))
        const signal = AbortSignal.timeout(DEADLINE_MS)
        await askAdmission({ connection, secret: undefined, peerId: eve.peerId.toString(), signal })
        for (const [protocol, cap] of [
          [admission.ADMISSION_PROTOCOL, admission.MAX_INBOUND_STREAMS],
          [coordination.COORDINATION_PROTOCOL, coordination.MAX_INBOUND_STREAMS],
          [uplinkTest.UPLINK_TEST_PROTOCOL, uplinkTest.MAX_INBOUND_STREAMS],
          [relay.HOP_PROTOCOL, relay.MAX_RELAYED_PER_MEMBER]
        ] as const) {
          await assertCap(connection, protocol, cap)
        }
      })
    })
  })

  it('fault 32: a peer takes so many streams of each protocol', async () => {
    await withFalseCoordinator(async (coordinator) => {
      await TestSwarm.run(async (swarm) => {
        const ann = await swarm.peer('ann', {}, { coordinator: coordinator.address })
        const started = nextEvent(ann.peer, 'started')
        await ann.peer.start()
        const { peerId, multiaddrs } = await started
        await withEve(async (eve) => {
          await coordinator.tell({ roster: { members: [memberOf('ann', { peerId }), memberOf('eve', eve)] } })
          const connection = await eve.dial(multiaddr(multiaddrs[0]))
          for (const [protocol, cap] of [
            [availability.AVAILABILITY_PROTOCOL, availability.MAX_INBOUND_STREAMS],
            [digests.DIGESTS_PROTOCOL, digests.MAX_INBOUND_STREAMS],
            [chunk.CHUNK_PROTOCOL, chunk.MAX_INBOUND_STREAMS]
          ] as const) {
            await assertCap(connection, protocol, cap)
          }
        })
      })
    })
  })

  it('fault 32: so many asks wait, and the stream of the next one ends', async () => {
    const state = new SwarmState(() => 0)
    const root = 'ab'.repeat(32)
    const chunkCount = 10
    const extent = { byteLength: chunkCount * CHUNK, chunkByteLength: CHUNK }
    state.addContent(root, extent, Bitfield.full(chunkCount), 'ben')
    const engine = engineOf(state, {}, CHUNK)
    engine.connected('eve', 0)
    const uploader = new Uploader({
      engine,
      now: () => 0,
      read: () => new Promise(() => undefined),
      release: () => undefined,
      onSent: () => undefined
    })
    const [stream] = await streamPair()
    const onAsk = uploader.onStream(new ReplyStream('eve', stream, undefined))
    let asked = 0
    assert.throws(() => {
      for (; asked < 4 * chunk.MAX_WAITING_ASKS; asked++) {
        onAsk({ kind: 'chunk', id: asked, root, chunkIndex: asked % chunkCount })
      }
    }, ProtocolViolation)
    assert.ok(asked >= chunk.MAX_WAITING_ASKS && asked < chunk.MAX_WAITING_ASKS + 16, `${asked} were taken`)
    stream.abort(new Error('done'))
  })

  it('fault 32: a session without a join ends, and a second join ends the first', async () => {
    await TestSwarm.run(async (swarm) => {
      const { multiaddrs } = await swarm.coordinator({ expectedPeers: 2 })
      await withEve(async (eve) => {
        const connection = await eve.dial(multiaddr(multiaddrs[0]))
        const signal = AbortSignal.timeout(2 * coordination.JOIN_TIMEOUT_MS)
        await askAdmission({ connection, secret: undefined, peerId: eve.peerId.toString(), signal })
        const open = (): Promise<PeerSession> => openSession(connection, signal)
        const join = { version: coordination.COORDINATION_VERSION, name: 'eve', multiaddrs: [] }
        const first = await open()
        await first.send({ join })
        const second = await open()
        await second.send({ join })
        await endOf(first, signal)
        await second.close()
        await endOf(await open(), signal)
      })
    })
  })
})
