/**
 * Shows a role's events to the person who runs it: the steps of the run, each complete file, the progress and the
 * table. Single chunks are only in the logs.
 */
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { PeerEvent } from '../events/peer.ts'
import type { Listener } from '../events/stream.ts'
import { progressLine } from './bars.ts'
import { type Draw, LiveView, passed } from './live.ts'
import { PeerEnd } from './peer-end.ts'
import { peerLive } from './peer-live.ts'
import { PeerPicture } from './peer-picture.ts'
import { askingLines, previewLines } from './preview.ts'
import type { Screen } from './screen.ts'
import { coordinatorScreenText, peerScreenText } from './screen-text.ts'
import { swarmLive } from './swarm-live.ts'
import { SwarmPicture } from './swarm-picture.ts'
import { timesTable } from './table.ts'
import { coordinatorText, incompleteText, peerText, spoken } from './text.ts'
import { formatDuration } from './units.ts'
import { UnreadableFiles } from './unreadable-files.ts'

export interface ConsoleInit {
  screen: Screen
  /** Reports a problem. */
  complain(message: string): void
}

/** The events of a peer that are shown as a line. */
const PEER_LINES: ReadonlySet<PeerEvent['event']> = new Set([
  'started',
  'serving',
  'limits',
  'hashed',
  'registered',
  'roster',
  'manifests-published',
  'catalog',
  'out-of-reach',
  'peer-stalled',
  'peer-banned',
  'disk-full',
  'file-complete',
  'file-failed',
  'file-lost',
  'peer-complete',
  'peer-short',
  'coordinator-lost',
  'swarm-complete'
])

/** The events after which the live view is painted anew. While files are exchanged, progress comes often enough. */
const PEER_PAINTS: ReadonlySet<PeerEvent['event']> = new Set([
  'started',
  'hashing',
  'hashed',
  'coordinator-unreachable',
  'coordinator-connected',
  'registered',
  'roster',
  'catalog'
])

export interface PeerConsoleInit extends ConsoleInit {
  /** The collection folder, for people. */
  collection?: string
}

/** Shows a peer's events. @param name the configured name of the peer */
export function peerConsole(
  name: string,
  { screen, complain, collection = '' }: PeerConsoleInit
): Listener<PeerEvent> {
  const end = new PeerEnd(collection)
  const unreadable = new UnreadableFiles()
  const picture = new PeerPicture()
  const live = new LiveView(screen, (atMs, options) => peerLive(picture, atMs, options))
  const textOf = screen.verbose ? peerText : peerScreenText
  let shortfall: string | undefined
  let isComplete = false
  let lastRoster = ''
  let unreachableAtMs = Number.NEGATIVE_INFINITY
  return (event) => {
    if (screen.live) {
      picture.note(event)
    }
    end.note(event)
    if (PEER_LINES.has(event.event) || unreadable.isNews(event)) {
      // The roster is sent again when an address or a state in it has changed.
      const line = spoken(name, textOf(event))
      if (event.event !== 'roster' || line !== lastRoster) {
        screen.line(line)
      }
      lastRoster = event.event === 'roster' ? line : lastRoster
    }
    if (PEER_PAINTS.has(event.event)) {
      live.paint(event)
    }
    switch (event.event) {
      case 'hashing':
        if (!screen.live) {
          live.status(event.atMs, spoken(name, peerText(event)))
        }
        break
      case 'arrivals':
      case 'progress':
        live.show(event, () => spoken(name, peerText(event)))
        break
      case 'coordinator-unreachable':
        // Each try is in the log, and the live view shows them until the run begins.
        if (passed(unreachableAtMs, event.atMs) && !(screen.live && picture.gathering === undefined)) {
          unreachableAtMs = event.atMs
          screen.line(spoken(name, textOf(event)))
        }
        break
      case 'coordinator-connected':
        unreachableAtMs = Number.NEGATIVE_INFINITY
        break
      case 'swarm-complete':
        live.end()
        screen.line(...timesTable(event.results, { outcome: event, width: screen.size.columns }))
        screen.line(...end.lines)
        break
      case 'asking':
        screen.line(...askingLines(event))
        break
      case 'preview':
        live.end()
        screen.line(...previewLines(event))
        break
      case 'peer-complete':
        isComplete = true
        break
      case 'catalog':
        isComplete &&= event.missingFiles === 0
        break
      case 'peer-short':
        shortfall = ` (${event.message})`
        break
      case 'swarm-incomplete': {
        // The last line on the screen, the error, says why a peer ends without some files, so it is not repeated here.
        const reason = isComplete ? event.reason : undefined
        const rest = shortfall === undefined ? reason : event.reason.replace(shortfall, '')
        screen.line(spoken(name, incompleteText(event, rest)))
        live.end()
        screen.line(...timesTable(event.results, { width: screen.size.columns }))
        screen.line(...end.lines)
        break
      }
      case 'stopped':
        live.end()
        break
      case 'warning':
      case 'error':
        complain(event.message)
        break
    }
  }
}

/** The events of a coordinator that are shown as a line. */
const COORDINATOR_LINES: ReadonlySet<CoordinatorEvent['event']> = new Set([
  'started',
  'serving',
  'carried-on',
  'registered',
  'expected-peers',
  'started-early',
  'refused',
  'roster',
  'manifests-published',
  'catalog',
  'file-complete',
  'peer-complete',
  'peer-short',
  'peer-lost',
  'capacities',
  'swarm-complete',
  'swarm-incomplete'
])

export interface CoordinatorConsoleInit extends ConsoleInit {
  /** Whether people can type at its terminal while it waits for others. */
  canType?: boolean
  /** Whether to print the table of times at the end of a complete swarm. `npm start` prints a table of its own. */
  table: boolean
  /** Lines below the live view. */
  below?: Draw | undefined
}

/** The events after which the live view is painted anew. */
const COORDINATOR_PAINTS: ReadonlySet<CoordinatorEvent['event']> = new Set([
  'started',
  'registered',
  'expected-peers',
  'peer-lost',
  'roster',
  'manifests-published',
  'catalog'
])

/** Shows a coordinator's events, each line prefixed with the swarm clock. */
export function coordinatorConsole(init: CoordinatorConsoleInit): Listener<CoordinatorEvent> {
  const { screen, complain, table, canType, below = () => [] } = init
  const picture = new SwarmPicture()
  const live = new LiveView(screen, (atMs, options) => [
    ...swarmLive(picture, atMs, options, canType),
    ...below(atMs, options)
  ])
  const textOf = screen.verbose ? coordinatorText : coordinatorScreenText
  return (event) => {
    picture.note(event)
    if (COORDINATOR_LINES.has(event.event)) {
      screen.line(`${formatDuration(event.atMs).padStart(9)}  ${textOf(event)}`)
    }
    if (COORDINATOR_PAINTS.has(event.event)) {
      live.paint(event)
    }
    switch (event.event) {
      case 'progress':
        live.show(event, () => progressLine(picture.peers(event.atMs)))
        break
      case 'swarm-complete':
        live.end()
        if (table) {
          screen.line(...timesTable(event.results, { ...event, outcome: event, width: screen.size.columns }))
        }
        break
      case 'swarm-incomplete':
        live.end()
        screen.line(...timesTable(event.results, { ...event, width: screen.size.columns }))
        break
      case 'stopped':
        live.end()
        break
      case 'warning':
      case 'error':
        complain(event.message)
        break
    }
  }
}
