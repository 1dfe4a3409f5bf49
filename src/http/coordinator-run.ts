/** What a coordinator's metrics and its health say, from its events alone. */
import type { Bound } from '../core/bound.ts'
import type { CoordinatorEvent, PeerCapacities, SwarmProgress } from '../events/coordinator.ts'
import type { Listener } from '../events/stream.ts'
import { phaseAfter } from '../view/run-phase.ts'
import { type Health, healthIn, type Phase } from './health.ts'
import { efficiencyIn, MAX_LABELLED_PEERS, type Metrics, type Series, secondsOf } from './metrics.ts'

interface PeerState {
  connected: boolean
  complete: boolean
  progress?: SwarmProgress
}

export class CoordinatorRun {
  phase: Phase = 'starting'
  readonly peers = new Map<string, PeerState>()
  expectedPeers = 0
  bound: Bound | undefined
  capacities: readonly PeerCapacities[] = []
  outcome: Extract<CoordinatorEvent, { event: 'swarm-complete' }> | undefined
  relayed = { relayedBytes: 0, connections: 0 }

  note(event: CoordinatorEvent): void {
    this.phase = phaseAfter(event, this.phase)
    switch (event.event) {
      case 'started':
        this.expectedPeers = event.expectedPeers
        this.phase = 'joining'
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
        this.relayed = event
        break
      case 'swarm-complete':
        this.outcome = event
        this.bound = event.boundMs === undefined ? this.bound : event
        break
      case 'error':
        this.phase = 'failed'
        break
    }
  }

  get health(): Health {
    const peers = [...this.peers.values()]
    return healthIn(this.phase, {
      expected: this.expectedPeers,
      registered: peers.length,
      connected: peers.filter(({ connected }) => connected).length,
      complete: peers.filter(({ complete }) => complete).length
    })
  }

  #note(name: string, news: Partial<PeerState>): void {
    const known = this.peers.get(name)
    if (known !== undefined || this.peers.size < MAX_LABELLED_PEERS) {
      this.peers.set(name, { connected: false, complete: false, ...known, ...news })
    }
  }
}

/** Adds them; the events are to go to what it returns, and to the run. @param now milliseconds on any steady clock */
export function coordinatorMetrics(
  metrics: Metrics,
  run: CoordinatorRun,
  now: () => number
): Listener<CoordinatorEvent> {
  const ofPeers = (read: (progress: SwarmProgress) => number) => (): Series[] =>
    [...run.peers].flatMap(([peer, { progress }]) =>
      progress === undefined ? [] : [{ labels: { peer }, value: read(progress) }]
    )
  metrics.add({
    potluck_peers: [
      'The peers of the swarm by what they are: awaited, connected with files missing, complete, or lost with files missing.',
      () => peersByState(run),
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
      () => run.capacities.flatMap(capacitySeries),
      'basis',
      'direction',
      'peer'
    ],
    potluck_lower_bound_seconds: [
      'The least time that the lines allow, by what binds.',
      () =>
        run.bound === undefined
          ? []
          : [{ labels: { term: run.bound.term }, value: run.bound.boundMs / 1000 }],
      'term'
    ],
    potluck_makespan_seconds: [
      'From the first registration to the last completion, once all are complete.',
      () => secondsOf(run.outcome?.makespanMs)
    ],
    potluck_efficiency_ratio: [
      'The lower bound divided by the makespan, once all are complete.',
      () => efficiencyIn(run.outcome)
    ],
    potluck_relayed_bytes_total: [
      'Bytes that the relay has carried between peers.',
      () => run.relayed.relayedBytes
    ],
    potluck_relayed_connections: [
      'Connections between peers that the relay carries.',
      () => run.relayed.connections
    ]
  })
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
  return Object.entries({ uplink, downlink }).flatMap(([direction, capacity]) => {
    const basis = capacity?.configured === true ? 'configured' : 'measured'
    return capacity === undefined
      ? []
      : [{ labels: { basis, direction, peer: name }, value: capacity.bytesPerSecond }]
  })
}
