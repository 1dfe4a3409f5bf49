import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gauge, register } from 'prom-client'
import type { CoordinatorEvent } from '#potluck/events/coordinator.js'
import type { PeerEvent } from '#potluck/events/peer.js'
import type { Unstamped } from '#potluck/events/stream.js'
import { coordinatorMetrics } from '#potluck/http/coordinator-metrics.js'
import { Metrics } from '#potluck/http/metrics.js'
import { PeerRun, peerMetrics } from '#potluck/http/peer-run.js'
import { SwarmPicture } from '#potluck/view/swarm-picture.js'
import { type Family, metricOf, parseMetrics } from '../fixtures/prometheus.js'

interface Told<Event> {
  /** Milliseconds of a clock that stands still. */
  at: number
  take(event: Event & { peer?: string }): void
  read(): Promise<Map<string, Family>>
}

async function coordinator(name = 'coordinator'): Promise<Told<Unstamped<CoordinatorEvent>>> {
  const metrics = await Metrics.open('coordinator', name)
  const told = {
    at: 1000,
    take: (event: Unstamped<CoordinatorEvent> & { peer?: string }): void => {
      const stamped = { peer: name, ...event, atMs: told.at - 1000 }
      picture.note(stamped)
      listener(stamped)
    },
    read: async () => parseMetrics(await metrics.text())
  }
  const picture = new SwarmPicture()
  const listener = coordinatorMetrics(metrics, picture, () => told.at)
  return told
}

async function peer(): Promise<Told<Unstamped<PeerEvent>>> {
  const metrics = await Metrics.open('peer', 'ann')
  const told = {
    at: 1000,
    take: (event: Unstamped<PeerEvent>): void => {
      const stamped = { peer: 'ann', ...event, atMs: told.at - 1000 }
      run.note(stamped)
      listener(stamped)
    },
    read: async () => parseMetrics(await metrics.text())
  }
  const run = new PeerRun()
  const listener = peerMetrics(metrics, run, () => told.at)
  return told
}

const STARTED = {
  event: 'started' as const,
  peerId: 'id',
  multiaddrs: [],
  expectedPeers: 3,
  chunkByteLength: 1024
}
const REGISTERED = {
  event: 'registered' as const,
  peerId: 'id',
  multiaddrs: [],
  joined: 1,
  expectedPeers: 3,
  rejoined: false
}
const BOUND = {
  boundMs: 2500,
  term: 'uplinks' as const,
  boundBytesPerSecond: 1,
  basis: 'measured' as const
}

function progressOf(name: string, heldBytes: number) {
  return {
    name,
    connected: true,
    complete: false,
    totalBytes: 100,
    heldBytes,
    receivedBytes: heldBytes,
    sentBytes: 7
  }
}

function labelled(families: Map<string, Family>, name: string, label: string): Record<string, number> {
  const samples = families.get(name)?.samples ?? []
  return Object.fromEntries(samples.map(({ labels, value }) => [labels[label], value]))
}

