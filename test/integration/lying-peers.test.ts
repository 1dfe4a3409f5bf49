/** Peers that send what they should not. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createHost } from '#potluck/node/host.js'
import { loadIdentity } from '#potluck/node/identity.js'
import { Peer } from '#potluck/node/peer.js'
import type { Store } from '#potluck/node/store/store.js'
import { openThreadedStore } from '#potluck/node/store/threaded-store.js'
import { bytesOf, CHUNK, differences, gathered, readTree, TestSwarm, writeTree } from '../fixtures/swarm.js'

const TREES = {
  ann: { 'a.bin': bytesOf(60 * CHUNK, 'a') },
  ben: { 'b.bin': bytesOf(60 * CHUNK, 'b') },
  liar: {}
}

/** A store whose chunks are false whenever they are read for others. */
function lying(store: Store): Store {
  return {
    hashShares: (chunkByteLength) => store.hashShares(chunkByteLength),
    adopt: (manifests) => store.adopt(manifests),
    digests: (root) => store.digests(root),
    setDigests: (root, digests) => store.setDigests(root, digests),
    writeChunk: (root, chunkIndex, buffer, byteLength) =>
      store.writeChunk(root, chunkIndex, buffer, byteLength),
    close: () => store.close(),
    readChunk: async (root, chunkIndex) => {
      const bytes = await store.readChunk(root, chunkIndex)
      bytes[0] = (bytes[0] ?? 0) ^ 1
      return bytes
    }
  }
}

describe('a peer that sends false chunks', () => {
  it('harms nobody: nothing false is stored, and it alone is banned', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const ann = await swarm.peer('ann', TREES.ann)
      const ben = await swarm.peer('ben', TREES.ben)
      const collection = join(swarm.folder, 'collection', 'liar')
      await writeTree(collection, {})
      const privateKey = await loadIdentity(collection)
      const liar = new Peer(
        {
          name: 'liar',
          coordinator: coordinator.multiaddrs[0] ?? '',
          listen: [],
          announce: [],
          share: [],
          collection,
          logs: '',
          joinTimeoutMs: 5000,
          onCoordinatorLost: 'continue',
          peerReturnTimeoutMs: 60_000
        },
        {
          host: await createHost({ listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], privateKey }),
          privateKey,
          openStore: async (listener) =>
            lying(await openThreadedStore({ name: 'liar', collection, shares: [], listener })),
          now: () => performance.now(),
          random: Math.random
        }
      )
      try {
        await Promise.all([ann.peer.start(), ben.peer.start(), liar.start()])
        await coordinator.completed()
        for (const [name, { peer, collection: folder, events }] of [
          ['ann', ann],
          ['ben', ben]
        ] as const) {
          await peer.completed()
          assert.deepEqual(differences(await readTree(folder), gathered(TREES, name)), [])
          const banned = events.filter((event) => event.event === 'peer-banned')
          assert.ok(banned.every(({ remote }) => remote === 'liar'))
          const corrupt = events.filter(
            (event) => event.event === 'chunk-failed' && event.reason === 'corrupt'
          )
          assert.ok(corrupt.every((event) => event.event === 'chunk-failed' && event.from === 'liar'))
        }
      } finally {
        await liar.stop()
      }
    })
  })
})
