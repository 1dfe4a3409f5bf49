/** Entries that a peer gives up: it fetches all others, serves until nobody lacks anything of it, and says what it lacks. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { PeerEvent } from '#potluck/events/peer.js'
import type { SharedEntry, Store } from '#potluck/node/store/store.js'
import { PotluckError } from '#potluck/protocols/errors.js'
import { altered, oddPeer } from '../fixtures/odd-peer.js'
import {
  bytesOf,
  CHUNK,
  differences,
  type Member,
  readTree,
  TestSwarm,
  type Tree
} from '../fixtures/swarm.js'

const TREES = {
  ann: { 'a.bin': bytesOf(40 * CHUNK, 'a') },
  ben: { 'b.bin': bytesOf(40 * CHUNK, 'b') }
}

/** What it shares is described otherwise than it is. */
function describing(change: (entry: SharedEntry) => Partial<SharedEntry>): (store: Store) => Store {
  return (store) =>
    altered(store, {
      hashShares: async (chunkByteLength) =>
        (await store.hashShares(chunkByteLength)).map((entry) => ({ ...entry, ...change(entry) }))
    })
}

function kinds(events: readonly PeerEvent[], kind: PeerEvent['event']): PeerEvent[] {
  return events.filter(({ event }) => event === kind)
}

/** For assert.rejects: the code, and what the message names. */
function error(code: string, ...texts: string[]): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof PotluckError, String(thrown))
    assert.equal(thrown.code, code, thrown.message)
    for (const text of texts) {
      assert.ok(thrown.message.includes(text), `${thrown.message} names no ${text}`)
    }
    return true
  }
}

async function has({ collection }: Member, trees: Record<string, Tree>): Promise<void> {
  const expected: Tree = {}
  for (const [origin, tree] of Object.entries(trees)) {
    for (const [path, bytes] of Object.entries(tree)) {
      expected[`${origin}/${path}`] = bytes
    }
  }
  assert.deepEqual(differences(await readTree(collection), expected), [])
}

describe('an entry that is given up', () => {
  it('fault 49: with a false MD5 keeps nobody from the honest files, and its origin is named at the end', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const odd = await oddPeer(swarm, {
        coordinator: coordinator.multiaddrs[0] ?? '',
        tree: { lie: bytesOf(100, 'lie'), 'true.bin': bytesOf(3 * CHUNK, 'true') },
        alterStore: describing(({ path }) => (path === 'lie' ? { md5: '0'.repeat(32) } : {}))
      })
      const ann = await swarm.peer('ann', TREES.ann)
      const ben = await swarm.peer('ben', TREES.ben)
      try {
        await Promise.all([ann.peer.start(), ben.peer.start(), odd.start()])
        const named = error('INTEGRITY', 'odd/lie', 'wrong MD5', 'odd has to share')
        await Promise.all([
          assert.rejects(ann.peer.completed(), named),
          assert.rejects(ben.peer.completed(), named),
          assert.rejects(coordinator.completed(), error('INCOMPLETE', 'ann', 'ben', 'odd/lie')),
          odd.completed().then(({ complete }) => assert.equal(complete, false))
        ])
      } finally {
        await odd.stop()
      }
      const honest = { odd: { 'true.bin': bytesOf(3 * CHUNK, 'true') } }
      await has(ann, { ...honest, ben: TREES.ben })
      await has(ben, { ...honest, ann: TREES.ann })
      for (const { events } of [ann, ben]) {
        assert.equal(kinds(events, 'file-failed').length, 1)
        assert.equal(kinds(events, 'peer-short').length, 1)
        assert.equal(kinds(events, 'error').length, 1)
      }
    })
  })

  it('fault 49: with a false length of an honest content keeps nobody from that', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const added: Record<string, number> = { 'a.bin': 1, 'b.bin': -CHUNK }
      const odd = await oddPeer(swarm, {
        coordinator: coordinator.multiaddrs[0] ?? '',
        tree: { ...TREES.ann, ...TREES.ben },
        alterStore: describing(({ path, byteLength }) => ({ byteLength: byteLength + (added[path] ?? 0) }))
      })
      const ann = await swarm.peer('ann', TREES.ann)
      const ben = await swarm.peer('ben', TREES.ben)
      try {
        await Promise.all([ann.peer.start(), ben.peer.start(), odd.start()])
        const named = error('INTEGRITY', 'odd/a.bin', 'odd/b.bin', 'odd has to share')
        await Promise.all([
          assert.rejects(ann.peer.completed(), named),
          assert.rejects(ben.peer.completed(), named),
          assert.rejects(coordinator.completed(), error('INCOMPLETE', 'ann', 'ben')),
          odd.completed()
        ])
      } finally {
        await odd.stop()
      }
      await has(ann, { ben: TREES.ben })
      await has(ben, { ann: TREES.ann })
      for (const { events } of [ann, ben]) {
        assert.deepEqual(kinds(events, 'peer-banned'), [], 'nobody is blamed for what cannot be')
      }
    })
  })

  it('fault 48: that this computer cannot hold is named, all others are fetched, and others are served', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const ann = await swarm.peer('ann', { ...TREES.ann, 'dir/x': bytesOf(3 * CHUNK, 'x') })
      const ben = await swarm.peer('ben', TREES.ben)
      const cid = await swarm.peer('cid', {})
      await mkdir(join(ben.collection, 'ann'), { recursive: true })
      await writeFile(join(ben.collection, 'ann/dir'), 'in the way')
      const ends = [
        assert.rejects(ben.peer.completed(), error('DISK', 'ann/dir', 'move it away')),
        assert.rejects(coordinator.completed(), error('INCOMPLETE', 'ben', '1 file')),
        ...[ann, cid].map(async ({ peer }) => assert.equal((await peer.completed()).complete, false))
      ]
      await Promise.all([ann, ben, cid].map(({ peer }) => peer.start()))
      await Promise.all(ends)
      await has(ben, { ann: { ...TREES.ann, dir: Buffer.from('in the way') } })
      await has(cid, { ann: { ...TREES.ann, 'dir/x': bytesOf(3 * CHUNK, 'x') }, ben: TREES.ben })
      await has(ann, { ben: TREES.ben })
      const asked = kinds(ben.events, 'chunk-requested').filter(
        (event) => 'file' in event && event.file === 'ann/dir/x'
      )
      assert.deepEqual(asked, [], 'nothing of it was fetched')
    })
  })

  it('fault 48: ends the run without a coordinator as well, once the others have everything', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const settings = { peerReturnTimeoutMs: 1000, maxDown: 8 }
      const ann = await swarm.peer('ann', { ...TREES.ann, x: bytesOf(100, 'x') }, settings)
      const ben = await swarm.peer('ben', TREES.ben, settings)
      await mkdir(join(ben.collection, '.potluck'), { recursive: true })
      await writeFile(join(ben.collection, 'ann'), 'in the way')
      const ends = [
        assert.rejects(ben.peer.completed(), error('DISK', 'ann/a.bin', 'ann/x')),
        ann.peer.completed().then(({ complete }) => assert.equal(complete, false))
      ]
      coordinator.completed().catch(() => undefined)
      ann.peer.events.listen(({ event }) => {
        if (event === 'catalog') {
          void coordinator.stop()
        }
      })
      await Promise.all([ann, ben].map(({ peer }) => peer.start()))
      await Promise.all(ends)
      await has(ann, { ben: TREES.ben })
    })
  })
})
