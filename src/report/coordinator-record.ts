/** What a report needs of a coordinator's events, reduced as they come, live or from a log. Pure. */
import type { CoordinatorEvent } from '../events/coordinator.ts'
import { SwarmPicture } from '../view/swarm-picture.ts'
import { coordinatorFault, FaultList } from './faults.ts'
import { FileCompletions } from './file-completions.ts'
import { LinkUse } from './link-use.ts'

/** A peer that comes and goes all the time is known by its first times. */
const MAX_REGISTRATIONS = 64

export interface Registration {
  peerId: string
  atMs: number
}

export type CoordinatorOutcome = Extract<CoordinatorEvent, { event: 'swarm-complete' | 'swarm-incomplete' }>

export class CoordinatorRecord {
  readonly picture = new SwarmPicture()
  readonly faults = new FaultList()
  readonly completions = new FileCompletions()
  /** By the peer's name. */
  readonly registrations = new Map<string, Registration[]>()
  readonly links = new Map<string, LinkUse>()
  peerId: string | undefined
  /** When the swarm clock showed 0, in ms since 1970. */
  clockZeroUnixMs: number | undefined
  catalogAtMs: number | undefined
  /** When it first heard that a chunk was there. */
  firstChunkAtMs: number | undefined
  /** Whether it carried on with a swarm of which it knows no beginning. */
  beginsInTheMiddle = false
  outcome: CoordinatorOutcome | undefined
  stopReason: string | undefined
  /** When the sums of the peers were told last. */
  lastProgressAtMs = 0

  note(event: CoordinatorEvent): void {
    this.picture.note(event)
    const fault = coordinatorFault(event)
    if (fault !== undefined) {
      this.faults.add(fault)
    }
    switch (event.event) {
      case 'started':
        this.peerId = event.peerId
        this.clockZeroUnixMs ??= event.clockZeroUnixMs
        break
      case 'carried-on':
        this.beginsInTheMiddle = !this.isRun
        break
      case 'registered': {
        const times = this.registrations.get(event.peer) ?? []
        this.registrations.set(event.peer, times)
        if (times.length < MAX_REGISTRATIONS) {
          times.push({ peerId: event.peerId, atMs: event.atMs })
        }
        break
      }
      case 'catalog':
        this.catalogAtMs ??= event.atMs
        break
      case 'progress':
        for (const progress of event.peers) {
          const link = this.links.get(progress.name) ?? new LinkUse()
          this.links.set(progress.name, link)
          link.note(event.atMs, progress)
          if (progress.receivedBytes > 0) {
            this.firstChunkAtMs ??= event.atMs
          }
        }
        this.lastProgressAtMs = event.atMs
        break
      case 'file-complete': {
        const registeredAtMs = this.registrations.get(event.peer)?.[0]?.atMs
        const atMs = registeredAtMs === undefined ? event.atMs : registeredAtMs + event.elapsedMs
        this.completions.add(event, event.peer, atMs)
        break
      }
      case 'swarm-complete':
      case 'swarm-incomplete':
        this.outcome = event
        break
      case 'stopped':
        this.stopReason = event.reason
        break
    }
  }

  /** Whether there is anything to report. */
  get isRun(): boolean {
    return this.registrations.size > 0 || this.catalogAtMs !== undefined
  }
}
