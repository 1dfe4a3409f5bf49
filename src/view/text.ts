/**
 * Every event as one line for people, without its time and name, which the log adds. Everything that others chose
 * (names, paths, addresses, messages) goes through `printable`.
 */
import { chunkTimeMs } from '../core/chunk-times.ts'
import { printable } from '../core/names.ts'
import { countOf, formatBytes, named } from '../core/units.ts'
import type { CoordinatorEvent, Transfers, Wants } from '../events/coordinator.ts'
import type { ChunkFailure, PeerEvent, PeerShort, WithoutFiles } from '../events/peer.ts'
import { addTransfers, NO_TRANSFERS } from '../events/transfers.ts'
import { boundNewsText, boundText } from './bound.ts'
import { visibleLine } from './escape.ts'
import { formatCapacity, formatDuration, formatPercent } from './units.ts'
import { exchangeText, waitingForPeople } from './waiting.ts'

/** The text of a peer's event. */
export function peerText(event: PeerEvent): string {
  switch (event.event) {
    case 'started':
      return `listens on ${listed(event.multiaddrs)} as ${printable(event.peerId)}`
    case 'serving':
      return `Metrics: ${servedAt(event)}`
    case 'limits':
      return limitsText(event)
    case 'hashing':
      return `hashing: ${formatBytes(event.hashedBytes)} of ${formatBytes(event.totalBytes)}`
    case 'hashed':
      return `shares ${volume(event)}, hashed in ${formatDuration(event.elapsedMs)}`
    case 'coordinator-unreachable':
      return `no coordinator answers at ${printable(event.address)} (${printable(event.message)}); trying again in ${formatDuration(event.retryInMs)}`
    case 'coordinator-connected':
      return `connected to the coordinator at ${printable(event.address)}`
    case 'registered':
      return `${event.rejoined ? 'registered again' : 'registered'} as ${printable(event.peerId)}; the swarm has ${countOf(event.expectedPeers, 'peer')}, its clock is ${event.clockOffsetMs.toFixed(1)} ms from here`
    case 'arrivals':
      return waitingForPeople(event)
    case 'manifests-published':
      return `published ${volume(event)}${published(event.manifests)}`
    case 'catalog':
      return `the catalog has ${volume(event)}${event.declined === undefined ? '' : `, of which this peer does without ${volume(event.declined)}`}; to fetch: ${countOf(event.missingFiles, 'file')}, ${formatBytes(event.missingBytes)}`
    case 'asking':
      return `asks whether to fetch ${formatBytes(event.missingBytes)}; serves meanwhile`
    case 'preview':
      return `looked at what ${countOf(event.peers.length, 'peer')} published so far: ${event.peers.map(({ name, wanted, hereBytes }) => `${printable(name)} ${formatBytes(wanted.byteLength - hereBytes)}`).join(', ')} to fetch`
    case 'peer-connected':
      return `connected ${event.direction === 'inbound' ? 'by' : 'to'} ${printable(event.remote)}${event.relayed ? ', relayed by the coordinator' : ''} (${printable(event.address)})`
    case 'peer-disconnected':
      return `the connection with ${printable(event.remote)} ended`
    case 'dial-failed':
      return `${printable(event.remote)} cannot be reached after ${event.tries === 1 ? 'one try' : `${event.tries} tries`} (${printable(event.message)}); next one in ${formatDuration(event.retryInMs)}`
    case 'out-of-reach':
      return apartText(event)
    case 'peer-stalled':
      return `${printable(event.remote)} has sent nothing for ${formatDuration(event.silentMs)}`
    case 'peer-banned':
      return `${printable(event.remote)} is no longer used as a source: ${printable(event.message)}`
    case 'availability':
      return `${printable(event.from)} holds ${countOf(event.chunks, 'chunk')} of ${countOf(event.files, 'file')}`
    case 'digests':
      return `${countOf(event.chunks, 'chunk digest')} of ${event.root} from ${printable(event.from)} in ${formatDuration(event.elapsedMs)}`
    case 'digests-failed':
      return `no chunk digests of ${event.root} from ${printable(event.from)}: ${printable(event.message)}`
    case 'chunk-requested':
      return `${chunk(event)} from ${printable(event.from)}`
    case 'chunk-stored':
      return `${chunk(event)} from ${printable(event.from)}, ${moved(event)}${event.again === true ? ', which was here already' : ''}`
    case 'chunk-failed':
      return `${chunk(event)} from ${printable(event.from)}: ${FAILURES[event.reason]}`
    case 'chunk-sent':
      return `${chunk(event)} to ${printable(event.to)}, ${moved(event)}`
    case 'chunk-unreadable':
      return `${chunk(event)}${event.to === undefined ? '' : ` for ${printable(event.to)}`} cannot be read here: ${printable(event.message)}`
    case 'moved-aside':
      return `${printable(event.path)} was in the way and is kept as ${printable(event.movedTo)}`
    case 'disk-full':
      return `${printable(event.message)}; this peer goes on receiving once there is room, and tries again in ${formatDuration(event.retryInMs)}`
    case 'file-complete':
      return `has all of ${printable(event.file)} (${formatBytes(event.byteLength)}, MD5 ${printable(event.md5)}) ${event.local ? 'already on disk, not fetched' : `after ${formatDuration(event.elapsedMs)}`}${checkedText(event)}`
    case 'file-failed':
      return `gives up ${printable(event.file)}: ${printable(event.message)}`
    case 'file-lost':
      return `${printable(event.file)} was changed or removed by another program after it was complete; fetching it again`
    case 'progress':
      return `holds ${formatBytes(event.heldBytes)} of ${formatBytes(event.totalBytes)} (${formatPercent(event.heldBytes, event.totalBytes)}); received ${formatBytes(event.receivedBytes)}, sent ${formatBytes(event.sentBytes)}`
    case 'peer-complete':
      return `${hasAllText(event)}; received ${formatBytes(event.receivedBytes)}, sent ${formatBytes(event.sentBytes)}${event.checkedEarlier === undefined ? '' : `; an earlier run checked ${countOf(event.checkedEarlier, 'file')}, with unchanged timestamps since (--verify reads all again)`}`
    case 'peer-short':
      return shortText(event)
    case 'coordinator-lost':
      return event.reset
        ? 'Connection was forcibly closed.'
        : `The coordinator's connection ended (${printable(event.message)}).`
    default:
      return sharedText(event)
  }
}

