import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { PeerEvent } from '#potluck/events/peer.js'
import { coordinatorConsole, peerConsole } from '#potluck/view/console.js'
import { Screen, type ScreenOptions } from '#potluck/view/screen.js'
import { EmulatedTerminal } from '../fixtures/emulated-terminal.js'
import { SwarmStory } from '../fixtures/swarm-story.js'

interface Shown {
  screen: Screen
  complaints: string[]
  complain(message: string): void
  text(): string
}

function shown(options: ScreenOptions = {}): Shown {
  const stream = new PassThrough()
  const chunks: string[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString('utf8')))
  const complaints: string[] = []
  return {
    screen: new Screen(stream, options),
    complaints,
    complain: (message) => complaints.push(message),
    text: () => chunks.join('')
  }
}

const HALF = 'Client 1: holds 50 bytes of 100 bytes (50 %); received 50 bytes, sent 0 bytes\n'
const progress = { totalBytes: 100, heldBytes: 50, receivedBytes: 50, sentBytes: 0 }

test('without a terminal, a line of progress comes every few seconds of the swarm clock', () => {
  const view = shown()
  const listener = peerConsole('client1', view)
  for (let atMs = 0; atMs <= 11_000; atMs += 250) {
    listener({ event: 'progress', atMs, peer: 'client1', ...progress })
  }
  assert.equal(view.text(), HALF.repeat(3))
})

test('a clock that leaps backwards does not silence the progress', () => {
  const view = shown()
  const listener = peerConsole('client1', view)
  for (const atMs of [60_000, 100, 200]) {
    listener({ event: 'progress', atMs, peer: 'client1', ...progress })
  }
  assert.equal(view.text(), HALF.repeat(2))
})

test('single chunks are not shown, errors are complained of', () => {
  const view = shown()
  const listener = peerConsole('client1', view)
  const chunk: PeerEvent = {
    event: 'chunk-requested',
    atMs: 1,
    peer: 'client1',
    file: 'f',
    chunkIndex: 0,
    from: 'b'
  }
  listener(chunk)
  listener({ event: 'error', atMs: 1, peer: 'client1', code: 'DISK', message: 'The disk is full.' })
  assert.equal(view.text(), '')
  assert.deepEqual(view.complaints, ['The disk is full.'])
})

test("the peer's lines bear its name as people write it", () => {
  const view = shown()
  peerConsole(
    'client1',
    view
  )({ event: 'coordinator-lost', atMs: 1, peer: 'client1', message: 'reset', reset: true })
  assert.equal(view.text(), 'Client 1: Connection was forcibly closed.\n')
})

test('the coordinator shows the table unless somebody else does', () => {
  for (const table of [true, false]) {
    const view = shown()
    coordinatorConsole({ ...view, table })({
      event: 'swarm-complete',
      atMs: 1500,
      peer: 'coordinator',
      makespanMs: 1000,
      results: [{ name: 'client1', registeredAtMs: 500, completedAtMs: 1500, receivedBytes: 1, sentBytes: 1 }]
    })
    assert.equal(/^makespan 1\.0 s/m.test(view.text()), table)
    assert.match(view.text(), /^ {4}1\.5 s {2}complete: one person has all files; makespan 1\.0 s$/m)
  }
})

test('of many tries to reach the coordinator one is shown every few seconds', () => {
  const view = shown()
  const listener = peerConsole('client1', view)
  const tried = { peer: 'client1', address: '/ip4/127.0.0.1/tcp/9000', message: 'refused', retryInMs: 250 }
  for (let atMs = 0; atMs < 5000; atMs += 250) {
    listener({ event: 'coordinator-unreachable', atMs, ...tried })
  }
  listener({ event: 'coordinator-connected', atMs: 5000, peer: 'client1', address: tried.address })
  listener({ event: 'coordinator-unreachable', atMs: 5100, ...tried })
  assert.equal(
    view.text(),
    'Client 1: no coordinator answers at /ip4/127.0.0.1/tcp/9000 (refused); trying again in 250 ms\n'.repeat(
      2
    )
  )
})

const NO_ROOM = 'ann/file: no room is left'
const SHORT = {
  event: 'peer-short' as const,
  atMs: 1,
  elapsedMs: 1,
  receivedBytes: 1,
  sentBytes: 1,
  files: 1,
  code: 'DISK' as const,
  message: NO_ROOM
}
const INCOMPLETE = {
  event: 'swarm-incomplete' as const,
  atMs: 2,
  reason: `cid did not come back; ben ends without 1 file (${NO_ROOM})`,
  results: []
}

test('a coordinator says once, in its last line, why the swarm ended incomplete', () => {
  const view = shown()
  const listener = coordinatorConsole({ ...view, table: true })
  listener({ ...SHORT, peer: 'ben' })
  listener({ ...INCOMPLETE, peer: 'coordinator', leftOut: ['eve'] })
  listener({ event: 'error', atMs: 3, peer: 'coordinator', code: 'INCOMPLETE', message: INCOMPLETE.reason })
  assert.match(view.text(), /^ +1 ms {2}ben fetched everything but 1 file after 1 ms$/m)
  assert.match(view.text(), /^ +2 ms {2}the swarm ended incomplete; without the files of eve, because /m)
  assert.doesNotMatch(view.text(), /no room/)
  assert.deepEqual(view.complaints, [INCOMPLETE.reason])
})

