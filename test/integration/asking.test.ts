/** A person is asked before much is fetched: what happens until the answer, and after each answer. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PeerOptions, PeerSettings } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { CHUNK, differences, gathered, nextEvent, readTree, TestSwarm } from '../fixtures/swarm.js'

const TREES = {
  ann: { 'a.bin': bytesOf(40 * CHUNK, 'a') },
  ben: { 'b.bin': bytesOf(30 * CHUNK, 'b') },
  cat: { 'c.bin': bytesOf(20 * CHUNK, 'c') }
}

type Ask = NonNullable<PeerOptions['askToFetch']>

/** Ann and cat, and ben whose user is asked, as they are started. */
async function withBen(
  askToFetch: Ask,
  settings: Partial<PeerSettings>,
  use: (swarm: TestSwarm, parts: Awaited<ReturnType<typeof started>>) => Promise<void>
): Promise<void> {
  await TestSwarm.run(async (swarm) => {
    await use(swarm, await started(swarm, askToFetch, settings))
  })
}

async function started(swarm: TestSwarm, askToFetch: Ask, settings: Partial<PeerSettings>) {
  const coordinator = await swarm.coordinator({ expectedPeers: 3 })
  const ann = await swarm.peer('ann', TREES.ann)
  const cat = await swarm.peer('cat', TREES.cat)
  const ben = await swarm.peer('ben', TREES.ben, settings, { ...swarm.options, askToFetch })
  const complete = [ann, cat].map(({ peer }) => nextEvent(peer, 'peer-complete'))
  await Promise.all([ann, ben, cat].map(({ peer }) => peer.start()))
  return { coordinator, ann, ben, cat, complete }
}

describe('a person who is asked whether to fetch', () => {
  it('fault 59: holds up nobody else, and the peer fetches once the answer is yes', async () => {
    const answer = Promise.withResolvers<boolean>()
    const asked: number[] = []
    const ask: Ask = async ({ missingBytes }) => {
      asked.push(missingBytes)
      return await answer.promise
    }
    await withBen(ask, { askAbove: 60 * CHUNK - 1 }, async (swarm, { coordinator, ben, complete }) => {
      await Promise.all(complete)
      assert.deepEqual(asked, [60 * CHUNK])
      const chunks = ben.events.filter(({ event }) => event === 'chunk-requested' || event === 'digests')
      assert.equal(chunks.length, 0)
      const told = ben.events.find(({ event }) => event === 'progress')
      assert.equal(
        told?.event === 'progress' && told.totalBytes,
        90 * CHUNK,
        'what it may fetch counts as wanted'
      )
      answer.resolve(true)
      assert.ok((await coordinator.completed()).complete)
      assert.ok((await ben.peer.completed()).complete)
      assert.deepEqual(differences(await readTree(ben.collection), gathered(TREES, 'ben')), [])
      const waiting = swarm.coordinatorEvents.flatMap((event) =>
        event.event === 'activity' ? event.peers.flatMap(({ waiting }) => waiting?.reason ?? []) : []
      )
      assert.ok(waiting.includes('asking'))
    })
  })

  it('has the peer leave with nothing fetched when the answer is no', async () => {
    await withBen(
      async () => false,
      { askAbove: '1KiB' },
      async (_swarm, { ben }) => {
        await assert.rejects(ben.peer.completed(), { code: 'INTERRUPTED', message: /--only or --except/ })
        await ben.peer.stop()
        assert.deepEqual(await readTree(ben.collection), {})
        assert.ok(!ben.events.some(({ event }) => event === 'chunk-requested'))
      }
    )
  })

  it('is not asked about less', async () => {
    const ask: Ask = async () => assert.fail('asked')
    await withBen(ask, { askAbove: 60 * CHUNK }, async (_swarm, { coordinator, ben }) => {
      assert.ok((await coordinator.completed()).complete)
      assert.ok(!ben.events.some(({ event }) => event === 'asking'))
    })
  })

  it('is not asked any longer when the peer is stopped', async () => {
    const aborted = Promise.withResolvers<void>()
    const ask: Ask = (_question, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted.resolve()
          reject(signal.reason)
        })
      })
    await withBen(ask, { askAbove: 0 }, async (_swarm, { ben, complete }) => {
      await Promise.all(complete)
      await ben.peer.stop()
      await aborted.promise
      await assert.rejects(ben.peer.completed(), { code: 'INTERRUPTED' })
    })
  })
})
