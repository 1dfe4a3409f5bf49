import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Activities } from '#potluck/coordinator/swarm/activities.js'
import { Bitfield } from '#potluck/core/bitfield.js'
import { fromHex } from '#potluck/core/hex.js'
import type { Content } from '#potluck/engine/swarm-state.js'
import type { PeerEvent } from '#potluck/events/peer.js'
import { ActivityReport } from '#potluck/node/activity.js'
import type { Activity } from '#potluck/protocols/coordination/index.js'

const ROOT = 'ab'.repeat(32)
const MEMBERS = ['ann', 'ben', 'cat']

function stored(from: string, byteLength: number, more: Partial<PeerEvent> = {}): PeerEvent {
  const chunk = { file: 'f', chunkIndex: 0, byteLength, elapsedMs: 100 }
  return { event: 'chunk-stored', atMs: 1, peer: 'ann', from, ...chunk, ...more } as PeerEvent
}

function contentOf(held: Bitfield): Content {
  return {
    root: ROOT,
    key: ROOT,
    byteLength: 1000,
    chunkByteLength: 100,
    chunkCount: 10,
    number: 0,
    firstChunk: 0,
    origin: undefined,
    held,
    open: true,
    givenUp: false,
    declined: false,
    declinedBy: 0,
    wanted: 0,
    wantedPlace: -1,
    firstWanted: 0
  }
}

function take(activities: Activities, message: Activity | undefined, name = 'ann'): void {
  assert.ok(message !== undefined)
  activities.take(name, message, {
    hasName: (member) => MEMBERS.includes(member),
    byteLengthOf: (root) => (root === ROOT ? 1000 : undefined),
    size: { totalBytes: 1000, members: MEMBERS.length }
  })
}

test('a peer tells what has changed, and nothing when nothing has', () => {
  const report = new ActivityReport()
  report.note(stored('ben', 100))
  report.note(stored('cat', 50))
  assert.deepEqual(
    report.next([], undefined)?.flows.map(({ from, receivedBytes }) => [from, receivedBytes]),
    [
      ['ben', 100],
      ['cat', 50]
    ]
  )
  assert.equal(report.next([], undefined), undefined)
  report.note(stored('cat', 50))
  assert.deepEqual(report.next([], undefined)?.flows, [{ from: 'cat', receivedBytes: 100 }])
  assert.equal(report.next([], { reason: 'disk-full', remotes: [] })?.waiting, 'disk-full')
  assert.equal(report.next([], undefined)?.waiting, '')
  report.forget()
  assert.equal(report.next([], undefined)?.flows.length, 2)
})

test('what a peer holds arrives as bytes and cells', () => {
  const held = new Bitfield(10)
  held.add(0)
  held.add(9)
  const activities = new Activities()
  take(activities, new ActivityReport().next([contentOf(held)], undefined))
  const [peer] = activities.takeNews()
  assert.deepEqual(peer?.contents, [
    { root: ROOT, heldBytes: 200, cells: [255, 0, 0, 0, 0, 0, 0, 0, 0, 255] }
  ])
  assert.deepEqual(activities.takeNews(), [])
})

test('a peer that was started again counts on from what it had', () => {
  const activities = new Activities()
  const first = new ActivityReport()
  first.note(stored('ben', 100))
  first.note(stored('ben', 100, { again: true }))
  take(activities, first.next([], undefined))
  const second = new ActivityReport()
  second.note(stored('ben', 10))
  take(activities, second.next([], undefined))
  second.note(stored('cat', 5))
  take(activities, second.next([], undefined))
  const [ann] = activities.transfers
  assert.deepEqual(ann?.flows, [
    { from: 'ben', receivedBytes: 210 },
    { from: 'cat', receivedBytes: 5 }
  ])
  assert.equal(ann?.chunks, 4)
  assert.equal(ann?.duplicates, 1)
  assert.equal(
    ann?.chunkTimes.reduce((sum, count) => sum + count, 0),
    4
  )
})

test('fault 31: of what a peer claims only what can be is passed on', () => {
  const activities = new Activities()
  const message: Activity = {
    flows: [
      { from: 'ben', receivedBytes: 1 },
      { from: 'nobody', receivedBytes: 1e15 }
    ],
    contents: [
      { root: fromHex(ROOT), heldBytes: 1e15, cells: new Uint8Array(3) },
      { root: fromHex('cd'.repeat(32)), heldBytes: 1, cells: new Uint8Array(3) },
      { root: new Uint8Array(3), heldBytes: 1, cells: new Uint8Array(3) },
      { root: fromHex(ROOT), heldBytes: 1, cells: new Uint8Array(65) }
    ],
    waiting: 'for godot',
    waitingFor: ['nobody'],
    chunks: 1,
    chunkTimes: [],
    duplicates: 0,
    failures: [{ reason: 'bad luck', count: 3 }],
    stalls: 0,
    disconnections: 0
  }
  take(activities, message)
  const [ann] = activities.takeNews()
  assert.deepEqual(ann?.transfers.flows, [{ from: 'ben', receivedBytes: 1 }])
  assert.deepEqual(ann?.contents, [{ root: ROOT, heldBytes: 1000, cells: [0, 0, 0] }])
  assert.equal(ann?.waiting, undefined)
  assert.deepEqual(ann?.transfers.failures, [])
  take(activities, { ...message, waiting: 'no-source', waitingFor: ['nobody', 'ben'] })
  assert.deepEqual(activities.takeNews()[0]?.waiting, { reason: 'no-source', remotes: ['ben'] })
})
