/** What has changed in a swarm since the last report, as events. Pure. */

import { Bitfield } from '../../core/bitfield.ts'
import { toHex } from '../../core/hex.ts'
import { named } from '../../core/units.ts'
import type { WaitingReason } from '../../events/coordinator.ts'
import type { Activity, ReportedCapacities } from '../../protocols/coordination/index.ts'
import { extentOf, type Manifest } from '../../protocols/manifest/index.ts'
import type { UnstampedEvent } from '../coordinator-events.ts'
import { Activities } from './activities.ts'
import { declinedEntries } from './choice.ts'
import type { Roster, RosterMember } from './roster.ts'

/** Files are hashed before a peer joins: once all have joined, each publishes within a moment. */
const PUBLISHED_WITHIN_MS = 30_000

/** Why the swarm starts without the files of some members. */
export function leftOutWarning(names: readonly string[], timeoutMs: number): string {
  return `the swarm starts without the files of ${named(names)}: no valid list of them came within ${Math.round(timeoutMs / 1000)} s. To include these files, see what that peer shows, and start a new swarm.`
}

/** What a member wants of the others' files, and what it does without. */
export function choiceEvent(members: readonly RosterMember[], member: RosterMember): UnstampedEvent {
  const wanted: Manifest[] = []
  let ofFiles = 0
  const declined: { origin: string; files: string }[] = []
  for (const { name, manifests = [] } of members.filter((other) => other !== member)) {
    const without = member.declined.get(name)
    const files = new Bitfield(manifests.filter(({ manifest }) => manifest.kind === 'file').length)
    let index = 0
    for (const [entry, { manifest }] of manifests.entries()) {
      const isFile = manifest.kind === 'file'
      if (without?.has(entry) !== true) {
        wanted.push(manifest)
      } else if (isFile) {
        files.add(index)
      }
      index += isFile ? 1 : 0
    }
    ofFiles += index
    if (files.count > 0) {
      declined.push({ origin: name, files: toHex(files.toBytes()) })
    }
  }
  return { event: 'choice', peer: member.name, ...extentOf(wanted), ofFiles, declined }
}

/** How many entries of others a member does without. */
export function declinedFileCount(members: readonly RosterMember[], { declined }: RosterMember): number {
  return [...declinedEntries(declined, members).values()].reduce((sum, count) => sum + count, 0)
}

/** What the relay has carried so far, and for how many connections now. */
export interface RelayCount {
  readonly relayedBytes: number
  readonly connections: number
}

export class PeriodicEvents {
  readonly #roster: Roster
  readonly #activities = new Activities()
  /** By name, the new capacities that peers have reported. */
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

  /** The progress of all members, and their link capacities; nothing if neither has changed. */
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

  /** The transfers between the peers, and through the relay. */
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

  /** Once: which connected member keeps all others waiting, because no other event says so while it stays. */
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
