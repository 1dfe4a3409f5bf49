/** One engine decides in the product, the simulator and the closed world: one of its options changes all three. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scenarioSchema } from '../../sim/scenario.js'
import { Simulation } from '../../sim/simulation.js'
import { bytesOf } from '../fixtures/bytes.js'
import { altered, oddPeer } from '../fixtures/odd-peer.js'
import { CHUNK, TestSwarm } from '../fixtures/swarm.js'
import { ClosedWorld } from './closed-world.js'

const FEW = 2
const CHUNKS = 12

/** How many chunks a peer lets wait to be stored at once, of a disk that takes none before there are `enough`. */
async function mostInFlight(engineOptions: { maxInFlight?: number }, enough: number): Promise<number> {
  let most = 0
  await TestSwarm.run(async (swarm) => {
    const { multiaddrs } = await swarm.coordinator({ expectedPeers: 2 })
    const ann = await swarm.peer('ann', { 'a.bin': bytesOf(CHUNKS * CHUNK, 'a') })
    const full = Promise.withResolvers<void>()
    let waiting = 0
    const ben = await oddPeer(swarm, {
      name: 'ben',
      coordinator: multiaddrs[0] ?? '',
      engineOptions,
      alterStore: (store) =>
        altered(store, {
          writeChunk: async (...chunk) => {
            waiting++
            most = Math.max(most, waiting)
            if (waiting >= enough) {
              full.resolve()
            }
            await full.promise
            // What comes while one is being stored would be seen.
            await new Promise((resolve) => setTimeout(resolve, 10))
            waiting--
            return await store.writeChunk(...chunk)
          }
        })
    })
    try {
      await Promise.all([ann.peer.start(), ben.start()])
      await Promise.all([ann.peer.completed(), ben.completed()])
    } finally {
      await ben.stop()
    }
  })
  return most
}

describe('one engine', () => {
  it('asks for no more at once than its option says: in the product', async () => {
    assert.ok((await mostInFlight({ maxInFlight: FEW }, 1)) <= FEW)
    assert.ok((await mostInFlight({}, FEW + 1)) > FEW, 'by itself it asks for more')
  })

  it('asks for no more at once than its option says: in the simulator', () => {
    const rttMs = 400
    const scenario = scenarioSchema.parse({
      description: 'Two peers on a long path.',
      peers: [{ count: 2, uplink: 1000, downlink: 1000 }],
      fileChunks: CHUNKS,
      rttMs
    })
    const options = { scenario, seed: 1, scheduler: 'potluck' } as const
    const makespanMs = (maxInFlight?: number): number =>
      new Simulation({ ...options, ...(maxInFlight && { engineOptions: { maxInFlight } }) }).run().makespanMs
    // An answer takes a round trip, and no more than so many are on their way in one.
    const leastMs = (CHUNKS / FEW) * rttMs
    assert.ok(makespanMs(FEW) >= leastMs)
    assert.ok(makespanMs() < leastMs, 'by itself it asks for more')
  })

  it('asks for no more at once than its option says: in the closed world', () => {
    const most = (maxInFlight: number): number => {
      const world = new ClosedWorld({
        seed: 1,
        peerCount: 2,
        contents: [{ chunkCount: CHUNKS, holders: [0] }],
        apart: [],
        chunkByteLength: CHUNK,
        maxInFlight,
        paceMs: 5,
        troubles: []
      })
      world.run()
      assert.ok(world.isComplete)
      return Math.max(...world.peers.map(({ asks }) => asks.mostOpen))
    }
    assert.ok(most(FEW) <= FEW)
    assert.ok(most(64) > FEW)
  })
})
