/** How a swarm ends: when it is given up, and what each peer learns of the end. Pure. */

import { countOf, named } from '../../core/units.ts'
import type { Relayed } from '../../events/coordinator.ts'
import type { KnownBound, SwarmOutcome } from '../../events/peer.ts'
import type { CoordinatorMessage } from '../../protocols/coordination/index.ts'
import type { UnstampedEvent } from '../coordinator-events.ts'
import type { BoundWatch } from './bound-watch.ts'
import type { Roster, RosterMember } from './roster.ts'

export interface Ending {
  event: UnstampedEvent
  /** For all peers that are connected or return. */
  farewell: Partial<CoordinatorMessage>
  outcome: SwarmOutcome
}

export interface EndingInit extends Relayed {
  roster: Roster
  /** Set once the catalog is published. */
  boundWatch: BoundWatch | undefined
  /** Why it is given up; undefined when all are complete. */
  reason: string | undefined
}

/** The most members whose missing files a reason names. */
const MAX_SHORT_NAMED = 3

/** What else is known of a swarm, besides its roster, to judge whether it can still complete. */
export interface Prospects {
  /** How long to wait for a lost member. */
  returnTimeoutMs: number
  /** Whether a member is connected and has made no progress for too long. */
  isStill(member: RosterMember): boolean
  /** How long this coordinator slept, by PeerId in ms, when members were connected that were lost then. */
  sleptMs: ReadonlyMap<string, number>
}

/**
 * Why no member is left that could still complete: all others have completed, have given up what they lack, have been
 * gone for too long, or are connected and do nothing. Undefined while one is left. Not to be called before the catalog
 * is published.
 */
export function reasonToGiveUp(roster: Roster, prospects: Prospects, nowMs: number): string | undefined {
  const { returnTimeoutMs, isStill, sleptMs } = prospects
  if (roster.phase !== 'exchanging') {
    return undefined
  }
  const missing = roster.awaited
  // Every member is checked, because the first check starts its time.
  const still = new Set(missing.filter((member) => member.connected && isStill(member)))
  const gone = ({ lostAtMs }: RosterMember): boolean =>
    lostAtMs !== undefined && nowMs - lostAtMs > returnTimeoutMs
  if (!missing.every((member) => still.has(member) || gone(member))) {
    return undefined
  }
  const lost = missing.filter((member) => !still.has(member))
  const asleep = lost.filter(({ peerId }) => sleptMs.has(peerId))
  const seconds = Math.round(returnTimeoutMs / 1000)
  const longestMs = Math.max(0, ...asleep.map(({ peerId }) => sleptMs.get(peerId) ?? 0))
  const reasons = [
    reasonOf(
      lost.filter((member) => !asleep.includes(member)),
      (names, one) => `${names} did not come back within ${seconds} s and ${one ? 'misses' : 'miss'} files`
    ),
    reasonOf(
      asleep,
      (names, one) =>
        `${names} could not be asked whether ${one ? 'it has' : 'they have'} all files, because ${one ? 'it' : 'they'} left while this coordinator slept for ${Math.round(longestMs / 1000)} s; see what ${one ? 'it shows' : 'they show'}`
    ),
    reasonOf(
      [...still],
      (names, one) =>
        `${names} ${one ? 'is' : 'are'} connected and ${one ? 'makes' : 'make'} no progress; see what ${one ? 'it shows' : 'they show'}, and start ${one ? 'it' : 'them'} again`
    ),
    ...shortReasons(roster.members.filter(({ shortfall }) => shortfall !== undefined))
  ]
  return reasons.filter((reason) => reason !== undefined).join('; ')
}

function reasonOf(
  members: readonly RosterMember[],
  say: (names: string, one: boolean) => string
): string | undefined {
  return members.length === 0 ? undefined : say(named(members.map(({ name }) => name)), members.length === 1)
}

function shortReasons(members: readonly RosterMember[]): string[] {
  const more = members.length - MAX_SHORT_NAMED
  const reasons = members
    .slice(0, MAX_SHORT_NAMED)
    .map(
      ({ name, shortfall }) =>
        `${name} ends without ${countOf(shortfall?.files ?? 0, 'file')} (${shortfall?.message})`
    )
  return more > 0 ? [...reasons, `${countOf(more, 'more peer')} ends without some files`] : reasons
}

export function endingOf({ roster, boundWatch, reason, ...relayed }: EndingInit, nowMs: number): Ending {
  const { results, members } = roster
  const makespanMs = roster.makespanMs(nowMs)
  const complete = reason === undefined
  const exchangeMs = roster.exchangeMs(nowMs)
  const times = exchangeMs === undefined ? { makespanMs } : { makespanMs, exchangeMs }
  // The bound counts from the catalog, and so does the time that is compared with it.
  const bound: KnownBound =
    (complete ? boundWatch?.outcome(members, exchangeMs ?? makespanMs) : undefined) ?? {}
  const names = members.filter(({ leftOut, manifests }) => leftOut && manifests === undefined)
  const ended = { ...relayed, ...(names.length === 0 ? {} : { leftOut: names.map(({ name }) => name) }) }
  const known = bound.boundMs === undefined ? {} : { bound }
  return {
    event: complete
      ? { event: 'swarm-complete', ...times, results, ...bound, ...ended }
      : { event: 'swarm-incomplete', reason, results, ...ended },
    farewell: { swarmEnd: { complete, ...times, results, reason: reason ?? '', ...known } },
    outcome: { complete, ...times, results, ...bound }
  }
}
