/** What all views say of a run's wait for people, and of its end. Pure. */
import { printable } from '../core/names.ts'
import { countOf, named } from '../core/units.ts'
import { formatDuration } from './units.ts'

/** The peers that are here, and how many are expected. */
export interface Gathering {
  joined: number
  expectedPeers: number
  /** The names of those that are here; if there are many, the first ones. */
  names: readonly string[]
}

/** The duration of a run, and its exchange from the complete catalog on; earlier releases do not report the latter. */
export interface Times {
  makespanMs: number
  exchangeMs?: number
}

/** Registering takes this long without waiting for people. */
const NOTABLE_WAIT_MS = 500

/** Names in one line; the rest is a number. */
const MAX_NAMES = 5

/** `Waiting for people: 1 of 3 (ann)` */
export function waitingForPeople({ joined, expectedPeers, names }: Gathering): string {
  const shown = names.slice(0, MAX_NAMES).map(printable)
  const more = joined - shown.length
  const here = shown.length === 0 ? '' : ` (${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''})`
  return `Waiting for people: ${joined} of ${expectedPeers}${here}`
}

/** How a person can start a swarm without the people who are still expected. Short enough for 80 columns. */
export const START_HINT = 'Enter: start with those here. A number and Enter: wait for that many people.'

/**
 * `All 3 people are here. Waiting for the file list of ben.` @param silent the peers that have sent no list yet, if
 * known
 */
export function waitingForLists(peers: number, silent: readonly string[]): string {
  const whose = silent.length === 0 ? 'their file lists' : `the file list of ${named(silent.map(printable))}`
  return `All ${countOf(peers, 'person', 'people')} are here. Waiting for ${whose}.`
}

/** The duration: `exchanged in 12.3 s, after waiting 3.0 s for people` */
export function exchangeText({ makespanMs, exchangeMs }: Times): string {
  if (exchangeMs === undefined) {
    return `makespan ${formatDuration(makespanMs)}`
  }
  const waitedMs = makespanMs - exchangeMs
  const waited = waitedMs < NOTABLE_WAIT_MS ? '' : `, after waiting ${formatDuration(waitedMs)} for people`
  return `exchanged in ${formatDuration(exchangeMs)}${waited}`
}
