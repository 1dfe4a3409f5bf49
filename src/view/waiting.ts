/** What all views say while a run waits for people. Pure. */
import { printable } from '../core/names.ts'
import { countOf, named } from '../core/units.ts'

/** Who is here of those who are expected. */
export interface Gathering {
  joined: number
  expectedPeers: number
  /** Of those who are here; of many the first ones. */
  names: readonly string[]
}

/** Names in one line; of the rest it says how many there are. */
const MAX_NAMES = 5

/** `Waiting for people: 1 of 3 (ann)` */
export function waitingForPeople({ joined, expectedPeers, names }: Gathering): string {
  const shown = names.slice(0, MAX_NAMES).map(printable)
  const more = joined - shown.length
  const here = shown.length === 0 ? '' : ` (${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''})`
  return `Waiting for people: ${joined} of ${expectedPeers}${here}`
}

/** How a person has a swarm start without those who are still expected. Short enough for 80 columns. */
export const START_HINT = 'Enter: start with those who are here. A number and Enter: wait for so many.'

/** `All 3 people are here. Waiting for the file list of ben.` @param silent those who have told no list yet, where known */
export function waitingForLists(peers: number, silent: readonly string[]): string {
  const whose = silent.length === 0 ? 'their file lists' : `the file list of ${named(silent.map(printable))}`
  return `All ${countOf(peers, 'person', 'people')} are here. Waiting for ${whose}.`
}
