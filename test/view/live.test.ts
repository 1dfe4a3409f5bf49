import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CoordinatorEvent, SwarmProgress } from '#potluck/events/coordinator.js'
import type { PeerEvent } from '#potluck/events/peer.js'
import { NO_TRANSFERS } from '#potluck/events/transfers.js'
import { columnsOf } from '#potluck/view/columns.js'
import { peerLive } from '#potluck/view/peer-live.js'
import { PeerPicture } from '#potluck/view/peer-picture.js'
import { PLAIN } from '#potluck/view/style.js'
import { swarmLive } from '#potluck/view/swarm-live.js'
import { SwarmPicture } from '#potluck/view/swarm-picture.js'

const MIB = 1024 * 1024
const OPTIONS = { size: { columns: 110, rows: 30 }, style: PLAIN, verbose: false }
const bound = {
  event: 'bound',
  boundMs: 60_000,
  term: 'origin',
  boundPeer: 'ben',
  boundBytesPerSecond: 2_500_000,
  basis: 'configured'
} as const

describe('the live view of a peer', () => {
  /** 10 MiB of ben's film in 10 s, the last from cat; 90 MiB are missing. */
  function events(): PeerEvent[] {
    const frame = { peer: 'ann' }
    const events: PeerEvent[] = [
      {
        ...frame,
        event: 'registered',
        atMs: 1000,
        peerId: '',
        multiaddrs: [],
        expectedPeers: 3,
        clockOffsetMs: 0,
        rejoined: false
      },
      {
        ...frame,
        event: 'catalog',
        atMs: 1000,
        files: 3,
        byteLength: 300 * MIB,
        missingFiles: 2,
        missingBytes: 100 * MIB,
        missing: [
          { file: 'ben/film.mkv', byteLength: 50 * MIB, heldBytes: 0 },
          { file: 'cat/photos.zip', byteLength: 50 * MIB, heldBytes: 0 }
        ]
      }
    ]
    for (let quarter = 1; quarter <= 40; quarter++) {
      const from = quarter <= 32 ? 'ben' : 'cat'
      const chunk = { file: 'ben/film.mkv', chunkIndex: quarter, byteLength: MIB / 4, elapsedMs: 100 }
      events.push({ ...frame, event: 'chunk-stored', atMs: 1000 + quarter * 250, ...chunk, from })
    }
    const progress = { totalBytes: 300 * MIB, heldBytes: 210 * MIB, receivedBytes: 10 * MIB, sentBytes: 0 }
    events.push({ ...frame, event: 'progress', atMs: 11_000, ...progress })
    return events
  }

  function picture(more: PeerEvent[] = []): PeerPicture {
    const picture = new PeerPicture()
    for (const event of [...events(), ...more]) {
      picture.note(event)
    }
    return picture
  }

  it('shows each file that comes, how fast, and from whom, and what is left in all', () => {
    const [, heading, film = '', all = '', others = '', moved = ''] = peerLive(picture(), 11_249, OPTIONS)
    assert.equal(heading, 'Files')
    assert.match(film, /^ben\/film\.mkv #{8}-{32} {3}20 % {2}1\.0 MiB\/s {2}from ben, cat$/)
    assert.match(all, /^All files {4}#{4}-{36} {3}10 % {2}1\.0 MiB\/s$/)
    assert.equal(others, '1 more file to come, 0 complete')
    assert.match(
      moved,
      /^10\.0 MiB of 100\.0 MiB fetched, 1 min 30 s left, received 10\.0 MiB, sent 0 bytes at /
    )
  })

  it('names only those from whom something came in the last seconds', () => {
    const [, , film = ''] = peerLive(picture(), 12_400, OPTIONS)
    assert.match(film, /from cat$/)
  })

  it('says so when nothing comes, and shows no file that stands still', () => {
    const lines = peerLive(picture(), 20_000, OPTIONS)
    assert.doesNotMatch(lines.join('\n'), /film/)
    assert.match(lines.join('\n'), /10\.0 MiB of 100\.0 MiB fetched, nothing arrives at the moment/)
  })

  it('says that it connects in the first seconds, before anything has come', () => {
    const [registered, catalog] = events().slice(0, 2)
    const progress = { totalBytes: 300 * MIB, heldBytes: 200 * MIB, receivedBytes: 0, sentBytes: 0 }
    const begun = new PeerPicture()
    for (const event of [registered, catalog, { peer: 'ann', event: 'progress', atMs: 1001, ...progress }]) {
      begun.note(event as PeerEvent)
    }
    const textAt = (atMs: number): string => peerLive(begun, atMs, OPTIONS).join()
    assert.match(textAt(5900), /0 bytes of 100\.0 MiB fetched, connecting to the others…/)
    assert.match(textAt(6100), /nothing arrives at the moment/)
  })

  it('tells the efficiency that is to be expected, and what binds, to those who want to know', () => {
    const told = picture([{ ...bound, atMs: 11_000, peer: 'ann' }])
    assert.doesNotMatch(peerLive(told, 11_249, OPTIONS).join(), /efficiency/)
    const lines = peerLive(told, 11_249, { ...OPTIONS, verbose: true })
    assert.equal(
      lines.at(-1),
      "efficiency 0.60 expected, the links allow 1 min 00 s, ben's uplink, 20 Mbit/s"
    )
  })

  it('counts a chunk that came twice once', () => {
    const again = {
      file: 'ben/film.mkv',
      chunkIndex: 1,
      byteLength: MIB,
      elapsedMs: 1,
      from: 'cat',
      again: true
    } as const
    const [, , film = ''] = peerLive(
      picture([{ event: 'chunk-stored', atMs: 11_000, peer: 'ann', ...again }]),
      11_249,
      OPTIONS
    )
    assert.match(film, / 20 % /)
  })

  it('takes no more room than there is', () => {
    const small = picture([{ ...bound, atMs: 11_000, peer: 'ann' }])
    for (let columns = 1; columns < 120; columns++) {
      const lines = peerLive(small, 11_000, { ...OPTIONS, size: { columns, rows: 7 } })
      assert.ok(lines.length <= 6)
      assert.ok(lines.every((line) => columnsOf(line) <= columns))
    }
  })
})

describe('the live view of a peer that waits', () => {
  const about = { peer: 'ann', atMs: 1000 }
  const registered: PeerEvent = {
    ...about,
    ...{
      event: 'registered',
      peerId: '',
      multiaddrs: [],
      expectedPeers: 3,
      clockOffsetMs: 0,
      rejoined: false
    }
  }
  const unreachable: PeerEvent = {
    ...about,
    ...{ event: 'coordinator-unreachable', address: '/dns4/hub/tcp/1', message: 'refused', retryInMs: 250 }
  }
  const members = ['ann', 'ben', 'cid'].map((name) => ({
    ...{ name, peerId: '', multiaddrs: [], connected: true, complete: false }
  }))

  function shown(events: readonly PeerEvent[], atMs = 2000, columns = 110): string[] {
    const picture = new PeerPicture()
    for (const event of events) {
      picture.note(event)
    }
    return peerLive(picture, atMs, { ...OPTIONS, size: { columns, rows: 24 } }).slice(1)
  }

  it('shows a bar while it reads its files', () => {
    const hashing = { ...about, event: 'hashing', totalBytes: 100 * MIB } as const
    const [line = ''] = shown(
      [
        { ...hashing, hashedBytes: 0 },
        { ...hashing, atMs: 6000, hashedBytes: 25 * MIB }
      ],
      6000
    )
    assert.match(line, /^Reading your files #+-+ {3}25 % {2}25\.0 MiB of 100\.0 MiB {2}15 s left$/)
  })

  it('says in the first seconds that it connects, and later why it does not come about', () => {
    assert.deepEqual(shown([]), ['Connecting to the coordinator…'])
    assert.deepEqual(shown([unreachable], 5900), ['Connecting to the coordinator…'])
    assert.deepEqual(shown([unreachable, { ...unreachable, atMs: 6000 }], 8000), [
      'No coordinator answers at /dns4/hub/tcp/1 for 7 s (refused). Trying again.'
    ])
  })

  it('says who is here and how many are expected, as the coordinator tells of more', () => {
    assert.deepEqual(shown([registered]), ['Waiting for people: 1 of 3 (ann)'])
    const two: PeerEvent = { ...about, event: 'arrivals', joined: 2, expectedPeers: 3, names: ['ann', 'ben'] }
    assert.deepEqual(shown([registered, two]), ['Waiting for people: 2 of 3 (ann, ben)'])
  })

  it('says once all are here that it waits for their lists', () => {
    assert.deepEqual(shown([registered, { ...about, event: 'roster', members }]), [
      'All 3 people are here. Waiting for their file lists.'
    ])
  })

  it('takes no more room than there is', () => {
    for (let columns = 1; columns < 120; columns++) {
      for (const events of [[], [unreachable], [registered]]) {
        assert.ok(shown(events, 9000, columns).every((line) => columnsOf(line) <= columns))
      }
    }
  })
})

describe('the live view of a swarm that waits', () => {
  const about = { peer: 'coordinator', atMs: 1000 }

  function shown(events: readonly CoordinatorEvent[]): string[] {
    const picture = new SwarmPicture()
    for (const event of events) {
      picture.note(event)
    }
    return swarmLive(picture, 2000, OPTIONS)
  }

  const started: CoordinatorEvent = {
    ...{ ...about, event: 'started', peerId: '', multiaddrs: [], expectedPeers: 2, chunkByteLength: 1 }
  }
  const joined = (peer: string, count: number): CoordinatorEvent => ({
    ...{ ...about, event: 'registered', peer, peerId: '', multiaddrs: [] },
    ...{ joined: count, expectedPeers: 2, rejoined: false }
  })
  const published: CoordinatorEvent = {
    ...about,
    event: 'manifests-published',
    peer: 'ann',
    files: 1,
    byteLength: 1
  }
  const roster: CoordinatorEvent = {
    ...about,
    event: 'roster',
    members: ['ann', 'ben'].map((name) => ({
      ...{ name, peerId: '', multiaddrs: [], connected: true, complete: false }
    }))
  }

  it('says who is here, and then whose list of files is missing', () => {
    assert.deepEqual(shown([]), [])
    assert.deepEqual(shown([started]), ['', 'Waiting for people: 0 of 2'])
    assert.deepEqual(shown([started, joined('ann', 1)]), ['', 'Waiting for people: 1 of 2 (ann)'])
    assert.deepEqual(shown([started, joined('ann', 1), published, joined('ben', 2), roster]), [
      '',
      'All 2 people are here. Waiting for the file list of ben.'
    ])
  })

  it('does not count one that left before all were here', () => {
    const lost: CoordinatorEvent = { ...about, event: 'peer-lost', peer: 'ann', message: 'reset' }
    assert.deepEqual(shown([started, joined('ann', 1), lost]), ['', 'Waiting for people: 0 of 2'])
  })
})

describe('the live view of a swarm', () => {
  const files = ['ann/a.bin', 'ben/b.bin']
  const entries = files.map((file) => ({
    file,
    origin: file.slice(0, 3),
    byteLength: 100 * MIB,
    md5: '',
    root: file
  }))

  function progressOf(name: string, heldBytes: number): SwarmProgress {
    return {
      name,
      connected: true,
      complete: false,
      totalBytes: 200 * MIB,
      heldBytes,
      receivedBytes: heldBytes - 100 * MIB,
      sentBytes: 0
    }
  }

  function picture(more: CoordinatorEvent[] = [], peers = ['ann', 'ben']): SwarmPicture {
    const frame = { peer: 'coordinator' }
    const picture = new SwarmPicture()
    const members = peers.map((name) => ({
      name,
      peerId: '',
      multiaddrs: [],
      connected: true,
      complete: false
    }))
    const events: CoordinatorEvent[] = [
      { ...frame, event: 'roster', atMs: 0, members },
      { ...frame, event: 'catalog', atMs: 0, files: 2, byteLength: 200 * MIB, entries }
    ]
    for (let second = 0; second <= 10; second++) {
      const held = (100 + 5 * second) * MIB
      events.push({
        ...frame,
        event: 'progress',
        atMs: second * 1000,
        peers: peers.map((name) => progressOf(name, held))
      })
      const transfers = { ...NO_TRANSFERS, flows: [{ from: 'ben', receivedBytes: 5 * second * MIB }] }
      const contents = [{ root: 'ben/b.bin', heldBytes: 5 * second * MIB, cells: [] }]
      events.push({
        ...frame,
        event: 'activity',
        atMs: second * 1000,
        peers: [{ name: peers[0] ?? '', transfers, contents }]
      })
    }
    for (const event of [...events, ...more]) {
      picture.note(event)
    }
    return picture
  }

  it('shows each peer, each file under way, and all in all', () => {
    const [, ...lines] = swarmLive(picture(), 10_000, OPTIONS)
    const [peers, ann = '', ben = '', all = '', files, file = '', moved] = lines
    assert.deepEqual([peers, files], ['Peers', 'Files'])
    assert.match(ann, /^ann #{20}-{20} {3}50 % +↓ 5\.0 MiB\/s {2}↑ 0 bytes\/s {2}from ben$/)
    assert.match(ben, /^ben #{20}-{20} {3}50 % +↓ 5\.0 MiB\/s {2}↑ 0 bytes\/s$/)
    assert.match(all, /^All .* 50 % {2}↓ 10\.0 MiB\/s$/)
    assert.match(file, /^ben\/b\.bin #+-+ {3}50 % {2}1 peer needs it$/)
    assert.equal(moved, '100.0 MiB of 200.0 MiB fetched, 10 s left')
  })

  it('says what stands still, and why', () => {
    const lost = picture([{ event: 'peer-lost', atMs: 10_000, peer: 'ben', message: 'reset' }])
    const lines = swarmLive(lost, 10_000, OPTIONS)
    assert.match(lines[3] ?? '', /not connected$/)
    assert.equal(lines.at(-1), 'ben is not connected')
    assert.equal(swarmLive(picture(), 16_000, OPTIONS).at(-1), 'ben has received nothing for 6.0 s')
  })

  it('fault 37: escapes the names of those who stand still', () => {
    const lost = picture([{ event: 'peer-lost', atMs: 10_000, peer: 'b\u202een', message: 'reset' }])
    assert.doesNotMatch(swarmLive(lost, 10_000, OPTIONS).join(), /\p{Cf}/u)
  })

  it('takes no more room than there is, and then shows first who is not complete', () => {
    const names = Array.from({ length: 40 }, (_, index) => `peer${index + 1}`)
    const done = picture(
      [{ event: 'peer-complete', atMs: 10_000, peer: 'peer1', elapsedMs: 1, receivedBytes: 1, sentBytes: 1 }],
      names
    )
    for (const columns of [1, 20, 40, 80, 120]) {
      const lines = swarmLive(done, 10_000, { ...OPTIONS, size: { columns, rows: 24 } })
      assert.ok(lines.length < 24)
      assert.ok(lines.every((line) => columnsOf(line) <= columns))
    }
    const lines = swarmLive(done, 10_000, { ...OPTIONS, size: { columns: 100, rows: 24 } }).join('\n')
    assert.doesNotMatch(lines, /^peer1 /m)
    assert.match(lines, /^peer2 /m)
    assert.match(lines, /26 more peers/)
  })
})
