/** How a role is, in a few words for whoever watches it: made of its events alone. */
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { PeerEvent } from '../events/peer.ts'
import { endAfter, phaseAfter, type RunPhase } from '../view/run-phase.ts'
import type { Route } from './server.ts'
import { sendText } from './server.ts'

export interface Health {
  /** `failed`: it cannot come to a good end any more. */
  status: 'ok' | 'failed'
  phase: Phase
  peers: {
    /** How many the swarm is to have; 0 while that is not known. */
    expected: number
    /** How many have registered; of a peer, how many the roster has. */
    registered: number
    /** How many of them are connected with the coordinator, or with this peer. */
    connected: number
    /** How many have everything; a peer knows it of itself only. */
    complete: number
  }
}

export type Phase =
  | RunPhase
  | 'starting'
  | 'hashing'
  /** This peer has everything, and serves the others. */
  | 'serving'
  /** It stays so, also when the role is stopped after it. */
  | 'failed'

const FAILED: ReadonlySet<Phase> = new Set(['incomplete', 'failed', 'stopped'])

/** 200 while all is well or has ended well, 503 after that. */
export function healthRoute(health: () => Health): Route {
  return ({ response }) => {
    const report = health()
    const status = report.status === 'ok' ? 200 : 503
    sendText(response, status, `${JSON.stringify(report)}\n`, 'application/json')
  }
}

/** A coordinator's health. */
export class CoordinatorHealth {
  #phase: Phase = 'starting'
  #expected = 0
  readonly #registered = new Set<string>()
  readonly #connected = new Set<string>()
  readonly #complete = new Set<string>()

  get report(): Health {
    return {
      status: FAILED.has(this.#phase) ? 'failed' : 'ok',
      phase: this.#phase,
      peers: {
        expected: this.#expected,
        registered: this.#registered.size,
        connected: this.#connected.size,
        complete: this.#complete.size
      }
    }
  }

  take(event: CoordinatorEvent): void {
    this.#phase = phaseAfter(event, this.#phase)
    switch (event.event) {
      case 'started':
        this.#expected = event.expectedPeers
        this.#phase = 'joining'
        break
      case 'registered':
        this.#registered.add(event.peer)
        this.#connected.add(event.peer)
        break
      case 'peer-lost':
        this.#connected.delete(event.peer)
        break
      case 'peer-complete':
        this.#complete.add(event.peer)
        break
      case 'roster':
        for (const { name, complete } of event.members) {
          this.#registered.add(name)
          if (complete) {
            this.#complete.add(name)
          }
        }
        break
      case 'error':
        this.#phase = 'failed'
        break
    }
  }
}

/** A peer's health. */
export class PeerHealth {
  #phase: Phase = 'starting'
  #expected = 0
  #members = 0
  #complete = 0
  readonly #connected = new Set<string>()

  get report(): Health {
    return {
      status: FAILED.has(this.#phase) ? 'failed' : 'ok',
      phase: this.#phase,
      peers: {
        expected: this.#expected,
        registered: this.#members,
        connected: this.#connected.size,
        complete: this.#complete
      }
    }
  }

  take(event: PeerEvent): void {
    switch (event.event) {
      case 'started':
        this.#phase = 'hashing'
        break
      case 'hashed':
        this.#phase = 'joining'
        break
      case 'registered':
        this.#expected = event.expectedPeers
        break
      case 'roster':
        this.#members = event.members.length
        break
      case 'manifests-published':
        this.#phase = 'publishing'
        break
      case 'catalog':
        this.#phase = 'exchanging'
        break
      case 'peer-connected':
        this.#connected.add(event.remote)
        break
      case 'peer-disconnected':
        this.#connected.delete(event.remote)
        break
      case 'peer-complete':
        this.#phase = 'serving'
        this.#complete = 1
        break
      case 'peer-short':
        this.#phase = 'serving'
        break
      case 'error':
        this.#phase = 'failed'
        break
      default:
        this.#phase = endAfter(event, this.#phase)
    }
  }
}