/** The text of a coordinator's event, with the peer that it is about. */
export function coordinatorText(event: CoordinatorEvent): string {
  const peer = printable(event.peer)
  switch (event.event) {
    case 'started':
      return `listens on ${listed(event.multiaddrs)}; waits for ${countOf(event.expectedPeers, 'peer')}; chunks have ${formatBytes(event.chunkByteLength)}`
    case 'carried-on':
      return event.peers === 0
        ? 'goes on waiting for people; the invitation is the same as before. To start a new swarm, use --new'
        : `continues the unfinished swarm of ${countOf(event.peers, 'peer')}, ${event.complete} of them complete; the invitation is the same as before. To start a new swarm, use --new`
    case 'serving':
      return `Dashboard: ${servedAt(event)}`
    case 'registered':
      return event.late === true
        ? `${peer} came late: ${countOf(event.joined, 'peer')} now (${listed(event.multiaddrs)})`
        : `${peer} registered${event.rejoined ? ' again' : ''}: ${event.joined} of ${countOf(event.expectedPeers, 'peer')} (${listed(event.multiaddrs)})`
    case 'expected-peers':
      return `waits for ${countOf(event.expectedPeers, 'peer')} now; ${event.joined} of them ${event.joined === 1 ? 'is' : 'are'} here`
    case 'started-early':
      return `starts with the ${countOf(event.peers, 'peer')} here, without waiting for all ${event.expectedPeers}${event.why === 'waited' ? ': the time to wait is over' : ''}`
    case 'observed':
      return `${peer} looked at what is published so far, in a dry run`
    case 'refused':
      return `${peer} was refused (${printable(event.code)}): ${printable(event.message)}`
    case 'manifests-published':
      return `${peer} published ${volume(event)}`
    case 'catalog':
      return event.added === true
        ? `the catalog has ${volume(event)} now, with ${countOf(event.entries.length, 'file')} that came late`
        : `the catalog is complete: ${volume(event)}`
    case 'choice':
      return `${peer} wants ${wantsText(event)} (${formatBytes(event.byteLength)})`
    case 'progress':
      return event.peers
        .map((state) => `${printable(state.name)} ${formatPercent(state.heldBytes, state.totalBytes)}`)
        .join(', ')
    case 'activity':
      return `news of ${named(event.peers.map(({ name }) => printable(name)))}`
    case 'transfers':
      return transfersText(event.peers)
    case 'relayed':
      return `relayed ${formatBytes(event.relayedBytes)} so far; carries ${countOf(event.connections, 'connection')} between peers`
    case 'file-complete':
      return `${peer} has all of ${printable(event.file)} (${formatBytes(event.byteLength)}, MD5 ${printable(event.md5)}) after ${formatDuration(event.elapsedMs)}`
    case 'peer-complete':
      return `${peer} ${hasAllText(event)}; received ${formatBytes(event.receivedBytes)}, sent ${formatBytes(event.sentBytes)}`
    case 'peer-short':
      return `${peer} ${shortText(event)}: ${printable(event.message)}`
    case 'capacities':
      return `${peer} ${capacitiesText(event)}`
    case 'peer-lost':
      return `${peer} lost its connection: ${printable(event.message)}`
    default:
      return sharedText(event)
  }
}

