/** Collections on exFAT, NTFS and FAT, as a USB stick has them, in mounted images. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { CoordinatorEvent, PeerEvent } from '#potluck/index.js'
import { loadIdentityOf } from '#potluck/keys/identity.js'
import { FileStore } from '#potluck/store/file-store.js'
import { bytesOf } from '../fixtures/bytes.js'
import { withImage } from '../fixtures/images.js'
import { stateIn } from '../fixtures/state-folder.js'
import { differences, gathered, nextEvent, readTree, TestSwarm } from '../fixtures/swarm.js'
import { CHUNK, heldOf, manifestOf, Recorder, receive, until } from '../store/fixture.js'

const MIB = 1024 * 1024

const BYTES = Uint8Array.from(bytesOf(100 * CHUNK, 'file'))
const MANIFEST = manifestOf('ann/a folder/file.bin', BYTES)
const COPY = manifestOf('ben/copy', BYTES)

/** As a peer's process opens its store. */
async function openIn(collection: string) {
  const recorder = new Recorder()
  const store = await FileStore.open({
    collection,
    shares: [],
    name: 'me',
    listener: recorder,
    saveIntervalMs: 50
  })
  await store.hashShares(CHUNK)
  return { store, recorder }
}

for (const kind of ['exFAT', 'NTFS', 'FAT'] as const) {
  describe(`a collection on ${kind}`, () => {
    it('fault 50: takes files up again after a stop, and gives them their names', async (test) => {
      await withImage(test, kind, async (disk) => {
        const collection = join(disk, 'got')
        const first = await openIn(collection)
        await first.store.adopt([MANIFEST])
        await receive(first.store, BYTES, [0, 7, 99])
        await first.store.close()
        const { store, recorder } = await openIn(collection)
        try {
          assert.deepEqual(await heldOf(store, MANIFEST), [0, 7, 99])
          await store.adopt([COPY])
          await receive(store, BYTES)
          await until(() => recorder.completed.length === 2, 'both names are there')
        } finally {
          await store.close()
        }
        assert.deepEqual(recorder.failures, [])
        for (const path of ['ann/a folder/file.bin', 'ben/copy']) {
          assert.deepEqual(Uint8Array.from(await readFile(join(collection, path))), BYTES)
        }
        stateIn(test, join(disk, '../state'))
        const { privateKey } = await loadIdentityOf(collection)
        assert.ok(privateKey.equals((await loadIdentityOf(collection)).privateKey))
      })
    })
  })
}

for (const kind of ['exFAT', 'NTFS'] as const) {
  describe(`a swarm on ${kind}`, () => {
    it('fault 50: whose peer is stopped midway and comes back ends with all files, and one warning each', async (test) => {
      await withImage(test, kind, async (disk) => {
        await TestSwarm.run(async (swarm) => {
          const state = stateIn(test, join(swarm.folder, 'state'))
          const stateFile = join(disk, 'coordinator.state')
          const coordinator = await swarm.coordinator({ expectedPeers: 2, stateFile })
          const trees = {
            ann: { 'ann.bin': bytesOf(MIB / 2, 'ann') },
            ben: { 'ben.bin': bytesOf(MIB / 2, 'ben') }
          }
          const ann = await swarm.peer('ann', trees.ann, { maxUp: 3 })
          const collection = join(disk, 'ben')
          const first = await swarm.peer('ben', trees.ben, { collection })
          const stored = nextEvent(first.peer, 'chunk-stored')
          await Promise.all([ann.peer.start(), first.peer.start(), stored])
          await first.peer.stop()
          const second = await swarm.peer('ben', trees.ben, { collection })
          await second.peer.start()
          assert.equal((await coordinator.completed()).complete, true)
          assert.deepEqual(differences(await readTree(collection), gathered(trees, 'ben')), [])
          const [before, after] = [first, second].map(({ events }) => peerIdOf(events))
          assert.ok(before !== undefined && before === after, 'it is the same peer')
          for (const { events } of [first, second]) {
            // A peer that is stopped may also say that it could not read what it was asked for.
            const [warning = '', ...others] = warningsOf(events).filter((text) =>
              /permissions|identity/.test(text)
            )
            assert.match(warning, /keeps no permissions: .*\. The identity of this peer is kept in /)
            assert.ok(warning.includes(state))
            assert.deepEqual(others, [])
          }
          const [kept = '', ...others] = warningsOf(swarm.coordinatorEvents)
          assert.match(
            kept,
            /coordinator\.state keeps no permissions; the state of this swarm, .* is kept in /
          )
          assert.deepEqual(others, [])
        })
      })
    })
  })
}

function warningsOf(events: readonly (PeerEvent | CoordinatorEvent)[]): string[] {
  return events.flatMap((event) => (event.event === 'warning' ? [event.message] : []))
}

function peerIdOf(events: readonly PeerEvent[]): string | undefined {
  return events.flatMap((event) => (event.event === 'started' ? [event.peerId] : []))[0]
}
