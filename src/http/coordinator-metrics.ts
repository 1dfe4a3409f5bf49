/** A coordinator's metrics and health: they describe its swarm, as the dashboard shows it. */
import type { CoordinatorEvent, PeerCapacities } from '../events/coordinator.ts'
import type { Listener } from '../events/stream.ts'
import type { KnownPeer, SwarmPicture } from '../view/swarm-picture.ts'
import { type Health, healthIn } from './health.ts'
import { type Metrics, type Series, secondsOf } from './metrics.ts'

export function coordinatorHealth(picture: SwarmPicture): Health {
  const { phase, expectedPeers, known } = picture
  return healthIn(phase, {
    expected: expectedPeers,
    registered: known.length,
    connected: known.filter(({ connected }) => connected).length,
    complete: known.filter(({ complete }) => complete).length
  })
}

/**
 * Adds the metrics. The caller passes the events to the returned listener, and to the picture. @param now milliseconds
 * on any steady clock
 */
export function coordinatorMetrics(
  metrics: Metrics,
  picture: SwarmPicture,
  now: () => number
): Listener<CoordinatorEvent> {
  const ofPeers = (read: (peer: KnownPeer) => number) => (): Series[] =>
    picture.known
      .filter(({ history }) => history.length > 0)
      .map((peer) => ({ labels: { peer: peer.name }, value: read(peer) }))
  metrics.add({
    potluck_peers: [
      'The peers of the swarm by what they are: awaited, connected with files missing, complete, or lost with files missing.',
      () => peersByState(picture),
      'state'
    ],
    potluck_peer_held_bytes: [
      'Verified bytes that a peer has, its own files included.',
      ofPeers(({ heldBytes }) => heldBytes),
      'peer'
    ],
    potluck_peer_wanted_bytes: [
      'Bytes that a peer has in the end.',
      ofPeers(({ totalBytes }) => totalBytes),
      'peer'
    ],
    potluck_peer_received_bytes_total: [
      'Bytes of chunks that came to a peer.',
      ofPeers(({ receivedBytes }) => receivedBytes),
      'peer'
    ],
    potluck_peer_sent_bytes_total: [
      'Bytes of chunks that a peer sent.',
      ofPeers(({ sentBytes }) => sentBytes),
      'peer'
    ],
    potluck_peer_capacity_bytes_per_second: [
      "What a peer's line carries in a direction: as its configuration says, or as it was measured so far.",
      () => picture.capacities.flatMap(capacitySeries),
      'basis',
      'direction',
      'peer'
    ],
    potluck_lower_bound_seconds: [
      'The least time that the lines allow, by what binds.',
      () =>
        picture.bound === undefined
          ? []
          : [{ labels: { term: picture.bound.term }, value: picture.bound.boundMs / 1000 }],
      'term'
    ],
    potluck_makespan_seconds: [
      'From the first registration to the last completion, once all are complete.',
      () => secondsOf(picture.outcome?.makespanMs)
    ],
    potluck_efficiency_ratio: [
      'The lower bound divided by the time of the exchange, once all are complete.',
      () => picture.outcome?.efficiency
    ],
    potluck_relayed_bytes_total: [
      'Bytes that the relay has carried between peers.',
      () => picture.relayedBytes ?? 0
    ],
    potluck_relayed_connections: [
      'Connections between peers that the relay carries.',
      () => picture.relayedConnections
    ]
  })
  return metrics.clock(now)
}

function peersByState({ known, expectedPeers }: SwarmPicture): Series[] {
  const counts = { awaited: Math.max(0, expectedPeers - known.length), connected: 0, complete: 0, lost: 0 }
  for (const { connected, complete } of known) {
    counts[complete ? 'complete' : connected ? 'connected' : 'lost'] += 1
  }
  return Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }))
}

function capacitySeries({ name, uplink, downlink }: PeerCapacities): Series[] {
  return Object.entries({ uplink, downlink }).flatMap(([direction, capacity]) => {
    const basis = capacity?.configured === true ? 'configured' : 'measured'
    return capacity === undefined
      ? []
      : [{ labels: { basis, direction, peer: name }, value: capacity.bytesPerSecond }]
  })
}
