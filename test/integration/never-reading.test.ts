/** A getter that asks for everything and reads nothing. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import { createHost } from '#potluck/node/host.js'
import { askAdmission } from '#potluck/protocols/admission/index.js'
import { AvailabilityService } from '#potluck/protocols/availability/index.js'
import { CHUNK_PROTOCOL } from '#potluck/protocols/chunk/index.js'
import { ChunkRequest } from '#potluck/protocols/chunk/messages.js'
import { COORDINATION_VERSION, CoordinationService } from '#potluck/protocols/coordination/index.js'
import { fromHex } from '#potluck/protocols/manifest/index.js'
import { STREAM_WINDOW_BYTE_LENGTH, sendMessage } from '#potluck/protocols/wire.js'
import { altered, oddPeer } from '../fixtures/odd-peer.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'
import { bytesOf, CHUNK, nextEvent, TestSwarm } from '../fixtures/swarm.js'

const CHUNK_COUNT = 240

/** As many as fit the stream's window, and those that are about to leave. */
const MOST_READ = STREAM_WINDOW_BYTE_LENGTH / CHUNK + 16

/** Joins as a member that asks a provider for every chunk when it is told to. */
async function joinIdle(coordinator: string, signal: AbortSignal) {
  const privateKey = await generateKeyPair('Ed25519')
  const host = await createHost({ listen: [], announce: [], privateKey, door: OPEN_DOOR })
  await host.start()
  const listener = {
    ready: async () => undefined,
    onHoldings: () => undefined,
    onHaves: () => undefined,
    onStatus: () => undefined
  }
  await new AvailabilityService({ host, listener }).start()
  const connection = await host.dial(multiaddr(coordinator))
  await askAdmission({ connection, secret: undefined, peerId: host.peerId.toString(), signal })
  const session = await new CoordinationService({ host }).open(connection, signal)
  await session.send({ join: { version: COORDINATION_VERSION, name: 'idle', multiaddrs: [] } })
  await session.send({ manifests: { manifests: [], last: true } })
  const askForAll = async (provider: string, root: string): Promise<void> => {
    const connection = await host.dial(multiaddr(provider))
    const stream = await connection.newStream(CHUNK_PROTOCOL, { signal })
    stream.pause()
    for (let chunkIndex = 0; chunkIndex < CHUNK_COUNT; chunkIndex++) {
      await sendMessage(stream, ChunkRequest, { id: chunkIndex + 1, root: fromHex(root), chunkIndex })
    }
  }
  return { askForAll, stop: () => host.stop() }
}

describe('a getter that never reads', () => {
  it('fault 22: makes its provider hold no more than a window, and no other chunk is read', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const [address = ''] = coordinator.multiaddrs
      let read = 0
      let root = ''
      const signal = AbortSignal.timeout(20_000)
      const provider = await oddPeer(swarm, {
        coordinator: address,
        tree: { 'large.bin': bytesOf(CHUNK_COUNT * CHUNK, 'large') },
        config: { listen: ['/ip4/127.0.0.1/tcp/0'] },
        alterStore: (store) =>
          altered(store, {
            hashShares: async (chunkByteLength) => {
              const shared = await store.hashShares(chunkByteLength)
              root = shared[0]?.root ?? ''
              return shared
            },
            readChunk: (contentRoot, chunkIndex) => {
              read++
              return store.readChunk(contentRoot, chunkIndex)
            }
          })
      })
      const started = nextEvent(provider, 'started')
      const ben = await swarm.peer('ben', {})
      const complete = nextEvent(ben.peer, 'peer-complete')
      await Promise.all([provider.start(), ben.peer.start()])
      const { multiaddrs } = await started
      const idle = await joinIdle(address, signal)
      try {
        await complete
        await idle.askForAll(multiaddrs[0] ?? '', root)
        for (let before = -1; before < read || read <= CHUNK_COUNT; ) {
          before = read
          await sleep(200, undefined, { signal })
        }
        assert.ok(read <= CHUNK_COUNT + MOST_READ, `${read} chunks were read`)
      } finally {
        await idle.stop()
        await provider.stop()
      }
    })
  })
})
