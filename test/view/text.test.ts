import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printableLines } from '#potluck/core/names.js'
import type { CoordinatorEvent, Transfers } from '#potluck/events/coordinator.js'
import type { PeerEvent } from '#potluck/events/peer.js'
import { jsonLine } from '#potluck/view/escape.js'
import { coordinatorScreenText, peerScreenText } from '#potluck/view/screen-text.js'
import { coordinatorText, peerText, spoken } from '#potluck/view/text.js'

const frame = { atMs: 12.5, peer: 'client1' }
const results = [
  { name: 'client1', registeredAtMs: 5, completedAtMs: 1005, receivedBytes: 2048, sentBytes: 1024 }
]

/** Text that an attacker could send to take over a terminal, or to hide or reverse text. */
const HOSTILE = 'a\u001b[2J\u009b\r\n\u202eb\u200b'
const BARE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

const member = { name: HOSTILE, peerId: HOSTILE, multiaddrs: [HOSTILE], connected: true, complete: false }
const moved = { file: HOSTILE, chunkIndex: 17, byteLength: 262144, elapsedMs: 12.34 }

const bound = {
  boundMs: 900,
  term: 'origin',
  boundPeer: HOSTILE,
  boundBytesPerSecond: 1e6,
  basis: 'measured'
} as const

const peerEvents: PeerEvent[] = [
  { ...frame, event: 'started', peerId: HOSTILE, multiaddrs: [HOSTILE] },
  { ...frame, event: 'serving', url: HOSTILE },
  { ...frame, event: 'warning', message: HOSTILE },
  { ...frame, event: 'limits', maxUpBytesPerSecond: 2_500_000 },
  { ...frame, event: 'hashing', hashedBytes: 1, totalBytes: 2 },
  { ...frame, event: 'hashed', files: 1, byteLength: 2, elapsedMs: 3 },
  { ...frame, event: 'coordinator-unreachable', address: HOSTILE, message: HOSTILE, retryInMs: 100 },
  { ...frame, event: 'coordinator-connected', address: HOSTILE },
  {
    ...frame,
    event: 'registered',
    peerId: HOSTILE,
    multiaddrs: [],
    expectedPeers: 4,
    clockOffsetMs: 1,
    rejoined: true
  },
  { ...frame, event: 'roster', members: [member] },
  {
    ...frame,
    event: 'manifests-published',
    files: 1,
    byteLength: 2,
    manifests: [{ file: HOSTILE, byteLength: 2, md5: HOSTILE }]
  },
  {
    ...frame,
    event: 'catalog',
    files: 4,
    byteLength: 8,
    missingFiles: 3,
    missingBytes: 6,
    missing: [{ file: HOSTILE, byteLength: 6, heldBytes: 0 }]
  },
  { ...frame, event: 'bound', ...bound },
  {
    ...frame,
    event: 'peer-connected',
    remote: HOSTILE,
    address: HOSTILE,
    direction: 'inbound',
    relayed: true
  },
  { ...frame, event: 'peer-disconnected', remote: HOSTILE },
  { ...frame, event: 'dial-failed', remote: HOSTILE, message: HOSTILE, retryInMs: 100, tries: 1 },
  { ...frame, event: 'out-of-reach', remotes: [HOSTILE], alone: false, relayed: false },
  { ...frame, event: 'out-of-reach', remotes: [HOSTILE], alone: true, relayed: false },
  { ...frame, event: 'peer-stalled', remote: HOSTILE, silentMs: 5000 },
  { ...frame, event: 'peer-banned', remote: HOSTILE, message: HOSTILE },
  { ...frame, event: 'availability', from: HOSTILE, files: 1, chunks: 2 },
  { ...frame, event: 'digests', root: 'ab', from: HOSTILE, chunks: 2, elapsedMs: 1 },
  { ...frame, event: 'digests-failed', root: 'ab', from: HOSTILE, message: HOSTILE },
  { ...frame, event: 'chunk-requested', file: HOSTILE, chunkIndex: 1, from: HOSTILE },
  { ...frame, event: 'chunk-stored', ...moved, from: HOSTILE },
  { ...frame, event: 'chunk-failed', file: HOSTILE, chunkIndex: 1, from: HOSTILE, reason: 'corrupt' },
  { ...frame, event: 'chunk-sent', ...moved, to: HOSTILE },
  { ...frame, event: 'chunk-unreadable', file: HOSTILE, chunkIndex: 1, message: HOSTILE },
  { ...frame, event: 'chunk-unreadable', file: HOSTILE, chunkIndex: 1, message: HOSTILE, to: HOSTILE },
  { ...frame, event: 'moved-aside', path: HOSTILE, movedTo: HOSTILE },
  { ...frame, event: 'file-lost', file: HOSTILE, byteLength: 1 },
  {
    ...frame,
    event: 'file-complete',
    file: HOSTILE,
    origin: HOSTILE,
    byteLength: 1,
    md5: HOSTILE,
    elapsedMs: 1,
    checkedAtMs: Number.MAX_VALUE,
    local: false
  },
  { ...frame, event: 'progress', totalBytes: 4, heldBytes: 1, receivedBytes: 1, sentBytes: 0 },
  { ...frame, event: 'peer-complete', elapsedMs: 1, receivedBytes: 2, sentBytes: 3 },
  { ...frame, event: 'coordinator-lost', message: HOSTILE, reset: false },
  { ...frame, event: 'swarm-complete', makespanMs: 1000, results },
  { ...frame, event: 'swarm-complete', makespanMs: 1000, results, ...bound, efficiency: 0.9 },
  { ...frame, event: 'swarm-incomplete', reason: HOSTILE, results },
  { ...frame, event: 'error', code: 'DISK', message: HOSTILE },
  { ...frame, event: 'stopped', reason: HOSTILE }
]