/** `3 of 7 files`. */
export function wantsText({ files, ofFiles }: Pick<Wants, 'files' | 'ofFiles'>): string {
  return `${files} of ${countOf(ofFiles, 'file')}`
}

function hasAllText({ elapsedMs, declinedFiles }: { elapsedMs: number; declinedFiles?: number }): string {
  const without = declinedFiles === undefined ? '' : ` that it wants, all but ${declinedFiles},`
  return `has every file${without} after ${formatDuration(elapsedMs)}`
}

/** That a peer lacks some files; the reason is shown separately. */
export function shortText({ files, elapsedMs }: PeerShort): string {
  return `fetched everything but ${countOf(files, 'file')} after ${formatDuration(elapsedMs)}`
}

/** The times of chunks in the whole swarm. */
function transfersText(peers: readonly Transfers[]): string {
  const { chunks, chunkTimes, duplicates } = peers.reduce(addTransfers, NO_TRANSFERS)
  const at = (share: number): string => formatDuration(chunkTimeMs(chunkTimes, share) ?? 0)
  const times =
    chunks === 0 ? '' : `; half of them took up to ${at(0.5)}, 95 % up to ${at(0.95)}, 99 % up to ${at(0.99)}`
  return `${countOf(chunks, 'chunk')} passed between peers, ${duplicates} of them twice${times}`
}

type SharedEvent = Extract<
  PeerEvent | CoordinatorEvent,
  { event: 'warning' | 'roster' | 'bound' | 'swarm-complete' | 'swarm-incomplete' | 'error' | 'stopped' }
>

/** Events with the same text for both roles. */
function sharedText(event: SharedEvent): string {
  switch (event.event) {
    case 'warning':
      return printable(event.message)
    case 'roster':
      return `${countOf(event.members.length, 'peer')}: ${event.members.map(({ name }) => printable(name)).join(', ')}`
    case 'bound':
      return boundNewsText(event)
    case 'swarm-complete':
      if ('alone' in event) {
        return aloneText(event)
      }
      return `the swarm is complete (${countOf(event.results.length, 'peer')}); ${exchangeText(event)}${event.boundMs === undefined ? '' : `; ${boundText(event)}`}${leftOutText(event)}`
    case 'swarm-incomplete':
      return incompleteText(event, event.reason)
    case 'error':
      return `${visibleLine(event.message)} (${event.code})`
    case 'stopped':
      return `stopped: ${printable(event.reason)}`
  }
}

/** The end of a run that a peer saw without a coordinator. */
export function aloneText(ended: WithoutFiles): string {
  return `All peers we reached are complete; the coordinator is unreachable, so only this peer's own times are known${leftOutText(ended)}`
}

/** @param reason absent if it is shown separately */
export function incompleteText(ended: WithoutFiles, reason?: string): string {
  const why = reason === undefined ? '' : `: ${printable(reason)}`
  return `the swarm ended incomplete${why}${leftOutText(ended)}`
}

/** The members without whose files the swarm ended, to be appended. */
export function leftOutText({ leftOut }: WithoutFiles): string {
  return leftOut === undefined
    ? ''
    : `; without the files of ${named(leftOut.map(printable))}, because no valid list of them came in time`
}

