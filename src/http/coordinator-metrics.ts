/** What a coordinator's events come to in metrics. */
import type { Bound } from '../core/bound.ts'
import type { CoordinatorEvent, PeerCapacities, SwarmProgress } from '../events/coordinator.ts'
import type { Listener } from '../events/stream.ts'
import { ClockMetric } from './clock-metric.ts'
import { MAX_LABELLED_PEERS, type Metrics, only, type Series } from './metrics.ts'

interface PeerState {
  connected: boolean
  complete: boolean
  progress?: SwarmProgress
}

/** Adds them; the events are to go to what it returns. @param now milliseconds on any steady clock */
export function coordinatorMetrics(metrics: Metrics, now: () => number): Listener<CoordinatorEvent> {
  const clock = new ClockMetric(metrics, now)
  const swarm = new SwarmState()
  describe(metrics, swarm)
  return (event) => {
    clock.take(event)
    swarm.take(event)
  }
}

class SwarmState {
  readonly peers = new Map<string, PeerState>()
  expectedPeers = 0
  bound: Bound | undefined
  capacities: readonly PeerCapacities[] = []
  makespanMs: number | undefined
  efficiency: number | undefined
  relayedBytes = 0
  relayedConnections = 0

  take(event: CoordinatorEvent): void {
    switch (event.event) {
      case 'started':
        this.expectedPeers = event.expectedPeers
        break
      case 'registered':
        this.#note(event.peer, { connected: true })
        break
      case 'peer-lost':
        this.#note(event.peer, { connected: false })
        break
      case 'peer-complete':
        this.#note(event.peer, { complete: true })
        break
      case 'roster':
        for (const { name, connected, complete } of event.members) {
          this.#note(name, { connected, complete })
        }
        break
      case 'progress':
        for (const progress of event.peers) {
          const { name, connected, complete } = progress
          this.#note(name, { connected, complete, progress })
        }
        break
      case 'bound':
        this.bound = event
        this.capacities = event.capacities.slice(0, MAX_LABELLED_PEERS)
        break
      case 'relayed':
        this.relayedBytes = event.relayedBytes
        this.relayedConnections = event.connections
        break
      case 'swarm-complete':
        this.makespanMs = event.makespanMs
        if (event.boundMs !== undefined) {
          this.bound = event
          this.efficiency = event.efficiency
        }
        break
    }
  }

  #note(name: string, news: Partial<PeerState>): void {
    const known = this.peers.get(name)
    if (known !== undefined || this.peers.size < MAX_LABELLED_PEERS) {
      this.peers.set(name, { connected: false, complete: false, ...known, ...news })
    }
  }
}

function describe(metrics: Metrics, swarm: SwarmState): void {
  metrics.gauge({
    name: 'potluck_peers',
    help: 'The peers of the swarm by what they are: awaited, connected with files missing, complete, or lost with files missing.',
    labelNames: ['state'],
    read: () => peersByState(swarm)
  })
  const ofPeers = (read: (progress: SwarmProgress) => number) => (): Series[] =>
    [...swarm.peers].flatMap(([peer, { progress }]) =>
      progress === undefined ? [] : [{ labels: { peer }, value: read(progress) }]
    )
  metrics.gauge({
    name: 'potluck_peer_held_bytes',
    help: 'Verified bytes that a peer has, its own files included.',
    labelNames: ['peer'],
    read: ofPeers(({ heldBytes }) => heldBytes)
  })
  metrics.gauge({
    name: 'potluck_peer_wanted_bytes',
    help: 'Bytes that a peer has in the end.',
    labelNames: ['peer'],
    read: ofPeers(({ totalBytes }) => totalBytes)
  })
  metrics.counter({
    name: 'potluck_peer_received_bytes_total',
    help: 'Bytes of chunks that came to a peer.',
    labelNames: ['peer'],
    read: ofPeers(({ receivedBytes }) => receivedBytes)
  })
  metrics.counter({
    name: 'potluck_peer_sent_bytes_total',
    help: 'Bytes of chunks that a peer sent.',
    labelNames: ['peer'],
    read: ofPeers(({ sentBytes }) => sentBytes)
  })
  metrics.gauge({
    name: 'potluck_peer_capacity_bytes_per_second',
    help: "What a peer's line carries in a direction: as its configuration says, or as it was measured so far.",
    labelNames: ['basis', 'direction', 'peer'],
    read: () => swarm.capacities.flatMap(capacitySeries)
  })
  metrics.gauge({
    name: 'potluck_lower_bound_seconds',
    help: 'The least time that the lines allow, by what binds.',
    labelNames: ['term'],
    read: () =>
      swarm.bound === undefined
        ? []
        : [{ labels: { term: swarm.bound.term }, value: swarm.bound.boundMs / 1000 }]
  })
  metrics.gauge({
    name: 'potluck_makespan_seconds',
    help: 'From the first registration to the last completion, once all are complete.',
    read: () => only(swarm.makespanMs === undefined ? undefined : swarm.makespanMs / 1000)
  })
  metrics.gauge({
    name: 'potluck_efficiency_ratio',
    help: 'The lower bound divided by the makespan, once all are complete.',
    read: () => only(swarm.efficiency)
  })
  metrics.counter({
    name: 'potluck_relayed_bytes_total',
    help: 'Bytes that the relay has carried between peers.',
    read: () => only(swarm.relayedBytes)
  })
  metrics.gauge({
    name: 'potluck_relayed_connections',
    help: 'Connections between peers that the relay carries.',
    read: () => only(swarm.relayedConnections)
  })
}

function peersByState({ peers, expectedPeers }: SwarmState): Series[] {
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
