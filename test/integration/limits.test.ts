/** Uploads and downloads in swarms with limits: never faster than the limits, however fast the machine is. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PotluckError } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { differences, gathered, type Member, nextEvent, readTree, TestSwarm } from '../fixtures/swarm.js'

const MIB = 1024 * 1024
/** Few chunks keep the work small; the bytes decide the time. */
const CHUNK_BYTE_LENGTH = MIB / 16
const BYTES_PER_MEGABIT = 125_000

/**
 * A run of 2 s may be shorter by the allowance that was saved up and by one piece. Both together are well within this.
 */
const PART = 0.95

/** How long a limit takes for so many bytes, at the least that a test may see of it. */
function leastMs(byteLength: number, mbits: number): number {
  return (PART * 1000 * byteLength) / (mbits * BYTES_PER_MEGABIT)
}

/** How long it was from the catalog to the last chunk that a peer sent or stored. */
function watch(
  { peer }: Member,
  kind: 'chunk-sent' | 'chunk-stored'
): () => { elapsedMs: number; bytes: number } {
  let beganAtMs = Number.NaN
  let endedAtMs = Number.NaN
  let bytes = 0
  peer.events.listen((event) => {
    if (event.event === 'catalog') {
      beganAtMs = performance.now()
    } else if (event.event === kind) {
      endedAtMs = performance.now()
      bytes += event.byteLength
    }
  })
  return () => ({ elapsedMs: endedAtMs - beganAtMs, bytes })
}

for (const transport of ['memory', 'tcp'] as const) {
  describe(`limits over ${transport}`, () => {
    it('hold for all that leaves to several peers together', async () => {
      await TestSwarm.run(async (swarm) => {
        const coordinator = await swarm.coordinator({ expectedPeers: 3, chunkByteLength: CHUNK_BYTE_LENGTH })
        const tree = { 'a.bin': bytesOf(2 * MIB, 'a') }
        const ann = await swarm.peer('ann', tree, { maxUp: 8 })
        const others = [await swarm.peer('ben', {}), await swarm.peer('cid', {})]
        const sent = watch(ann, 'chunk-sent')
        await Promise.all([ann, ...others].map(({ peer }) => peer.start()))
        await coordinator.completed()
        const { elapsedMs, bytes } = sent()
        assert.ok(bytes >= 2 * MIB)
        assert.ok(elapsedMs >= leastMs(bytes, 8), `${bytes} bytes in ${elapsedMs} ms`)
        for (const { collection } of others) {
          assert.deepEqual(differences(await readTree(collection), gathered({ ann: tree }, 'x')), [])
        }
      }, transport)
    })

    it('hold for all that comes from several peers together', async () => {
      await TestSwarm.run(async (swarm) => {
        const coordinator = await swarm.coordinator({ expectedPeers: 3, chunkByteLength: CHUNK_BYTE_LENGTH })
        const trees = { ann: { 'a.bin': bytesOf(MIB, 'a') }, ben: { 'b.bin': bytesOf(MIB, 'b') } }
        const ann = await swarm.peer('ann', trees.ann)
        const ben = await swarm.peer('ben', trees.ben)
        const cid = await swarm.peer('cid', {}, { maxDown: 8 })
        const stored = watch(cid, 'chunk-stored')
        await Promise.all([ann, ben, cid].map(({ peer }) => peer.start()))
        await coordinator.completed()
        const { elapsedMs, bytes } = stored()
        assert.ok(bytes >= 2 * MIB)
        assert.ok(elapsedMs >= leastMs(bytes, 8), `${bytes} bytes in ${elapsedMs} ms`)
        assert.deepEqual(differences(await readTree(cid.collection), gathered(trees, 'cid')), [])
      }, transport)
    })
  })
}

describe('limits that are changed', () => {
  it('hold from then on, and count as what the line carries', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2, chunkByteLength: CHUNK_BYTE_LENGTH })
      const ann = await swarm.peer('ann', { 'a.bin': bytesOf(4 * MIB, 'a') }, { uplink: 80, maxUp: 100 })
      const ben = await swarm.peer('ben', { 'b.bin': bytesOf(4 * MIB, 'b') }, { maxUp: 8, maxDown: 0.5 })
      const told = nextEvent(coordinator, 'bound')
      const changed = nextEvent(coordinator, 'capacities')
      const sent = watch(ann, 'chunk-sent')
      const annStored = watch(ann, 'chunk-stored')
      const begun = nextEvent(ben.peer, 'chunk-stored')
      await Promise.all([ann.peer.start(), ben.peer.start()])
      const { capacities } = await told
      const configured = (mbits: number) => ({ bytesPerSecond: mbits * BYTES_PER_MEGABIT, configured: true })
      assert.deepEqual(capacities, [
        { name: 'ann', uplink: configured(80) },
        { name: 'ben', uplink: configured(8), downlink: configured(0.5) }
      ])
      await begun
      assert.throws(
        () => ben.peer.setLimits({ maxUp: 8, maxDown: 0.1 }),
        (error) => {
          assert.ok(error instanceof PotluckError && error.code === 'CONFIGURATION')
          assert.match(error.message, /maxDown must be a number of Mbit\/s from 0\.5 to/)
          return true
        }
      )
      ben.peer.setLimits({ maxUp: 8 })
      const limits = ben.events.filter(({ event }) => event === 'limits')
      assert.deepEqual(
        limits.map(({ atMs: _, peer: __, event: ___, ...rest }) => rest),
        [
          { maxUpBytesPerSecond: 1_000_000, maxDownBytesPerSecond: 62_500 },
          { maxUpBytesPerSecond: 1_000_000 }
        ]
      )
      const { atMs: _, ...capacity } = await changed
      assert.deepEqual(capacity, { event: 'capacities', peer: 'ben', uplinkBytesPerSecond: 1_000_000 })
      await coordinator.completed()
      // At the old limit it would have been 67 s.
      assert.ok(sent().elapsedMs < 60_000)
      assert.ok(annStored().elapsedMs >= leastMs(4 * MIB, 8))
    })
  })
})
