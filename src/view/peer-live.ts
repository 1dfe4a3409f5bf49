/** A peer's run on a terminal: which files arrive, how fast, from which peers, and the remaining time. */
import { printable } from '../core/names.ts'
import { countOf, formatBytes } from '../core/units.ts'
import { type BarRow, barRows } from './bars.ts'
import { expectedBoundText } from './bound.ts'
import { cut, fitted } from './columns.ts'
import type { LiveOptions } from './live.ts'
import type { Hashing, PeerPicture } from './peer-picture.ts'
import type { Style } from './style.ts'
import { formatRate, formatSeconds } from './units.ts'
import { waitingForLists, waitingForPeople } from './waiting.ts'

/** Connections are made within this time; missing ones are shown only after it. */
export const CONNECTING_MS = 5000

/** More files in progress than this are summed up in one line. */
const MAX_FILES = 8

/** The lines that are not files, and one that stays free. */
const OTHER_LINES = 7

/** How many sources of a file are named. */
const MAX_SOURCES = 4

export function peerLive(picture: PeerPicture, atMs: number, options: LiveOptions): string[] {
  const { progress } = picture
  const { size, style, verbose } = options
  const width = size.columns
  const etaMs = picture.etaMs(atMs)
  if (progress === undefined) {
    return waitingLines(picture, atMs, width, style)
  }
  const active = picture.files(atMs)
  const shown = active.slice(0, Math.max(1, Math.min(MAX_FILES, size.rows - OTHER_LINES)))
  const rows: BarRow[] = shown.map(({ file, byteLength, heldBytes, bytesPerSecond, from }) => ({
    name: file,
    doneBytes: heldBytes,
    totalBytes: byteLength,
    details: [formatRate(bytesPerSecond, 1000), sourcesText(from)]
  }))
  const { receivedBytes, sentBytes } = progress
  const { fetchedBytes, wantedBytes } = picture
  const total: BarRow = {
    name: 'All files',
    doneBytes: fetchedBytes,
    totalBytes: wantedBytes,
    details: [formatRate(picture.receiving.bytesPerSecond(atMs), 1000)],
    // If nothing was missing the bar is full.
    ...(wantedBytes === 0 ? { kind: 'good' } : {})
  }
  const others = picture.missingFiles - shown.length
  const otherFiles = `${countOf(others, 'more file')} to come, ${picture.completeFiles} complete`
  const moved = [
    `${formatBytes(fetchedBytes)} of ${formatBytes(wantedBytes)} fetched`,
    leftText(picture, atMs, etaMs),
    `received ${formatBytes(receivedBytes)}`,
    `sent ${formatBytes(sentBytes)} at ${formatRate(picture.sending.bytesPerSecond(atMs), 1000)}`
  ]
  const bound = verbose ? picture.bound : undefined
  const durationMs = etaMs === undefined ? undefined : picture.exchangedMs(atMs) + etaMs
  return [
    '',
    ...(shown.length === 0 ? [] : [style.strong(cut('Files', width))]),
    ...barRows([...rows, total], { width, style, numbers: 1 }),
    ...(others > 0 ? [style.dim(fitted([otherFiles], width))] : []),
    fitted(moved, width),
    ...(bound === undefined ? [] : [style.dim(fitted(expectedBoundText(bound, durationMs), width))])
  ]
}

/** Before the exchange: what this peer does or waits for. */
function waitingLines(picture: PeerPicture, atMs: number, width: number, style: Style): string[] {
  const { hashing, unreachable, gathering, peers } = picture
  if (hashing !== undefined) {
    return ['', ...hashingLines(hashing, atMs, width, style)]
  }
  if (gathering === undefined) {
    return ['', connectingLine(unreachable, atMs, width, style)]
  }
  const waiting = peers === undefined ? waitingForPeople(gathering) : waitingForLists(peers, [])
  return ['', cut(waiting, width)]
}

/** The progress of reading the shares, as a bar. */
export function hashingLines(hashing: Hashing, atMs: number, width: number, style: Style): string[] {
  const { hashedBytes, totalBytes, sinceMs } = hashing
  const perSecond = atMs > sinceMs ? (hashedBytes / (atMs - sinceMs)) * 1000 : 0
  const leftMs = perSecond > 0 ? ((totalBytes - hashedBytes) / perSecond) * 1000 : undefined
  const details = [
    `${formatBytes(hashedBytes)} of ${formatBytes(totalBytes)}`,
    ...(leftMs === undefined ? [] : [`${formatSeconds(leftMs)} left`])
  ]
  const row = { name: 'Reading your files', doneBytes: hashedBytes, totalBytes, details }
  return barRows([row], { width, style, numbers: 0 })
}

/** The first attempts fail if both are started together: that is no news. */
function connectingLine(
  unreachable: PeerPicture['unreachable'],
  atMs: number,
  width: number,
  style: Style
): string {
  if (unreachable === undefined || atMs - unreachable.sinceMs < CONNECTING_MS) {
    return cut('Connecting to the coordinator…', width)
  }
  const { address, message, sinceMs } = unreachable
  const since = formatSeconds(atMs - sinceMs)
  const text = `No coordinator answers at ${printable(address)} for ${since} (${printable(message)}). Trying again.`
  return style.warn(cut(text, width))
}

function leftText(picture: PeerPicture, atMs: number, etaMs: number | undefined): string {
  if (picture.diskFull) {
    return 'the disk is full'
  }
  if (etaMs !== undefined) {
    return `${formatSeconds(etaMs)} left`
  }
  const { progress } = picture
  if (progress === undefined || progress.heldBytes >= progress.totalBytes) {
    return 'everything is here; sending to the others'
  }
  return picture.exchangedMs(atMs) < CONNECTING_MS
    ? 'connecting to the others…'
    : 'nothing arrives at the moment'
}

/** `from ann, ben and 3 more`: the fastest current sources, by name. */
export function sourcesText(fastestFirst: readonly string[]): string {
  const shown = fastestFirst.slice(0, MAX_SOURCES).map(printable).sort()
  const more = fastestFirst.length - shown.length
  return shown.length === 0 ? '' : `from ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
