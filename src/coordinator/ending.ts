/** How a swarm ends: when it is given up, and what is told of its end, to whom. Pure. */
import type { Relayed } from '../events/coordinator.ts'
import type { KnownBound, SwarmOutcome } from '../events/peer.ts'
import type { CoordinatorMessage } from '../protocols/coordination/index.ts'
import type { BoundWatch } from './bound-watch.ts'
import type { Told } from './coordinator-events.ts'
import type { Roster, RosterMember } from './roster.ts'

export interface Ending {
  event: Told
  /** For all who are connected and who come back. */
  farewell: Partial<CoordinatorMessage>
  outcome: SwarmOutcome
}

export interface EndingInit extends Relayed {
  roster: Roster
  /** Since the catalog is published. */
  boundWatch: BoundWatch | undefined
  /** Why it is given up; undefined where all are complete. */
  reason: string | undefined
}

/** Why nobody is left who could still complete: all others have, or are gone for too long. Undefined while somebody is. */
export function reasonToGiveUp(roster: Roster, returnTimeoutMs: number, nowMs: number): string | undefined {
  const missing = roster.awaited
  const gone = ({ lostAtMs }: RosterMember): boolean =>
    lostAtMs !== undefined && nowMs - lostAtMs > returnTimeoutMs
  if (roster.phase === 'joining' || missing.length === 0 || !missing.every(gone)) {
    return undefined
  }
  const names = missing.map(({ name }) => name).join(', ')
  const seconds = Math.round(returnTimeoutMs / 1000)
  return `${names} did not come back within ${seconds} s and misses files`
}

export function endingOf({ roster, boundWatch, reason, ...relayed }: EndingInit, nowMs: number): Ending {
  const { results, members } = roster
  const makespanMs = roster.makespanMs(nowMs)
  const complete = reason === undefined
  const bound: KnownBound = (complete ? boundWatch?.outcome(members, makespanMs) : undefined) ?? {}
  const told = bound.boundMs === undefined ? {} : { bound }
  return {
    event: complete
      ? { event: 'swarm-complete', makespanMs, results, ...bound, ...relayed }
      : { event: 'swarm-incomplete', reason, results, ...relayed },
    farewell: { swarmEnd: { complete, makespanMs, results, reason: reason ?? '', ...told } },
    outcome: { complete, makespanMs, results, ...bound }
  }
}
