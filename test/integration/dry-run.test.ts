/** A peer that only shows what it would fetch: its output, the files it leaves, and that no one waits for it. */
import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { createDryRun, type PeerEvent, type PeerSettings } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { CHUNK, differences, gathered, nextEvent, readTree, TestSwarm } from '../fixtures/swarm.js'

const ANN = {
  'a.bin': bytesOf(20 * CHUNK, 'a'),
  'b.bin': bytesOf(5 * CHUNK, 'b'),
  'c.iso': bytesOf(3 * CHUNK, 'c')
}

type Preview = Extract<PeerEvent, { event: 'preview' }>

/** What a dry run tells, once it has left. */
async function look(
  swarm: TestSwarm,
  coordinator: string,
  settings: Partial<PeerSettings> = {}
): Promise<Preview> {
  const collection = join(swarm.folder, 'collection', 'ben')
  const dryRun = await createDryRun({ name: 'ben', coordinator, collection, ...settings }, swarm.options)
  const told = nextEvent(dryRun, 'preview')
  await dryRun.start()
  const preview = await told
  assert.deepEqual(await dryRun.completed(), { complete: true })
  await dryRun.stop()
  return preview
}

describe('a dry run', () => {
  it('fault 59: shows what has been published so far, by peer, before all are here, and takes no place', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const [address = ''] = coordinator.multiaddrs
      const { freeBytes: _, ...nobody } = await look(swarm, address)
      assert.deepEqual(nobody, {
        event: 'preview',
        peer: 'ben',
        atMs: nobody.atMs,
        joined: 0,
        expectedPeers: 2,
        peers: []
      })
      const ann = await swarm.peer('ann', ANN)
      await ann.peer.start()
      const {
        joined,
        expectedPeers,
        peers,
        freeBytes = 0
      } = await look(swarm, address, { except: ['*.iso'] })
      assert.deepEqual([joined, expectedPeers], [1, 2])
      const wanted = { files: 2, byteLength: 25 * CHUNK }
      assert.deepEqual(peers, [
        { name: 'ann', files: 3, byteLength: 28 * CHUNK, wanted, hereBytes: 0, movedAside: 0 }
      ])
      assert.ok(freeBytes > 0)
      await assert.rejects(readdir(join(swarm.folder, 'collection', 'ben')), { code: 'ENOENT' })

      const ben = await swarm.peer('ben', {})
      await ben.peer.start()
      assert.ok((await coordinator.completed()).complete)
      assert.deepEqual(differences(await readTree(ben.collection), gathered({ ann: ANN }, 'ben')), [])
      const observed = swarm.coordinatorEvents.filter(({ event }) => event === 'observed')
      assert.equal(observed.length, 2)
      const lost = swarm.coordinatorEvents.filter(
        ({ event, peer }) => event === 'peer-lost' && peer === 'ben'
      )
      assert.equal(lost.length, 0)
    })
  })

  it('counts what is here, and what is in the way', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', ANN, { maxUp: 4 })
      const first = await swarm.peer('ben', {}, { only: ['a.bin'] })
      const begun = nextEvent(first.peer, 'chunk-stored', ({ chunkIndex }) => chunkIndex > 4)
      await Promise.all([ann.peer.start(), first.peer.start()])
      await begun
      await first.peer.stop()
      for (const [path, bytes] of Object.entries({ 'b.bin': ANN['b.bin'], 'c.iso': bytesOf(10, 'other') })) {
        await mkdir(dirname(join(first.collection, 'ann', path)), { recursive: true })
        await writeFile(join(first.collection, 'ann', path), bytes)
      }
      const before = await readdir(first.collection, { recursive: true })
      const { peers } = await look(swarm, coordinator.multiaddrs[0] ?? '')
      assert.deepEqual((await readdir(first.collection, { recursive: true })).sort(), before.sort())
      const [{ hereBytes, movedAside } = assert.fail()] = peers
      assert.equal(movedAside, 1)
      const parts = hereBytes - 5 * CHUNK
      assert.ok(parts >= 5 * CHUNK && parts < 20 * CHUNK, `${parts / CHUNK} chunks of a.bin`)
    })
  })

  it('says so where there is no coordinator', async () => {
    await TestSwarm.run(async (swarm) => {
      const settings = {
        name: 'ben',
        coordinator: '/ip4/127.0.0.1/tcp/9',
        collection: join(swarm.folder, 'none')
      }
      const dryRun = await createDryRun({ ...settings, joinTimeoutMs: 300 })
      await assert.rejects(dryRun.start(), { code: 'COORDINATOR_UNREACHABLE' })
      await dryRun.stop()
    })
  })
})