test('a coordinator tells the state of its swarm, and leaves out what it does not know yet', async () => {
  const { take, read } = await coordinator()
  let families = await read()
  for (const name of [
    'potluck_lower_bound_seconds',
    'potluck_makespan_seconds',
    'potluck_efficiency_ratio'
  ]) {
    assert.deepEqual(families.get(name)?.samples, [], name)
  }
  take(STARTED)
  take({ ...REGISTERED, peer: 'ann' })
  take({ ...REGISTERED, peer: 'ben' })
  take({ event: 'peer-lost', peer: 'ben', message: 'gone' })
  families = await read()
  assert.deepEqual(labelled(families, 'potluck_peers', 'state'), {
    awaited: 2,
    connected: 1,
    complete: 0,
    lost: 0
  })
  take({ ...REGISTERED, peer: 'ben' })
  take({ event: 'roster', members: [] })
  take({ event: 'progress', peers: [progressOf('ann', 50), progressOf('ben', 20)] })
  take({ event: 'peer-lost', peer: 'ben', message: 'gone' })
  families = await read()
  assert.deepEqual(labelled(families, 'potluck_peers', 'state'), {
    awaited: 1,
    connected: 1,
    complete: 0,
    lost: 1
  })
  assert.deepEqual(labelled(families, 'potluck_peer_held_bytes', 'peer'), { ann: 50, ben: 20 })
  assert.deepEqual(labelled(families, 'potluck_peer_wanted_bytes', 'peer'), { ann: 100, ben: 100 })
  assert.deepEqual(labelled(families, 'potluck_peer_received_bytes_total', 'peer'), { ann: 50, ben: 20 })
  assert.deepEqual(labelled(families, 'potluck_peer_sent_bytes_total', 'peer'), { ann: 7, ben: 7 })

  const uplink = { bytesPerSecond: 125, configured: true }
  take({ event: 'bound', ...BOUND, capacities: [{ name: 'ann', uplink }] })
  take({ event: 'peer-complete', peer: 'ann', elapsedMs: 1, receivedBytes: 1, sentBytes: 1 })
  take({ event: 'relayed', relayedBytes: 9, connections: 2 })
  families = await read()
  assert.equal(metricOf(families, 'potluck_lower_bound_seconds', { term: 'uplinks' }), 2.5)
  const line = { peer: 'ann', direction: 'uplink', basis: 'configured' }
  assert.equal(metricOf(families, 'potluck_peer_capacity_bytes_per_second', line), 125)
  assert.equal(metricOf(families, 'potluck_peers', { state: 'complete' }), 1)
  assert.equal(metricOf(families, 'potluck_relayed_bytes_total'), 9)
  assert.equal(metricOf(families, 'potluck_relayed_connections'), 2)

  take({ event: 'swarm-complete', makespanMs: 5000, results: [], ...BOUND, term: 'origin', efficiency: 0.5 })
  families = await read()
  assert.equal(metricOf(families, 'potluck_makespan_seconds'), 5)
  assert.equal(metricOf(families, 'potluck_efficiency_ratio'), 0.5)
  assert.equal(metricOf(families, 'potluck_lower_bound_seconds'), 2.5)
})

test('a peer tells its run', async () => {
  const { take, read } = await peer()
  assert.deepEqual((await read()).get('potluck_held_bytes')?.samples, [])
  const chunk = { file: 'ben/x', chunkIndex: 0, byteLength: 1024, elapsedMs: 40 }
  take({ event: 'chunk-stored', ...chunk, from: 'ben' })
  take({ event: 'chunk-stored', ...chunk, elapsedMs: 7000, from: 'ben' })
  take({ event: 'chunk-sent', ...chunk, to: 'ben' })
  take({ event: 'chunk-failed', file: 'ben/x', chunkIndex: 0, from: 'ben', reason: 'corrupt' })
  take({ event: 'chunk-failed', file: 'ben/x', chunkIndex: 1, from: 'ben', reason: 'corrupt' })
  take({ event: 'progress', totalBytes: 100, heldBytes: 40, receivedBytes: 30, sentBytes: 20 })
  take({ event: 'peer-stalled', remote: 'ben', silentMs: 1 })
  take({ event: 'peer-banned', remote: 'ben', message: '' })
  const member = { peerId: 'id', multiaddrs: [], connected: true, complete: false }
  take({ event: 'roster', members: ['ann', 'ben', 'cleo'].map((name) => ({ name, ...member })) })
  take({ event: 'peer-connected', remote: 'ben', address: '', direction: 'inbound', relayed: false })
  await read()
  const families = await read()
  assert.equal(metricOf(families, 'potluck_held_bytes'), 40)
  assert.equal(metricOf(families, 'potluck_wanted_bytes'), 100)
  assert.equal(metricOf(families, 'potluck_received_bytes_total'), 30)
  assert.equal(metricOf(families, 'potluck_sent_bytes_total'), 20)
  assert.equal(metricOf(families, 'potluck_chunks_stored_total'), 2)
  assert.equal(metricOf(families, 'potluck_chunks_sent_total'), 1)
  assert.deepEqual(labelled(families, 'potluck_chunk_failures_total', 'reason'), { corrupt: 2 })
  assert.deepEqual(labelled(families, 'potluck_remote_peers', 'state'), { connected: 1, unconnected: 1 })
  assert.equal(metricOf(families, 'potluck_peer_stalls_total'), 1)
  assert.equal(metricOf(families, 'potluck_peer_bans_total'), 1)
  const times = families.get('potluck_chunk_download_seconds')?.samples ?? []
  const counts = Object.fromEntries(
    times.map(({ name, labels, value }) => [labels['le'] ?? name.slice(-5), value])
  )
  assert.deepEqual([counts['0.025'], counts['0.05'], counts['5'], counts['10']], [0, 1, 1, 2])
})

