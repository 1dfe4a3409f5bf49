/** What a peer's events come to in metrics. */
import type { ChunkFailure, PeerEvent, PeerProgress } from '../events/peer.ts'
import type { Listener } from '../events/stream.ts'
import { ClockMetric } from './clock-metric.ts'
import { type Metrics, only } from './metrics.ts'

/** From a chunk that comes at once on one machine to one that waits for a modem. */
const CHUNK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Adds them; the events are to go to what it returns. @param now milliseconds on any steady clock */
export function peerMetrics(metrics: Metrics, now: () => number): Listener<PeerEvent> {
  const clock = new ClockMetric(metrics, now)
  const run = new RunState()
  describe(metrics, run)
  const downloads = metrics.histogram(
    'potluck_chunk_download_seconds',
    'From asking for a chunk to its place on the disk.',
    CHUNK_SECONDS
  )
  return (event) => {
    clock.take(event)
    run.take(event)
    if (event.event === 'chunk-stored') {
      downloads.observe(event.elapsedMs / 1000)
    }
  }
}

class RunState {
  progress: PeerProgress | undefined
  /** Without itself. */
  otherMembers = 0
  readonly connected = new Set<string>()
  readonly failures = new Map<ChunkFailure, number>()
  chunksStored = 0
  chunksSent = 0
  filesComplete = 0
  stalls = 0
  bans = 0
  boundMs: number | undefined
  efficiency: number | undefined
  makespanMs: number | undefined

  take(event: PeerEvent): void {
    switch (event.event) {
      case 'progress':
        this.progress = event
        break
      case 'roster':
        this.otherMembers = Math.max(0, event.members.length - 1)
        break
      case 'peer-connected':
        this.connected.add(event.remote)
        break
      case 'peer-disconnected':
        this.connected.delete(event.remote)
        break
      case 'peer-stalled':
        this.stalls += 1
        break
      case 'peer-banned':
        this.bans += 1
        break
      case 'chunk-stored':
        this.chunksStored += 1
        break
      case 'chunk-sent':
        this.chunksSent += 1
        break
      case 'chunk-failed':
        this.failures.set(event.reason, (this.failures.get(event.reason) ?? 0) + 1)
        break
      case 'file-complete':
        this.filesComplete += 1
        break
      case 'swarm-complete':
        this.makespanMs = event.makespanMs
        if (event.boundMs !== undefined) {
          this.boundMs = event.boundMs
          this.efficiency = event.efficiency
        }
        break
    }
  }
}

function describe(metrics: Metrics, run: RunState): void {
  metrics.gauge({
    name: 'potluck_held_bytes',
    help: 'Verified bytes that this peer has, its own files included.',
    read: () => only(run.progress?.heldBytes)
  })
  metrics.gauge({
    name: 'potluck_wanted_bytes',
    help: 'Bytes that this peer has in the end.',
    read: () => only(run.progress?.totalBytes)
  })
  metrics.counter({
    name: 'potluck_received_bytes_total',
    help: 'Bytes of chunks that came to this peer.',
    read: () => only(run.progress?.receivedBytes)
  })
  metrics.counter({
    name: 'potluck_sent_bytes_total',
    help: 'Bytes of chunks that this peer sent.',
    read: () => only(run.progress?.sentBytes)
  })
  metrics.counter({
    name: 'potluck_chunks_stored_total',
    help: 'Chunks that came, were verified and written.',
    read: () => only(run.chunksStored)
  })
  metrics.counter({
    name: 'potluck_chunks_sent_total',
    help: 'Chunks that were sent to other peers.',
    read: () => only(run.chunksSent)
  })
  metrics.counter({
    name: 'potluck_chunk_failures_total',
    help: 'Chunks that were asked for and did not come, by why; "none-fresh", "busy" and "cancelled" are part of every run.',
    labelNames: ['reason'],
    read: () => [...run.failures].map(([reason, value]) => ({ labels: { reason }, value }))
  })
  metrics.counter({
    name: 'potluck_files_complete_total',
    help: 'Files of others that are whole here, those that were here before included.',
    read: () => only(run.filesComplete)
  })
  metrics.gauge({
    name: 'potluck_remote_peers',
    help: 'The other members of the swarm by whether this peer has a connection with them.',
    labelNames: ['state'],
    read: () => [
      { labels: { state: 'connected' }, value: run.connected.size },
      { labels: { state: 'unconnected' }, value: Math.max(0, run.otherMembers - run.connected.size) }
    ]
  })
  metrics.counter({
    name: 'potluck_peer_stalls_total',
    help: 'How often a peer that was asked for chunks fell silent.',
    read: () => only(run.stalls)
  })
  metrics.counter({
    name: 'potluck_peer_bans_total',
    help: 'Peers that are not asked any more because of what they sent.',
    read: () => only(run.bans)
  })
  metrics.gauge({
    name: 'potluck_lower_bound_seconds',
    help: 'The least time that the lines allow, as the coordinator told at the end.',
    read: () => only(run.boundMs === undefined ? undefined : run.boundMs / 1000)
  })
  metrics.gauge({
    name: 'potluck_makespan_seconds',
    help: 'From the first registration to the last completion, once all are complete.',
    read: () => only(run.makespanMs === undefined ? undefined : run.makespanMs / 1000)
  })
  metrics.gauge({
    name: 'potluck_efficiency_ratio',
    help: 'The lower bound divided by the makespan, once all are complete.',
    read: () => only(run.efficiency)
  })
}
