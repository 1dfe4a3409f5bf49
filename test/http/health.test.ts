import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CoordinatorEvent } from '#potluck/events/coordinator.js'
import type { PeerEvent } from '#potluck/events/peer.js'
import type { Unstamped } from '#potluck/events/stream.js'
import { coordinatorHealth } from '#potluck/http/coordinator-metrics.js'
import { PeerRun } from '#potluck/http/peer-run.js'
import { SwarmPicture } from '#potluck/view/swarm-picture.js'

type Told<E extends CoordinatorEvent | PeerEvent> = Unstamped<E> & { peer?: string }

function coordinator(...events: Told<CoordinatorEvent>[]): string {
  const picture = new SwarmPicture()
  for (const event of events) {
    picture.note({ peer: 'coordinator', ...event, atMs: 0 })
  }
  const { status, phase, peers } = coordinatorHealth(picture)
  return `${status} ${phase} ${Object.values(peers).join('/')}`
}

function peer(...events: Told<PeerEvent>[]): string {
  const run = new PeerRun()
  for (const event of events) {
    run.note({ peer: 'ann', ...event, atMs: 0 })
  }
  const { status, phase, peers } = run.health
  return `${status} ${phase} ${Object.values(peers).join('/')}`
}

const WHO = { peerId: 'id', multiaddrs: [] }
const STARTED = { event: 'started' as const, ...WHO, expectedPeers: 2, chunkByteLength: 1024 }
const REGISTERED = { event: 'registered' as const, ...WHO, joined: 1, expectedPeers: 2, rejoined: false }
const COMPLETE = { event: 'peer-complete' as const, elapsedMs: 1, receivedBytes: 1, sentBytes: 1 }
const INCOMPLETE = { event: 'swarm-incomplete' as const, reason: '', results: [] }
const DONE = { event: 'swarm-complete' as const, makespanMs: 1, results: [] }
const STOPPED = { event: 'stopped' as const, reason: '' }
const ERROR = { event: 'error' as const, code: 'DISK' as const, message: '' }

function members(...names: string[]) {
  return names.map((name) => ({ name, ...WHO, connected: false, complete: name === 'ben' }))
}

test('a coordinator is well until it has failed, ended incomplete or was stopped before the end', () => {
  const joined = [STARTED, { ...REGISTERED, peer: 'ann' }, { ...REGISTERED, peer: 'ben' }]
  assert.equal(coordinator(), 'ok starting 0/0/0/0')
  assert.equal(coordinator(STARTED), 'ok joining 2/0/0/0')
  assert.equal(coordinator(...joined), 'ok joining 2/2/2/0')
  const lost = { event: 'peer-lost' as const, peer: 'ann', message: '' }
  assert.equal(coordinator(...joined, lost), 'ok joining 2/1/1/0')
  assert.equal(coordinator(...joined, lost, { ...REGISTERED, peer: 'ann' }), 'ok joining 2/2/2/0')
  const catalog = { event: 'catalog' as const, files: 1, byteLength: 1, entries: [] }
  const carriedOn = [STARTED, { event: 'roster' as const, members: members('ann', 'ben') }]
  assert.equal(coordinator(...carriedOn), 'ok publishing 2/2/0/1')
  assert.equal(coordinator(...carriedOn, catalog), 'ok exchanging 2/2/0/1')
  const complete = [...joined, { ...COMPLETE, peer: 'ann' }, { ...COMPLETE, peer: 'ben' }, DONE]
  assert.equal(coordinator(...complete), 'ok complete 2/2/2/2')
  assert.equal(coordinator(...complete, STOPPED), 'ok complete 2/2/2/2')
  assert.equal(coordinator(...joined, INCOMPLETE), 'failed incomplete 2/2/2/0')
  assert.equal(coordinator(...joined, INCOMPLETE, STOPPED), 'failed incomplete 2/2/2/0')
  assert.equal(coordinator(...joined, ERROR), 'failed failed 2/2/2/0')
  assert.equal(coordinator(...joined, STOPPED), 'failed stopped 2/2/2/0')
})

test('a peer is well until it has failed, ended incomplete or was stopped before the end', () => {
  const started = { event: 'started' as const, ...WHO }
  const hashed = { event: 'hashed' as const, files: 1, byteLength: 1, elapsedMs: 1 }
  const registered = {
    event: 'registered' as const,
    ...WHO,
    expectedPeers: 2,
    clockOffsetMs: 0,
    rejoined: false
  }
  assert.equal(peer(), 'ok starting 0/0/0/0')
  assert.equal(peer(started), 'ok hashing 0/0/0/0')
  assert.equal(peer(started, hashed), 'ok joining 0/0/0/0')
  const published = { event: 'manifests-published' as const, files: 1, byteLength: 1, manifests: [] }
  assert.equal(peer(started, hashed, registered, published), 'ok publishing 2/0/0/0')
  const run: Told<PeerEvent>[] = [
    registered,
    { event: 'roster', members: members('ann', 'ben') },
    { event: 'catalog', files: 1, byteLength: 1, missingFiles: 1, missingBytes: 1, missing: [] },
    { event: 'peer-connected', remote: 'ben', address: '', direction: 'inbound', relayed: false }
  ]
  assert.equal(peer(...run), 'ok exchanging 2/2/1/0')
  assert.equal(peer(...run, COMPLETE), 'ok serving 2/2/1/1')
  assert.equal(peer(...run, COMPLETE, DONE, STOPPED), 'ok complete 2/2/1/1')
  assert.equal(peer(...run, { event: 'peer-disconnected', remote: 'ben' }), 'ok exchanging 2/2/0/0')
  assert.equal(peer(...run, INCOMPLETE), 'failed incomplete 2/2/1/0')
  assert.equal(peer(...run, ERROR, STOPPED), 'failed failed 2/2/1/0')
})
