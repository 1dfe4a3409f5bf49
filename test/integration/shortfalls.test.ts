/** Entries that a peer gives up: it fetches all others, serves until no one needs its files, and says what it lacks. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { PotluckError } from '#potluck/core/errors.js'
import type { PeerEvent } from '#potluck/events/peer.js'
import type { SharedEntry, Store } from '#potluck/store/store.js'
import { bytesOf } from '../fixtures/bytes.js'
import { altered, oddPeer } from '../fixtures/odd-peer.js'
import {
  CHUNK,
  differences,
  type Member,
  nextEvent,
  readTree,
  TestSwarm,
  type Tree
} from '../fixtures/swarm.js'

const TREES = {
  ann: { 'a.bin': bytesOf(8 * CHUNK, 'a'), 'c.bin': bytesOf(8 * CHUNK, 'c') },
  ben: { 'b.bin': bytesOf(16 * CHUNK, 'b') }
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
  it('fault 49: with a false MD5 or length keeps nobody from the honest files, and its origin is named', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const own = { lie: bytesOf(100, 'lie'), 'true.bin': bytesOf(3 * CHUNK, 'true') }
      const lies: Record<string, (byteLength: number) => Partial<SharedEntry>> = {
        lie: () => ({ md5: '0'.repeat(32) }),
        // Of other numbers of chunks, of which an honest peer gives digests that cannot be those of the lie.
        'a.bin': (byteLength) => ({ byteLength: byteLength - CHUNK }),
        'c.bin': (byteLength) => ({ byteLength: byteLength - CHUNK }),
        'b.bin': (byteLength) => ({ byteLength: byteLength + 1 })
      }
      const odd = await oddPeer(swarm, {
        // Its entries come first.
        name: 'abe',
        coordinator: coordinator.multiaddrs[0] ?? '',
        tree: { ...own, ...TREES.ann, ...TREES.ben },
        alterStore: describing(({ path, byteLength }) => lies[path]?.(byteLength) ?? {})
      })
      const ann = await swarm.peer('ann', TREES.ann)
      const ben = await swarm.peer('ben', TREES.ben)
      try {
        await Promise.all([ann.peer.start(), ben.peer.start(), odd.start()])
        const named = error('INTEGRITY', '4 files', 'abe/', 'abe must share')
        await Promise.all([
          assert.rejects(ann.peer.completed(), named),
          assert.rejects(ben.peer.completed(), named),
          assert.rejects(coordinator.completed(), error('INCOMPLETE', 'ann', 'ben', 'abe/')),
          odd.completed().then(({ complete }) => assert.equal(complete, false))
        ])
      } finally {
        await odd.stop()
      }
      const honest = { abe: { 'true.bin': own['true.bin'] } }
      await has(ann, { ...honest, ben: TREES.ben })
      await has(ben, { ...honest, ann: TREES.ann })
      for (const { events } of [ann, ben]) {
        const failed = kinds(events, 'file-failed').map((event) => 'file' in event && event.file)
        assert.deepEqual(failed.toSorted(), ['abe/a.bin', 'abe/b.bin', 'abe/c.bin', 'abe/lie'])
        assert.equal(kinds(events, 'peer-short').length, 1)
        assert.deepEqual(kinds(events, 'peer-banned'), [], 'nobody is blamed for what cannot be')
      }
    })
  })

  it('fault 48: that this computer cannot hold is named, all others are fetched, and others are served', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const ann = await swarm.peer('ann', { ...TREES.ann, 'dir/x': bytesOf(3 * CHUNK, 'x') })
      const ben = await swarm.peer('ben', TREES.ben)
      await mkdir(join(ben.collection, 'ann'), { recursive: true })
      await writeFile(join(ben.collection, 'ann/dir'), 'in the way')
      const ends = [
        assert.rejects(ben.peer.completed(), error('DISK', 'ann/dir', 'move it away')),
        assert.rejects(coordinator.completed(), error('INCOMPLETE', 'ben', '1 file')),
        ann.peer.completed().then(({ complete }) => assert.equal(complete, false))
      ]
      await Promise.all([ann, ben].map(({ peer }) => peer.start()))
      await Promise.all(ends)
      await has(ben, { ann: { ...TREES.ann, dir: Buffer.from('in the way') } })
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
        assert.rejects(ben.peer.completed(), error('DISK', 'ann/a.bin', 'ann/x', '3 files')),
        ann.peer.completed().then(({ complete }) => assert.equal(complete, false))
      ]
      coordinator.completed().catch(() => undefined)
      const catalogs = [ann, ben].map(({ peer }) => nextEvent(peer, 'catalog'))
      void Promise.all(catalogs).then(() => coordinator.stop())
      await Promise.all([ann, ben].map(({ peer }) => peer.start()))
      await Promise.all(ends)
      await has(ann, { ben: TREES.ben })
    })
  })

  it('fault 48: ends the run without a coordinator as well where peers gave up different files', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 2 })
      const settings = { peerReturnTimeoutMs: 1000 }
      const members = {
        ann: await swarm.peer('ann', TREES.ann, settings),
        ben: await swarm.peer('ben', TREES.ben, settings)
      }
      await mkdir(join(members.ann.collection, '.potluck'), { recursive: true })
      await mkdir(join(members.ben.collection, '.potluck'), { recursive: true })
      await writeFile(join(members.ann.collection, 'ben'), 'in the way')
      await writeFile(join(members.ben.collection, 'ann'), 'in the way')
      coordinator.completed().catch(() => undefined)
      const ends = [
        assert.rejects(members.ann.peer.completed(), error('DISK', 'ben/b.bin')),
        assert.rejects(members.ben.peer.completed(), error('DISK', 'ann/a.bin', 'ann/c.bin'))
      ]
      const catalogs = Object.values(members).map(({ peer }) => nextEvent(peer, 'catalog'))
      void Promise.all(catalogs).then(() => coordinator.stop())
      await Promise.all(Object.values(members).map(({ peer }) => peer.start()))
      await Promise.all(ends)
    })
  })
})
