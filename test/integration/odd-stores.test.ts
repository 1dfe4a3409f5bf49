/** Peers whose store is not what it should be: false chunks for others, no room for what comes. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { identityFileIn, loadIdentity } from '#potluck/keys/identity.js'
import { peerConfigSchema } from '#potluck/node/config.js'
import { PeerDoor } from '#potluck/node/door.js'
import { createHost } from '#potluck/node/host.js'
import { Peer } from '#potluck/node/peer.js'
import { DiskFullError, type Store } from '#potluck/node/store/store.js'
import { openThreadedStore } from '#potluck/node/store/threaded-store.js'
import { bytesOf, CHUNK, differences, gathered, readTree, TestSwarm, writeTree } from '../fixtures/swarm.js'

const TREES = {
  ann: { 'a.bin': bytesOf(60 * CHUNK, 'a') },
  ben: { 'b.bin': bytesOf(60 * CHUNK, 'b') },
  odd: {}
}

/** A store with some of its calls replaced. */
function altered(store: Store, changes: Partial<Store>): Store {
  return {
    hashShares: (chunkByteLength) => store.hashShares(chunkByteLength),
    adopt: (manifests) => store.adopt(manifests),
    digests: (root, firstChunkIndex, count) => store.digests(root, firstChunkIndex, count),
    setDigests: (root, digests) => store.setDigests(root, digests),
    readChunk: (root, chunkIndex) => store.readChunk(root, chunkIndex),
    writeChunk: (root, chunkIndex, buffer, byteLength) =>
      store.writeChunk(root, chunkIndex, buffer, byteLength),
    close: () => store.close(),
    ...changes
  }
}

/** A peer that shares nothing, with a store that is not quite what it should be. */
async function peerWith(
  swarm: TestSwarm,
  coordinator: string,
  alter: (store: Store) => Store
): Promise<Peer> {
  const name = 'odd'
  const collection = join(swarm.folder, 'collection', name)
  await writeTree(collection, {})
  const privateKey = await loadIdentity(identityFileIn(collection))
  const door = new PeerDoor()
  const config = peerConfigSchema.parse({ name, coordinator, collection })
  return new Peer(config, {
    host: await createHost({ listen: config.listen, announce: [], privateKey, door }),
    door,
    secret: undefined,
    isOpen: false,
    privateKey,
    openStore: async (listener) => alter(await openThreadedStore({ name, collection, shares: [], listener })),
    now: () => performance.now(),
    random: Math.random
  })
}

/** Chunks are false whenever they are read for others. */
function lying(store: Store): Store {
  return altered(store, {
    readChunk: async (root, chunkIndex) => {
      const bytes = await store.readChunk(root, chunkIndex)
      bytes[0] = (bytes[0] ?? 0) ^ 1
      return bytes
    }
  })
}

/** There is no room for the first chunks that come. */
function full(store: Store): Store {
  let refusals = 3
  return altered(store, {
    writeChunk: async (root, chunkIndex, buffer, byteLength) => {
      if (refusals > 0) {
        refusals--
        throw new DiskFullError('the disk is full')
      }
      return await store.writeChunk(root, chunkIndex, buffer, byteLength)
    }
  })
}

describe('a peer that sends false chunks', () => {
  it('harms nobody: nothing false is stored, and it alone is banned', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const ann = await swarm.peer('ann', TREES.ann)
      const ben = await swarm.peer('ben', TREES.ben)
      const liar = await peerWith(swarm, coordinator.multiaddrs[0] ?? '', lying)
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
          assert.ok(banned.every(({ remote }) => remote === 'odd'))
          const corrupt = events.filter(
            (event) => event.event === 'chunk-failed' && event.reason === 'corrupt'
          )
          assert.ok(corrupt.every((event) => event.event === 'chunk-failed' && event.from === 'odd'))
        }
      } finally {
        await liar.stop()
      }
    })
  })
})

describe('a peer whose disk is full', () => {
  it('pauses, says so, and completes when there is room', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', TREES.ann)
      const peer = await peerWith(swarm, coordinator.multiaddrs[0] ?? '', full)
      const told: string[] = []
      peer.events.listen(({ event }) => told.push(event))
      try {
        await Promise.all([ann.peer.start(), peer.start()])
        await peer.completed()
        assert.equal(told.filter((event) => event === 'disk-full').length, 1)
        assert.ok(!told.includes('error'))
      } finally {
        await peer.stop()
      }
    })
  })
})