test('the clock goes on between events', async () => {
  const told = await coordinator()
  told.take(STARTED)
  told.at += 1500
  assert.equal(metricOf(await told.read(), 'potluck_swarm_clock_seconds'), 1.5)
})

test('fault 37: no name can break the text or pass for another', async () => {
  const names = [
    'a"} 1\npotluck_peers{state="lost"} 99\n#',
    'quote"d',
    'back\\slash',
    'back\\\\slash',
    'line\nend',
    'carriage\rreturn',
    '<script>alert(1)</script>',
    'right\u202eleft',
    '{peer="x"}',
    'ünï 🥘',
    'a,b:c'
  ]
  const { take, read } = await coordinator('the "coordinator"\n')
  take({ event: 'progress', peers: names.map((name, index) => progressOf(name, index)) })
  const capacity = { bytesPerSecond: 1, configured: false }
  take({ event: 'bound', ...BOUND, capacities: names.map((name) => ({ name, uplink: capacity })) })
  const families = await read()
  const held = families.get('potluck_peer_held_bytes')?.samples ?? []
  assert.deepEqual(
    held.map(({ value }) => value),
    names.map((_, index) => index)
  )
  const shown = held.map(({ labels }) => labels['peer'])
  assert.equal(shown[1], 'quote"d')
  assert.equal(shown[2], 'back\\slash')
  assert.equal(shown[4], 'line\\u{a}end')
  assert.equal(shown[5], 'carriage\\u{d}return')
  assert.equal(shown[7], 'right\\u{202e}left')
  assert.equal(new Set(shown).size, names.length)
  assert.equal(families.get('potluck_peer_capacity_bytes_per_second')?.samples.length, names.length)
})

test('there are no more series than a swarm has members', async () => {
  const { take, read } = await coordinator()
  take(STARTED)
  for (let number = 0; number < 1100; number++) {
    take({ ...REGISTERED, peer: `peer${number}` })
    take({ event: 'progress', peers: [progressOf(`peer${number}`, 1)] })
    take({ event: 'peer-lost', peer: `peer${number}`, message: 'gone' })
  }
  take({ event: 'progress', peers: ['ann', 'ben', 'cat'].map((name) => progressOf(name, 1)) })
  const families = await read()
  assert.equal(families.get('potluck_peer_held_bytes')?.samples.length, 3)
})

test('all have names as Prometheus wants them: counters end with _total, and what is measured with its unit', async () => {
  const units = /_(bytes|seconds|ratio|bytes_per_second|info|peers|connections)$/
  for (const { read } of [await coordinator(), await peer()]) {
    const families = await read()
    assert.ok(families.has('process_cpu_seconds_total') && families.has('nodejs_eventloop_lag_p99_seconds'))
    for (const [name, { type, help }] of families) {
      if (name.startsWith('potluck_')) {
        assert.equal(name.endsWith('_total'), type === 'counter', name)
        assert.match(name, type === 'counter' ? /_total$/ : units)
        assert.match(help, /^[A-Z].*\.$/, name)
      }
    }
  }
})

test("libp2p's own are among them, and what the process has of its own in prom-client stays", async () => {
  const gauge = new Gauge({ name: 'somebody_elses', help: 'Not ours.' })
  const metrics = await Metrics.open('peer', 'ann')
  const logger = { forComponent: () => Object.assign(() => undefined, NO_LOG) }
  const ofLibp2p = metrics.ofLibp2p({ logger })
  ofLibp2p.registerCounter('libp2p_made_up_total', { help: 'Made up' })?.increment(3)
  assert.equal(metricOf(parseMetrics(await metrics.text()), 'libp2p_made_up_total'), 3)
  assert.equal(register.getSingleMetric('somebody_elses'), gauge)
  register.clear()
})

const NO_LOG = { enabled: false, trace: () => undefined, error: () => undefined, newScope: () => never() }

function never(): never {
  throw new Error('nobody asks for it')
}