const FAILURES: Record<ChunkFailure, string> = {
  'not-held': 'that peer does not have it',
  busy: 'that peer sends only first copies at the moment',
  'none-fresh': 'that peer has no first copy left',
  cancelled: 'cancelled, to be fetched from a faster peer',
  unreadable: 'that peer cannot read it',
  corrupt: 'corrupt data, discarded',
  'stream-closed': 'the stream ended before it arrived',
  'disk-full': 'no room on this disk',
  'disk-failed': 'this disk could not write it'
}

/** When an earlier run checked the file. */
function checkedText({ checkedAtMs }: { checkedAtMs?: number }): string {
  return checkedAtMs === undefined ? '' : ` (checked ${dateOf(checkedAtMs)}, timestamps unchanged since)`
}

/** `2026-11-28`; an impossible date comes from a log that someone edited. */
function dateOf(unixMs: number): string {
  const date = new Date(unixMs)
  return Number.isNaN(date.getTime()) ? 'long ago' : date.toISOString().slice(0, 10)
}

function apartText({ remotes, alone, relayed }: Extract<PeerEvent, { event: 'out-of-reach' }>): string {
  if (!alone) {
    return `no connection with ${named(remotes.map(printable))} so far; their files arrive through the other peers`
  }
  const relay = relayed ? '' : ', or start the coordinator with --relay'
  return `no connection with any other peer so far: let one listen for the others (--listen 9001), open that TCP port, and add a public address in front of it with --announce${relay}`
}

function servedAt({ url, insteadOf }: { url: string; insteadOf?: string }): string {
  return printable(url) + (insteadOf === undefined ? '' : ` (${printable(insteadOf)} is in use)`)
}

/** `sends at most 20 Mbit/s and receives without a limit` */
function limitsText(event: Extract<PeerEvent, { event: 'limits' }>): string {
  const limit = (bytesPerSecond: number | undefined): string =>
    bytesPerSecond === undefined ? 'without a limit' : `at most ${formatCapacity(bytesPerSecond)}`
  return `sends ${limit(event.maxUpBytesPerSecond)} and receives ${limit(event.maxDownBytesPerSecond)}`
}

/** `reports its link capacity: upload 20 Mbit/s, download as measured` */
function capacitiesText(event: Extract<CoordinatorEvent, { event: 'capacities' }>): string {
  const capacity = (bytesPerSecond: number | undefined): string =>
    bytesPerSecond === undefined ? 'as measured' : formatCapacity(bytesPerSecond)
  return `reports its link capacity: upload ${capacity(event.uplinkBytesPerSecond)}, download ${capacity(event.downlinkBytesPerSecond)}`
}

/** MD5s, for people to compare, as long as they fit one line. */
function published(manifests: ReadonlyArray<{ file: string; md5: string }>): string {
  const shown = manifests.slice(0, 3).map(({ file, md5 }) => `${printable(file)} MD5 ${printable(md5)}`)
  const more = manifests.length - shown.length
  return shown.length === 0 ? '' : `: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

export function volume({ files, byteLength }: { files: number; byteLength: number }): string {
  return `${countOf(files, 'file')}, ${formatBytes(byteLength)}`
}

function chunk({ file, chunkIndex }: { file: string; chunkIndex: number }): string {
  return `${printable(file)} chunk ${chunkIndex}`
}

function moved({ byteLength, elapsedMs }: { byteLength: number; elapsedMs: number }): string {
  return `${byteLength} bytes in ${elapsedMs.toFixed(1)} ms`
}

function listed(values: readonly string[]): string {
  return values.length === 0 ? 'no address' : values.map(printable).join(', ')
}

/** The prefix of each line of a role that has a terminal of its own. */
export function spoken(name: string, text: string): string {
  return `${displayName(name)}: ${text}`
}

/**
 * A peer's name for people: "client1" is shown as "Client 1"; a name that is not letters followed by a number stays as
 * it is. Characters that could move the cursor or hide text are escaped.
 */
export function displayName(name: string): string {
  const parts = /^(\p{L})(\p{L}*)(\d+)$/u.exec(name)
  if (parts === null) {
    return printable(name)
  }
  const [, first = '', rest = '', number = ''] = parts
  return `${first.toUpperCase()}${rest} ${number}`
}
