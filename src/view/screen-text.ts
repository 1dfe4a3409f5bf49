/**
 * Events as people read them on a screen: without digests, PeerIds and clocks, which are in the log and the report.
 *
 * All other events have the same text as in the log.
 */
import { printable } from '../core/names.ts'
import { countOf, formatBytes } from '../core/units.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { PeerEvent } from '../events/peer.ts'
import {
  aloneText,
  coordinatorText,
  incompleteText,
  leftOutText,
  peerText,
  shortText,
  volume
} from './text.ts'
import { formatDuration } from './units.ts'
import { exchangeText } from './waiting.ts'

/** The text of a peer's event on a screen. */
export function peerScreenText(event: PeerEvent): string {
  switch (event.event) {
    case 'started':
      return listening(event.multiaddrs)
    case 'registered':
      return event.rejoined ? 'registered again' : `registered; ${people(event.expectedPeers)} expected`
    case 'roster':
      return rosterText(event)
    case 'manifests-published':
      return `offers ${volume(event)}`
    case 'chunk-unreadable':
      return `${printable(event.to ?? 'another peer')} cannot fetch ${printable(event.file)} from here: it is changed or unreadable since it was shared. Put it back as it was.`
    case 'swarm-complete':
      return completeText(event)
    case 'file-complete':
      return event.local
        ? `${sized(event)} is already on disk, not fetched`
        : `received ${sized(event)} after ${formatDuration(event.elapsedMs)}`
    default:
      return peerText(event)
  }
}

/**
 * The text of a coordinator's event on a screen. The reason for an incomplete end, with what each peer lacks, is in the
 * last line there, the error's: it is shown once.
 */
export function coordinatorScreenText(event: CoordinatorEvent): string {
  const peer = printable(event.peer)
  switch (event.event) {
    case 'started':
      return `${listening(event.multiaddrs)}, for ${people(event.expectedPeers)}`
    case 'registered':
      return event.late === true
        ? `${peer} came late: ${people(event.joined)} now`
        : `${peer} registered${event.rejoined ? ' again' : ''}: ${event.joined} of ${event.expectedPeers}`
    case 'expected-peers':
      return `waits for ${people(event.expectedPeers)} now; ${event.joined} of them ${event.joined === 1 ? 'is' : 'are'} here`
    case 'started-early':
      return `starts with the ${people(event.peers)} who are here, without waiting for all ${event.expectedPeers}${event.why === 'waited' ? ': the time to wait is over' : ''}`
    case 'roster':
      return rosterText(event)
    case 'manifests-published':
      return `${peer} offers ${volume(event)}`
    case 'file-complete':
      return `${peer} received ${sized(event)} after ${formatDuration(event.elapsedMs)}`
    case 'peer-short':
      return `${peer} ${shortText(event)}`
    case 'swarm-complete':
      return completeText(event)
    case 'swarm-incomplete':
      return incompleteText(event)
    default:
      return coordinatorText(event)
  }
}

/** The lower bound is shown below the table that follows. */
function completeText(event: Extract<PeerEvent | CoordinatorEvent, { event: 'swarm-complete' }>): string {
  if ('alone' in event) {
    return aloneText(event)
  }
  const { results } = event
  const who = results.length === 1 ? 'one person has' : `all ${results.length} people have`
  return `complete: ${who} all files; ${exchangeText(event)}${leftOutText(event)}`
}

function people(count: number): string {
  return countOf(count, 'person', 'people')
}

/** `3 people: ann, ben, cat` */
function rosterText({ members }: Extract<PeerEvent | CoordinatorEvent, { event: 'roster' }>): string {
  const names = members.map(({ name }) => printable(name))
  return `${people(names.length)}: ${names.join(', ')}`
}

function sized({ file, byteLength }: { file: string; byteLength: number }): string {
  return `${printable(file)} (${formatBytes(byteLength)})`
}

/** `listening on /ip4/192.0.2.1/tcp/9001` */
function listening(multiaddrs: readonly string[]): string {
  const places = multiaddrs.map((address) => printable(address.replace(/\/p2p\/.*/, '')))
  const shown = [...new Set(places)]
  return shown.length === 0 ? 'not listening for connections' : `listening on ${shown.join(', ')}`
}
