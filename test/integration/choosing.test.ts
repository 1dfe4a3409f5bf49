/** Peers that fetch only some of the others' files: what each has at the end, and what the others wait for. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { PeerSettings } from '#potluck/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import {
  CHUNK,
  differences,
  type Member,
  nextEvent,
  readTree,
  TestSwarm,
  type Tree
} from '../fixtures/swarm.js'

const TREES: Record<string, Tree> = {
  ann: {
    'a.bin': bytesOf(20 * CHUNK, 'a'),
    photos: new Uint8Array(),
    'same.bin': bytesOf(5 * CHUNK, 'same')
  },
  ben: { 'b.bin': bytesOf(30 * CHUNK + 5, 'b'), 'unwanted.bin': bytesOf(9 * CHUNK, 'u') },
  cat: {
    'c.bin': bytesOf(10 * CHUNK, 'c'),
    'again.bin': bytesOf(5 * CHUNK, 'same'),
    'folder/': new Uint8Array()
  }
}

const CHOICES: Record<string, Partial<PeerSettings>> = {
  ann: { except: ['unwanted.*', 'cat/folder/'] },
  ben: { only: ['*.bin', '!same.bin'], except: ['a.bin'] },
  cat: { only: ['ann/a.bin'] },
  dan: { only: ['nobody/'] }
}

const WANTED: Record<string, string[]> = {
  ann: ['ben/b.bin', 'cat/again.bin', 'cat/c.bin'],
  ben: ['cat/again.bin', 'cat/c.bin'],
  cat: ['ann/a.bin'],
  dan: []
}

function wantedOf(name: string): Tree {
  const paths = WANTED[name] ?? []
  return Object.fromEntries(
    paths.map((path) => {
      const [origin = '', file = ''] = path.split('/')
      return [path, TREES[origin]?.[file] ?? assert.fail(path)]
    })
  )
}

async function startAll(swarm: TestSwarm, names: readonly string[], settings: Partial<PeerSettings> = {}) {
  const members = await Promise.all(
    names.map((name) => swarm.peer(name, TREES[name] ?? {}, { ...CHOICES[name], ...settings }))
  )
  await Promise.all(members.map(({ peer }) => peer.start()))
  return members
}

async function assertCollected(member: Member | undefined, expected: Tree): Promise<void> {
  const tree = await readTree(member?.collection ?? assert.fail())
  assert.deepEqual(differences(tree, expected), [])
}

describe('peers that choose', () => {
  it('fault 59: each end with what they want and nothing else', async () => {
    await TestSwarm.run(async (swarm) => {
      const names = ['ann', 'ben', 'cat', 'dan']
      const coordinator = await swarm.coordinator({ expectedPeers: names.length })
      const members = await startAll(swarm, names)
      const { complete } = await coordinator.completed()
      assert.ok(complete)
      for (const [index, name] of names.entries()) {
        assert.ok((await members[index]?.peer.completed())?.complete, name)
        await assertCollected(members[index], wantedOf(name))
      }
      const wants = swarm.coordinatorEvents.flatMap((event) =>
        event.event === 'choice' ? [`${event.peer} ${event.files} of ${event.ofFiles}`] : []
      )
      assert.deepEqual(wants.sort(), ['ann 3 of 4', 'ben 2 of 5', 'cat 1 of 5', 'dan 0 of 7'])
      const progress = swarm.coordinatorEvents.findLast((event) => event.event === 'progress')
      for (const { name, heldBytes, totalBytes } of progress?.event === 'progress' ? progress.peers : []) {
        assert.equal(heldBytes, totalBytes, name)
      }
      const sent = members.flatMap(({ events }) => events.filter(({ event }) => event === 'chunk-sent'))
      assert.ok(sent.every((event) => event.event !== 'chunk-sent' || event.file !== 'ben/unwanted.bin'))
    })
  })

  it('fault 59: do not wait for a file that nobody wants, nor for its origin', async () => {
    await TestSwarm.run(async (swarm) => {
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const only = { except: ['unwanted.*'] }
      const [ann, cat] = await Promise.all([
        swarm.peer('ann', TREES['ann'] ?? {}, { ...only, maxUp: 2 }),
        swarm.peer('cat', TREES['cat'] ?? {}, only)
      ])
      const ben = await swarm.peer('ben', { 'unwanted.bin': bytesOf(9 * CHUNK, 'u') }, { only: ['nobody/'] })
      const done = nextEvent(ben.peer, 'peer-complete')
      await Promise.all([ann, ben, cat].map(({ peer }) => peer.start()))
      assert.equal((await done).declinedFiles, 5)
      await ben.peer.stop()
      assert.ok((await coordinator.completed()).complete)
      await assertCollected(cat, {
        'ann/a.bin': bytesOf(20 * CHUNK, 'a'),
        'ann/photos': new Uint8Array(),
        'ann/same.bin': bytesOf(5 * CHUNK, 'same')
      })
    })
  })

  it('fault 59: end by themselves once nobody lacks what it wants, where the coordinator is gone', async () => {
    await TestSwarm.run(async (swarm) => {
      const names = ['ann', 'ben', 'cat']
      const coordinator = await swarm.coordinator({ expectedPeers: names.length })
      const members = await Promise.all(
        names.map((name) => swarm.peer(name, TREES[name] ?? {}, { ...CHOICES[name], maxUp: 2 }))
      )
      const known = members.map(({ peer }) => nextEvent(peer, 'catalog'))
      await Promise.all(members.map(({ peer }) => peer.start()))
      await Promise.all(known)
      await coordinator.stop()
      for (const [index, name] of names.entries()) {
        assert.ok((await members[index]?.peer.completed())?.complete, name)
        await assertCollected(members[index], wantedOf(name))
      }
    })
  })

  it('fault 59: may choose otherwise when they are started again: what came of a file stays, is served, and is taken up', async () => {
    await TestSwarm.run(async (swarm) => {
      const tree = { 'a.bin': bytesOf(60 * CHUNK, 'a'), 'b.bin': bytesOf(4 * CHUNK, 'b') }
      const coordinator = await swarm.coordinator({ expectedPeers: 3 })
      const ann = await swarm.peer('ann', tree, { maxUp: 4 })
      const cat = await swarm.peer('cat', {}, { only: ['*.bin'] })
      const first = await swarm.peer('ben', {}, { only: ['a.bin'] })
      const begun = nextEvent(first.peer, 'chunk-stored', ({ chunkIndex }) => chunkIndex > 4)
      await Promise.all([ann, cat, first].map(({ peer }) => peer.start()))
      await begun
      await first.peer.stop()
      const parts = join(first.collection, '.potluck', 'parts')
      assert.ok((await readdir(parts)).some((name) => name.endsWith('.part')))

      const second = await swarm.peer('ben', {}, { except: ['a.bin'] })
      await second.peer.start()
      assert.ok((await coordinator.completed()).complete)
      await second.peer.completed()
      await assertCollected(second, { 'ann/b.bin': tree['b.bin'] })
      await assertCollected(cat, { 'ann/a.bin': tree['a.bin'], 'ann/b.bin': tree['b.bin'] })
      assert.ok(
        (await readdir(parts)).some((name) => name.endsWith('.part')),
        'it stays'
      )
      await Promise.all([ann, cat, second].map(({ peer }) => peer.stop()))

      const again = await swarm.coordinator({ expectedPeers: 2 })
      const [origin, third] = [await swarm.peer('ann', tree), await swarm.peer('ben', {})]
      await Promise.all([origin.peer.start(), third.peer.start()])
      assert.ok((await again.completed()).complete)
      await assertCollected(third, { 'ann/a.bin': tree['a.bin'], 'ann/b.bin': tree['b.bin'] })
      const fetched = third.events.filter(({ event }) => event === 'chunk-stored')
      assert.ok(fetched.length > 0 && fetched.length < 60, `${fetched.length} chunks fetched again`)
    })
  })
})
