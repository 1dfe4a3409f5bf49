/** The faults of a run: the first ones in full, the rest counted. Pure. */

import { printable } from '../core/names.ts'
import { countOf } from '../core/units.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { ChunkFailure, PeerEvent } from '../events/peer.ts'
import { summed } from '../events/transfers.ts'
import { coordinatorText, peerText } from '../view/text.ts'
import type { Report, ReportFault } from './report.ts'

/** As many as anyone reads. */
export const MAX_LISTED = 200

/** A limit per kind, so that a thousand of one kind do not hide the only one of another. */
export const MAX_LISTED_OF_A_KIND = 40

/** Not faults: the scheduler's own rules refused an ask, or took it back. */
const REFUSALS: ReadonlySet<string> = new Set<ChunkFailure>(['busy', 'none-fresh', 'cancelled'])

export function isRefusal(reason: string): boolean {
  return REFUSALS.has(reason)
}

export class FaultList {
  readonly listed: ReportFault[] = []
  /** The number of each kind, including those that are not listed. */
  readonly counts = new Map<string, number>()

  add(fault: ReportFault | undefined): void {
    if (fault === undefined) {
      return
    }
    const known = this.counts.get(fault.kind) ?? 0
    this.counts.set(fault.kind, known + 1)
    if (known < MAX_LISTED_OF_A_KIND && this.listed.length < MAX_LISTED) {
      this.listed.push(fault)
    }
  }
}

/** From several lists, the first in the order of time. */
export function faultsOf(lists: readonly FaultList[]): Report['faults'] {
  const counts = summed(lists.flatMap((list) => [...list.counts]))
  const listed = lists
    .flatMap((list) => list.listed)
    .sort((a, b) => a.atMs - b.atMs)
    .slice(0, MAX_LISTED)
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return {
    listed,
    more: total - listed.length,
    counts: [...counts].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count)
  }
}

/** The fault in a coordinator's event; undefined if there is none. */
export function coordinatorFault(event: CoordinatorEvent): ReportFault | undefined {
  switch (event.event) {
    case 'carried-on':
      return faultOf(
        event,
        `was started again and carried on with ${countOf(event.peers, 'peer')}, ${event.complete} of them complete`
      )
    case 'warning':
    case 'refused':
    case 'peer-lost':
    case 'peer-short':
    case 'error':
      return faultOf(event, coordinatorText(event))
    case 'registered':
      return event.rejoined ? { ...faultOf(event, coordinatorText(event)), kind: 'came-back' } : undefined
    default:
      return undefined
  }
}

/** The fault in a peer's event. */
export function peerFault(event: PeerEvent): ReportFault | undefined {
  switch (event.event) {
    case 'warning':
    case 'coordinator-unreachable':
    case 'dial-failed':
    case 'out-of-reach':
    case 'peer-stalled':
    case 'peer-banned':
    case 'peer-disconnected':
    case 'digests-failed':
    case 'chunk-unreadable':
    case 'disk-full':
    case 'file-failed':
    case 'file-lost':
    case 'coordinator-lost':
    case 'error':
      return faultOf(event, peerText(event))
    case 'chunk-failed':
      return isRefusal(event.reason)
        ? undefined
        : { ...faultOf(event, peerText(event)), kind: `chunk ${event.reason}` }
    default:
      return undefined
  }
}

function faultOf({ atMs, event, peer }: CoordinatorEvent | PeerEvent, text: string): ReportFault {
  return { atMs, kind: event, peer: printable(peer), text }
}