test('a peer says why the swarm ended incomplete where its last line does not', () => {
  const ended = (...before: PeerEvent[]): string => {
    const view = shown()
    const listener = peerConsole('ben', view)
    for (const event of [...before, { ...INCOMPLETE, peer: 'ben' }]) {
      listener(event)
    }
    return /the swarm ended incomplete.*/.exec(view.text())?.[0] ?? ''
  }
  const complete = { event: 'peer-complete', atMs: 1, elapsedMs: 1, receivedBytes: 1, sentBytes: 1 } as const
  assert.equal(ended({ ...complete, peer: 'ben' }), `the swarm ended incomplete: ${INCOMPLETE.reason}`)
  assert.equal(
    ended({ ...SHORT, peer: 'ben' }),
    'the swarm ended incomplete: cid did not come back; ben ends without 1 file'
  )
  assert.equal(ended(), 'the swarm ended incomplete')
})

const MD5 = '71bcdbb7bf10b9ed7045646310d29ad4'
const PEER_ID = '12D3KooWJdNLd9KyAQW8MZVhCYCiTAdkxMw9HUwYFPur2JEts9u3'

test('digests and PeerIds are on a screen only where somebody wants to see them', () => {
  const file = { file: 'ben/film.mkv', byteLength: 1024, md5: MD5, origin: 'ben', elapsedMs: 1500 }
  const address = `/ip4/192.0.2.1/tcp/9001/p2p/${PEER_ID}`
  const started = { event: 'started' as const, atMs: 1, peerId: PEER_ID, multiaddrs: [address] }
  const own = { event: 'manifests-published', atMs: 2, files: 1, byteLength: 1024 } as const
  const registered = {
    event: 'registered' as const,
    atMs: 2,
    peerId: PEER_ID,
    multiaddrs: [],
    expectedPeers: 2
  }
  for (const verbose of [false, true]) {
    const peer = shown({ verbose })
    const ann = peerConsole('ann', peer)
    ann({ ...started, peer: 'ann' })
    ann({ ...registered, peer: 'ann', clockOffsetMs: 0.5, rejoined: false })
    ann({ ...own, peer: 'ann', manifests: [file] })
    ann({ event: 'file-complete', atMs: 3, peer: 'ann', ...file, local: false })
    ann({ event: 'file-complete', atMs: 3, peer: 'ann', ...file, local: true })
    const coordinator = shown({ verbose })
    const all = coordinatorConsole({ ...coordinator, table: true })
    all({ ...started, peer: 'coordinator', expectedPeers: 2, chunkByteLength: 1 })
    all({ ...registered, peer: 'ann', joined: 1, rejoined: false })
    all({ event: 'file-complete', atMs: 3, peer: 'ann', ...file })
    for (const text of [peer.text(), coordinator.text()]) {
      assert.equal(text.includes(MD5), verbose)
      assert.equal(text.includes(PEER_ID), verbose)
    }
    if (!verbose) {
      assert.deepEqual(peer.text().split('\n'), [
        'ann: listening on /ip4/192.0.2.1/tcp/9001',
        'ann: registered; 2 people expected',
        'ann: offers 1 file, 1.0 KiB',
        'ann: received ben/film.mkv (1.0 KiB) after 1.5 s',
        'ann: ben/film.mkv (1.0 KiB) is already on disk, not fetched',
        ''
      ])
      assert.match(coordinator.text(), /^ +3 ms {2}ann received ben\/film\.mkv \(1\.0 KiB\) after 1\.5 s$/m)
    }
  }
})

test('what is told after the end of a run is painted no more', async () => {
  const story = new SwarmStory({ peers: ['ann', 'ben'], files: 1 })
  const terminal = new EmulatedTerminal({ rows: 40 })
  const screen = new Screen(terminal)
  const listener = coordinatorConsole({ screen, complain: () => undefined, table: false })
  for (const event of [...story.beginning(), ...story.moment(2000, 0.5), ...story.end(3000)]) {
    listener(event)
  }
  const lines = await terminal.lines()
  // The last progress of the peers comes after the end.
  for (const event of story.moment(3500, 1)) {
    listener(event)
  }
  assert.deepEqual(await terminal.lines(), lines)
  assert.doesNotMatch(lines.join('\n'), /^Peers$/m)
})

test('the owner of a changed file is told at once whom it is missing for, once for each', () => {
  const view = shown()
  const listener = peerConsole('ann', view)
  const unreadable = (chunkIndex: number, to: string): PeerEvent => ({
    ...{ event: 'chunk-unreadable', atMs: 1, peer: 'ann', file: 'ann/film.mkv' },
    ...{ chunkIndex, to, message: 'changed' }
  })
  for (const event of [unreadable(1, 'ben'), unreadable(2, 'ben'), unreadable(1, 'cid')]) {
    listener(event)
  }
  const lineFor = (name: string): string =>
    `ann: ${name} cannot fetch ann/film.mkv from here: it is changed or unreadable since it was shared. Put it back as it was.\n`
  assert.equal(view.text(), lineFor('ben') + lineFor('cid'))
})

test('a peer says at its end where the files are', () => {
  const view = shown()
  const listener = peerConsole('ann', { ...view, collection: './potluck' })
  const empty = { files: 0, byteLength: 0, missingFiles: 0, missingBytes: 0, missing: [] }
  listener({ event: 'catalog', atMs: 1, peer: 'ann', ...empty })
  listener({ event: 'swarm-complete', atMs: 2, peer: 'ann', makespanMs: 1, results: [] })
  assert.match(view.text(), /\nFiles are in \.\/potluck, in one folder for each person\.\n$/)
})
