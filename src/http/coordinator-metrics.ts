/** What a coordinator's events come to in metrics. */
import type { CoordinatorEvent, PeerCapacities, SwarmProgress } from '../events/coordinator.ts'
import type { Listener } from '../events/stream.ts'
import type { CoordinatorRun } from './coordinator-run.ts'
import { efficiencyIn, type Metrics, type Series, secondsOf } from './metrics.ts'

/** Adds them; the events are to go to what it returns, and to the run. @param now milliseconds on any steady clock */
export function coordinatorMetrics(
  metrics: Metrics,
  run: CoordinatorRun,
  now: () => number
): Listener<CoordinatorEvent> {
  metrics.gauge(
    'potluck_peers',
    'The peers of the swarm by what they are: awaited, connected with files missing, complete, or lost with files missing.',
    () => peersByState(run),
    ['state']
  )
  const ofPeers = (read: (progress: SwarmProgress) => number) => (): Series[] =>
    [...run.peers].flatMap(([peer, { progress }]) =>
      progress === undefined ? [] : [{ labels: { peer }, value: read(progress) }]
    )
  metrics.gauge(
    'potluck_peer_held_bytes',
    'Verified bytes that a peer has, its own files included.',
    ofPeers(({ heldBytes }) => heldBytes),
    ['peer']
  )
  metrics.gauge(
    'potluck_peer_wanted_bytes',
    'Bytes that a peer has in the end.',
    ofPeers(({ totalBytes }) => totalBytes),
    ['peer']
  )
  metrics.counter(
    'potluck_peer_received_bytes_total',
    'Bytes of chunks that came to a peer.',
    ofPeers(({ receivedBytes }) => receivedBytes),
    ['peer']
  )
  metrics.counter(
    'potluck_peer_sent_bytes_total',
    'Bytes of chunks that a peer sent.',
    ofPeers(({ sentBytes }) => sentBytes),
    ['peer']
  )
  metrics.gauge(
    'potluck_peer_capacity_bytes_per_second',
    "What a peer's line carries in a direction: as its configuration says, or as it was measured so far.",
    () => run.capacities.flatMap(capacitySeries),
    ['basis', 'direction', 'peer']
  )
  metrics.gauge(
    'potluck_lower_bound_seconds',
    'The least time that the lines allow, by what binds.',
    () =>
      run.bound === undefined ? [] : [{ labels: { term: run.bound.term }, value: run.bound.boundMs / 1000 }],
    ['term']
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
  metrics.counter(
    'potluck_relayed_bytes_total',
    'Bytes that the relay has carried between peers.',
    () => run.relayed.relayedBytes
  )
  metrics.gauge(
    'potluck_relayed_connections',
    'Connections between peers that the relay carries.',
    () => run.relayed.connections
  )
  return metrics.clock(now)
}

function peersByState({ peers, expectedPeers }: CoordinatorRun): Series[] {
  const counts = { awaited: Math.max(0, expectedPeers - peers.size), connected: 0, complete: 0, lost: 0 }
  for (const { connected, complete } of peers.values()) {
    counts[complete ? 'complete' : connected ? 'connected' : 'lost'] += 1
  }
  return Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }))
}

function capacitySeries({ name, uplink, downlink }: PeerCapacities): Series[] {
  return Object.entries({ uplink, downlink }).flatMap(([direction, capacity]) =>
    capacity === undefined
      ? []
      : [
          {
            labels: { basis: capacity.configured ? 'configured' : 'measured', direction, peer: name },
            value: capacity.bytesPerSecond
          }
        ]
  )
}
