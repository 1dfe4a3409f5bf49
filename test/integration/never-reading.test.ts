/** A getter that asks for everything and reads nothing. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { STREAM_WINDOW_BYTE_LENGTH } from '#potluck/protocols/wire.js'
import { bytesOf } from '../fixtures/bytes.js'
import { joinIdle } from '../fixtures/idle-getter.js'
import { altered, oddPeer } from '../fixtures/odd-peer.js'
import { CHUNK, nextEvent, TestSwarm } from '../fixtures/swarm.js'

const CHUNK_COUNT = 240

/** As many as fit the stream's window, and those that are about to leave. */
const MOST_READ = STREAM_WINDOW_BYTE_LENGTH / CHUNK + 16

describe('a getter that never reads', () => {
  it('fault 22: makes its provider hold no more than a window, and is given up', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const [address = ''] = coordinator.multiaddrs
      let read = 0
      let root = ''
      const signal = AbortSignal.timeout(60_000)
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
      const stalled = nextEvent(provider, 'peer-stalled')
      const ben = await swarm.peer('ben', {})
      const complete = nextEvent(ben.peer, 'peer-complete')
      await Promise.all([provider.start(), ben.peer.start()])
      const { multiaddrs } = await started
      const idle = await joinIdle(address, 'idle', signal)
      try {
        await complete
        await idle.ask({ provider: multiaddrs[0] ?? '', root, chunkCount: CHUNK_COUNT, streams: 1 })
        for (let before = -1; before < read || read <= CHUNK_COUNT; ) {
          before = read
          await sleep(200, undefined, { signal })
        }
        assert.ok(read <= CHUNK_COUNT + MOST_READ, `${read} chunks were read`)
        assert.equal((await stalled).remote, 'idle')
      } finally {
        await idle.stop()
        await provider.stop()
      }
    })
  })
})
