/** What has changed of a swarm since it was last told, as events. Pure. */

import { named } from '../../core/units.ts'
import type { WaitingReason } from '../../events/coordinator.ts'
import type { Activity, ReportedCapacities } from '../../protocols/coordination/index.ts'
import type { UnstampedEvent } from '../coordinator-events.ts'
import { Activities } from './activities.ts'
import type { Roster } from './roster.ts'

/** Files are hashed before a peer joins: once all have, each says within a moment what it brings. */
const PUBLISHED_WITHIN_MS = 30_000

/** Why the swarm starts without what members bring. */
export function leftOutWarning(names: readonly string[], timeoutMs: number): string {
  return `the swarm starts without the files of ${named(names)}: no valid list of them came within ${Math.round(timeoutMs / 1000)} s. To include these files, see what that peer shows, and start a new swarm.`
}

/** What the relay has carried so far, and of how many connections now. */
export interface RelayCount {
  readonly relayedBytes: number
  readonly connections: number
}

export class PeriodicEvents {
  readonly #roster: Roster
  readonly #activities = new Activities()
  /** By name, what peers have said anew of their lines. */
  readonly #capacities = new Map<string, ReportedCapacities>()
  #progressed = false
  #relayedBytes = 0
  #waitingReported = false

  constructor(roster: Roster) {
    this.#roster = roster
  }

  onProgress(): void {
    this.#progressed = true
  }

  onCapacities(name: string, capacities: ReportedCapacities): void {
    this.#capacities.set(name, capacities)
    this.#progressed = true
  }

  onActivity(name: string, message: Activity): void {
    this.#activities.take(name, message, this.#roster)
  }

  waitingOf(name: string): WaitingReason | undefined {
    return this.#activities.waitingOf(name)
  }

  /** How far all are, and what their lines carry; nothing where that has not changed. */
  takeProgress(): UnstampedEvent[] {
    if (!this.#progressed) {
      return []
    }
    const capacities = [...this.#capacities].map(
      ([peer, reported]): UnstampedEvent => ({ event: 'capacities', peer, ...reported })
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
  takeTransfers(
    { relayedBytes, connections }: RelayCount = { relayedBytes: 0, connections: 0 }
  ): UnstampedEvent[] {
    const events: UnstampedEvent[] = []
    const peers = this.#activities.takeNews()
    if (peers.length > 0) {
      events.push({ event: 'activity', peers })
    }
    if (relayedBytes !== this.#relayedBytes) {
      this.#relayedBytes = relayedBytes
      events.push({ event: 'relayed', relayedBytes, connections })
    }
    return events
  }

  /** Once: who is here and keeps all others waiting, as nothing else would say for as long as it stays. */
  takeWaiting(nowMs: number): UnstampedEvent[] {
    const { phase, members, awaited } = this.#roster
    const allHereAtMs = Math.max(...members.map(({ registeredAtMs }) => registeredAtMs))
    const silent = awaited.filter(({ connected }) => connected)
    const isEarly = phase !== 'publishing' || nowMs - allHereAtMs < PUBLISHED_WITHIN_MS
    if (this.#waitingReported || isEarly || silent.length === 0) {
      return []
    }
    this.#waitingReported = true
    const names = named(silent.map(({ name }) => name))
    const message = `all peers have joined and wait for the list of files of ${names}; see the messages there`
    return [{ event: 'warning', message }]
  }

  transfers(): UnstampedEvent {
    return { event: 'transfers', peers: this.#activities.transfers }
  }
}
