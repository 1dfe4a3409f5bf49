/** A peer's metrics and health, from its events alone. */
import type { PeerEvent, PeerProgress } from '../events/peer.ts'
import type { Listener } from '../events/stream.ts'
import { TransferTally } from '../events/transfers.ts'
import { endAfter } from '../view/run-phase.ts'
import { type Health, healthIn, type Phase } from './health.ts'
import { type Metrics, secondsOf } from './metrics.ts'

export class PeerRun {
  phase: Phase = 'starting'
  progress: PeerProgress | undefined
  expectedPeers = 0
  /** The members of the roster, including itself. */
  members = 0
  readonly connected = new Set<string>()
  readonly tally = new TransferTally()
  chunksSent = 0
  filesComplete = 0
  bans = 0
  outcome: Extract<PeerEvent, { event: 'swarm-complete' }> | undefined
  #isComplete = false

  note(event: PeerEvent): void {
    this.phase = endAfter(event, this.phase)
    this.tally.note(event)
    switch (event.event) {
      case 'started':
        this.phase = 'hashing'
        break
      case 'hashed':
        this.phase = 'joining'
        break
      case 'registered':
        this.expectedPeers = event.expectedPeers
        break
      case 'roster':
        this.members = event.members.length
        break
      case 'manifests-published':
        this.phase = 'publishing'
        break
      case 'catalog':
        if (!this.#isComplete || event.missingFiles > 0) {
          this.phase = 'exchanging'
          this.#isComplete = false
        }
        break
      case 'progress':
        this.progress = event
        break
      case 'peer-connected':
        this.connected.add(event.remote)
        break
      case 'peer-disconnected':
        this.connected.delete(event.remote)
        break
      case 'peer-banned':
        this.bans++
        break
      case 'chunk-sent':
        this.chunksSent++
        break
      case 'file-complete':
        this.filesComplete++
        break
      case 'peer-complete':
        this.phase = 'serving'
        this.#isComplete = true
        break
      case 'peer-short':
        this.phase = 'serving'
        break
      case 'swarm-complete':
        this.outcome = event
        break
    }
  }

  get health(): Health {
    return healthIn(this.phase, {
      expected: this.expectedPeers,
      registered: this.members,
      connected: this.connected.size,
      complete: this.#isComplete ? 1 : 0
    })
  }
}

/** From a chunk that arrives at once on one machine to one that waits for a modem. */
const CHUNK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/**
 * Adds the metrics. The caller passes the events to the returned listener, and to the run. @param now milliseconds on
 * any steady clock
 */
export function peerMetrics(metrics: Metrics, run: PeerRun, now: () => number): Listener<PeerEvent> {
  metrics.add({
    potluck_held_bytes: [
      'Verified bytes that this peer has, its own files included.',
      () => run.progress?.heldBytes
    ],
    potluck_wanted_bytes: ['Bytes that this peer has in the end.', () => run.progress?.totalBytes],
    potluck_received_bytes_total: [
      'Bytes of chunks that came to this peer.',
      () => run.progress?.receivedBytes
    ],
    potluck_sent_bytes_total: ['Bytes of chunks that this peer sent.', () => run.progress?.sentBytes],
    potluck_chunks_stored_total: ['Chunks received, verified and written.', () => run.tally.transfers.chunks],
    potluck_chunks_sent_total: ['Chunks that were sent to other peers.', () => run.chunksSent],
    potluck_chunk_failures_total: [
      'Chunks that were asked for and did not come, by why; "none-fresh", "busy" and "cancelled" are part of every run.',
      () => run.tally.transfers.failures.map(({ reason, count }) => ({ labels: { reason }, value: count })),
      'reason'
    ],
    potluck_files_complete_total: [
      'Files of others that are whole here, those that were here before included.',
      () => run.filesComplete
    ],
    potluck_remote_peers: [
      'The other members of the swarm by whether this peer has a connection with them.',
      () => [
        { labels: { state: 'connected' }, value: run.connected.size },
        { labels: { state: 'unconnected' }, value: Math.max(0, run.members - 1 - run.connected.size) }
      ],
      'state'
    ],
    potluck_peer_stalls_total: [
      'How often a peer that was asked for chunks fell silent.',
      () => run.tally.transfers.stalls
    ],
    potluck_peer_bans_total: ['Peers that are not asked any more because of what they sent.', () => run.bans],
    potluck_lower_bound_seconds: [
      'The least time that the links allow, as the coordinator reported at the end.',
      () => secondsOf(run.outcome?.boundMs)
    ],
    potluck_makespan_seconds: [
      'From the first registration to the last completion, once all are complete.',
      () => secondsOf(run.outcome?.makespanMs)
    ],
    potluck_efficiency_ratio: [
      'The lower bound divided by the time of the exchange, once all are complete.',
      () => (run.outcome?.boundMs === undefined ? undefined : run.outcome.efficiency)
    ]
  })
  const clock = metrics.clock(now)
  const downloads = metrics.histogram(
    'potluck_chunk_download_seconds',
    'From the request for a chunk until it is on the disk.',
    CHUNK_SECONDS
  )
  return (event) => {
    clock(event)
    if (event.event === 'chunk-stored') {
      downloads.observe(event.elapsedMs / 1000)
    }
  }
}