const about = { atMs: 12.5, peer: HOSTILE }
const transfers: Transfers = {
  flows: [{ from: HOSTILE, receivedBytes: 1 }],
  chunks: 2,
  chunkTimes: [0, 2],
  duplicates: 1,
  failures: [],
  stalls: 0,
  disconnections: 0
}

const coordinatorEvents: CoordinatorEvent[] = [
  { ...about, event: 'serving', url: HOSTILE, insteadOf: HOSTILE },
  { ...about, event: 'warning', message: HOSTILE },
  {
    ...about,
    event: 'started',
    peerId: HOSTILE,
    multiaddrs: [HOSTILE],
    expectedPeers: 4,
    chunkByteLength: 262144
  },
  {
    ...about,
    event: 'registered',
    peerId: HOSTILE,
    multiaddrs: [HOSTILE],
    joined: 1,
    expectedPeers: 4,
    rejoined: false
  },
  { ...about, event: 'refused', peerId: HOSTILE, code: HOSTILE, message: HOSTILE },
  { ...about, event: 'roster', members: [member] },
  { ...about, event: 'manifests-published', files: 1, byteLength: 2 },
  {
    ...about,
    event: 'catalog',
    files: 4,
    byteLength: 8,
    entries: [{ file: HOSTILE, origin: HOSTILE, byteLength: 8, md5: HOSTILE, root: HOSTILE }]
  },
  { ...about, event: 'activity', peers: [{ name: HOSTILE, transfers, contents: [] }] },
  { ...about, event: 'transfers', peers: [{ name: HOSTILE, ...transfers }] },
  {
    ...about,
    event: 'file-complete',
    file: HOSTILE,
    origin: HOSTILE,
    byteLength: 1,
    md5: HOSTILE,
    elapsedMs: 1
  },
  { ...about, event: 'peer-complete', elapsedMs: 1, receivedBytes: 2, sentBytes: 3 },
  { ...about, event: 'peer-lost', message: HOSTILE },
  { ...about, event: 'relayed', relayedBytes: 1, connections: 2 },
  { ...about, event: 'capacities', uplinkBytesPerSecond: 2_500_000 },
  { ...about, event: 'bound', ...bound, capacities: [] },
  { ...about, event: 'swarm-complete', makespanMs: 1000, results },
  { ...about, event: 'swarm-complete', makespanMs: 1000, results, ...bound, efficiency: 0.9 },
  { ...about, event: 'error', code: 'DISK', message: HOSTILE },
  {
    ...about,
    event: 'progress',
    peers: [
      {
        name: HOSTILE,
        connected: true,
        complete: false,
        totalBytes: 4,
        heldBytes: 1,
        receivedBytes: 1,
        sentBytes: 0
      }
    ]
  }
]

for (const event of peerEvents) {
  test(`fault 37: a peer's ${event.event} is one harmless line`, () => {
    assert.match(peerText(event), /\S/)
    assert.doesNotMatch(peerText(event), BARE)
    assert.doesNotMatch(peerScreenText(event), BARE)
  })
}

