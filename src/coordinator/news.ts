/** What has changed of a swarm since it was last told, as events. Pure. */
import type { Activity, ToldCapacities } from '../protocols/coordination/index.ts'
import { Activities } from './activities.ts'
import type { Told } from './coordinator-events.ts'
import type { Roster } from './roster.ts'

/** What the relay has carried so far, and of how many connections now. */
export interface RelayCount {
  readonly relayedBytes: number
  readonly connections: number
}

export class News {
  readonly #roster: Roster
  readonly #activities = new Activities()
  /** By name, what peers have said anew of their lines. */
  readonly #capacities = new Map<string, ToldCapacities>()
  #progressed = false
  #relayedBytes = 0

  constructor(roster: Roster) {
    this.#roster = roster
  }

  onProgress(): void {
    this.#progressed = true
  }

  onCapacities(name: string, told: ToldCapacities): void {
    this.#capacities.set(name, told)
    this.#progressed = true
  }

  onActivity(name: string, message: Activity): void {
    this.#activities.take(
      name,
      message,
      (other) => this.#roster.hasName(other),
      (root) => this.#roster.byteLengthOf(root)
    )
  }

  /** How far all are, and what their lines carry; nothing where that has not changed. */
  takeProgress(): Told[] {
    if (!this.#progressed) {
      return []
    }
    const capacities = [...this.#capacities].map(
      ([peer, told]): Told => ({ event: 'capacities', peer, ...told })
    )
    this.#capacities.clear()
    this.#progressed = false
    const peers = this.#roster.members.map(({ name, connected, completedAtMs, progress }) => ({
      name,
      connected,
      complete: completedAtMs !== undefined,
      ...progress
    }))
    return [...capacities, { event: 'progress', peers }]
  }

  /** What goes on between the peers, and through the relay. */
  takeTransfers({ relayedBytes, connections }: RelayCount = { relayedBytes: 0, connections: 0 }): Told[] {
    const told: Told[] = []
    const peers = this.#activities.takeNews()
    if (peers.length > 0) {
      told.push({ event: 'activity', peers })
    }
    if (relayedBytes !== this.#relayedBytes) {
      this.#relayedBytes = relayedBytes
      told.push({ event: 'relayed', relayedBytes, connections })
    }
    return told
  }

  /** What each peer's transfers came to. */
  transfers(): Told {
    return { event: 'transfers', peers: this.#activities.transfers }
  }
}
