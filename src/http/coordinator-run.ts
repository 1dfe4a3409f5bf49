/** What a coordinator's metrics and its health say, from its events alone. */
import type { Bound } from '../core/bound.ts'
import type { CoordinatorEvent, PeerCapacities, SwarmProgress } from '../events/coordinator.ts'
import { phaseAfter } from '../view/run-phase.ts'
import { type Health, healthIn, type Phase } from './health.ts'
import { MAX_LABELLED_PEERS } from './metrics.ts'

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