for (const event of coordinatorEvents) {
  test(`fault 37: a coordinator's ${event.event} is one harmless line`, () => {
    assert.match(coordinatorText(event), /\S/)
    assert.doesNotMatch(coordinatorText(event), BARE)
    assert.doesNotMatch(coordinatorScreenText(event), BARE)
  })
}

test('what a chunk line says', () => {
  const event: PeerEvent = {
    ...frame,
    event: 'chunk-stored',
    file: 'client2/film.mkv',
    chunkIndex: 17,
    from: 'client2',
    byteLength: 262144,
    elapsedMs: 12.34
  }
  assert.equal(peerText(event), 'client2/film.mkv chunk 17 from client2, 262144 bytes in 12.3 ms')
})

test('what the bound and the end say of the links', () => {
  const told = { ...bound, boundPeer: 'client3' }
  const news: CoordinatorEvent = { ...frame, event: 'bound', ...told, capacities: [] }
  assert.equal(
    coordinatorText(news),
    "the links allow no less than 900 ms by measured rates (client3's uplink, 8 Mbit/s)"
  )
  const end = { event: 'swarm-complete', makespanMs: 1000, results, ...told, efficiency: 0.9 } as const
  const shown = `the swarm is complete (1 peer); makespan 1.0 s; lower bound 900 ms (client3's uplink, 8 Mbit/s); efficiency 0.90 of the bound by measured rates`
  assert.equal(coordinatorText({ ...frame, ...end }), shown)
  assert.equal(peerText({ ...frame, ...end }), shown)
})

test('the time of a run is that of the exchange, with the waiting for people told apart', () => {
  const end = { ...frame, event: 'swarm-complete', makespanMs: 15_300, results } as const
  assert.equal(
    coordinatorText({ ...end, exchangeMs: 12_300 }),
    'the swarm is complete (1 peer); exchanged in 12.3 s, after waiting 3.0 s for people'
  )
  assert.equal(
    coordinatorText({ ...end, exchangeMs: 15_000 }),
    'the swarm is complete (1 peer); exchanged in 15.0 s'
  )
  assert.equal(
    coordinatorScreenText({ ...end, results: [...results, ...results], exchangeMs: 12_300 }),
    'complete: all 2 people have all files; exchanged in 12.3 s, after waiting 3.0 s for people'
  )
})

test('fault 48: the reason for a file that is given up is not repeated where this peer said it before', () => {
  const short = { event: 'peer-short', elapsedMs: 1, files: 1, code: 'DISK', message: 'no room' } as const
  assert.equal(
    peerText({ ...frame, ...short, receivedBytes: 2, sentBytes: 3 }),
    'fetched everything but 1 file after 1 ms'
  )
})

test('what limits say, and what they are to the coordinator', () => {
  const limits: PeerEvent = { ...frame, event: 'limits', maxUpBytesPerSecond: 2_500_000 }
  assert.equal(peerText(limits), 'sends at most 20 Mbit/s and receives without a limit')
  const told: CoordinatorEvent = { ...frame, event: 'capacities', downlinkBytesPerSecond: 125_000 }
  assert.equal(
    coordinatorText(told),
    'client1 reports its link capacity: upload as measured, download 1 Mbit/s'
  )
})

test("the assignment's sentence when the coordinator's connection is reset", () => {
  const event: PeerEvent = { ...frame, event: 'coordinator-lost', message: 'read ECONNRESET', reset: true }
  assert.equal(spoken('client1', peerText(event)), 'Client 1: Connection was forcibly closed.')
})

test('a coordinator that closes its connection in order is told from one that is gone', () => {
  const event: PeerEvent = { ...frame, event: 'coordinator-lost', message: 'it said goodbye', reset: false }
  assert.equal(
    spoken('client1', peerText(event)),
    "Client 1: The coordinator's connection ended (it said goodbye)."
  )
})

test('fault 37: a JSON line has the same value as its event, and nothing in it that moves a cursor', () => {
  const event = { ...frame, event: 'error', message: `${HOSTILE}\u{e0041}\ud800` }
  const line = jsonLine(event)
  assert.ok(line.endsWith('}\n'))
  assert.doesNotMatch(line.slice(0, -1), BARE)
  assert.deepEqual(JSON.parse(line), event)
})

test('sentences keep their lines and lose what is invisible', () => {
  assert.equal(printableLines('one\ntwo\u001b[1m'), 'one\ntwo\\u{1b}[1m')
})
