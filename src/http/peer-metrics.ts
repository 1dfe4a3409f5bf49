/** What a peer's events come to in metrics. */
import type { PeerEvent } from '../events/peer.ts'
import type { Listener } from '../events/stream.ts'
import { efficiencyIn, type Metrics, secondsOf } from './metrics.ts'
import type { PeerRun } from './peer-run.ts'

/** From a chunk that comes at once on one machine to one that waits for a modem. */
const CHUNK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Adds them; the events are to go to what it returns, and to the run. @param now milliseconds on any steady clock */
export function peerMetrics(metrics: Metrics, run: PeerRun, now: () => number): Listener<PeerEvent> {
  metrics.gauge(
    'potluck_held_bytes',
    'Verified bytes that this peer has, its own files included.',
    () => run.progress?.heldBytes
  )
  metrics.gauge(
    'potluck_wanted_bytes',
    'Bytes that this peer has in the end.',
    () => run.progress?.totalBytes
  )
  metrics.counter(
    'potluck_received_bytes_total',
    'Bytes of chunks that came to this peer.',
    () => run.progress?.receivedBytes
  )
  metrics.counter(
    'potluck_sent_bytes_total',
    'Bytes of chunks that this peer sent.',
    () => run.progress?.sentBytes
  )
  metrics.counter(
    'potluck_chunks_stored_total',
    'Chunks that came, were verified and written.',
    () => run.tally.transfers.chunks
  )
  metrics.counter('potluck_chunks_sent_total', 'Chunks that were sent to other peers.', () => run.chunksSent)
  metrics.counter(
    'potluck_chunk_failures_total',
    'Chunks that were asked for and did not come, by why; "none-fresh", "busy" and "cancelled" are part of every run.',
    () => run.tally.transfers.failures.map(({ reason, count }) => ({ labels: { reason }, value: count })),
    ['reason']
  )
  metrics.counter(
    'potluck_files_complete_total',
    'Files of others that are whole here, those that were here before included.',
    () => run.filesComplete
  )
  metrics.gauge(
    'potluck_remote_peers',
    'The other members of the swarm by whether this peer has a connection with them.',
    () => [
      { labels: { state: 'connected' }, value: run.connected.size },
      { labels: { state: 'unconnected' }, value: Math.max(0, run.members - 1 - run.connected.size) }
    ],
    ['state']
  )
  metrics.counter(
    'potluck_peer_stalls_total',
    'How often a peer that was asked for chunks fell silent.',
    () => run.tally.transfers.stalls
  )
  metrics.counter(
    'potluck_peer_bans_total',
    'Peers that are not asked any more because of what they sent.',
    () => run.bans
  )
  metrics.gauge(
    'potluck_lower_bound_seconds',
    'The least time that the lines allow, as the coordinator told at the end.',
    () => secondsOf(run.outcome?.boundMs)
  )
  metrics.gauge(
    'potluck_makespan_seconds',
    'From the first registration to the last completion, once all are complete.',
    () => secondsOf(run.outcome?.makespanMs)
  )
  metrics.gauge(
    'potluck_efficiency_ratio',
    'The lower bound divided by the makespan, once all are complete.',
    () => efficiencyIn(run.outcome)
  )
  const clock = metrics.clock(now)
  const downloads = metrics.histogram(
    'potluck_chunk_download_seconds',
    'From asking for a chunk to its place on the disk.',
    CHUNK_SECONDS
  )
  return (event) => {
    clock(event)
    if (event.event === 'chunk-stored') {
      downloads.observe(event.elapsedMs / 1000)
    }
  }
}
