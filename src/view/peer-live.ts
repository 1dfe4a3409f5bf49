/** A peer's run on a terminal: what comes, how fast, from whom, and how long still. */
import { printable } from '../core/names.ts'
import { countOf, formatBytes } from '../core/units.ts'
import { type BarRow, barRows } from './bars.ts'
import { expectedBoundText } from './bound.ts'
import { cut, fitted } from './columns.ts'
import type { PeerPicture } from './peer-picture.ts'
import type { TerminalSize } from './screen.ts'
import type { Style } from './style.ts'
import { formatRate, formatSeconds } from './units.ts'
import { waitingForLists, waitingForPeople } from './waiting.ts'

/** Within this time connections come about; what takes longer is told. */
export const CONNECTING_MS = 5000

/** With more files under way the rest is one line. */
const MAX_FILES = 8

/** Lines that are no files, and one that is left free. */
const OTHER_LINES = 6

/** Of those whom a file comes from. */
const MAX_SOURCES = 4

export function peerLive(picture: PeerPicture, atMs: number, size: TerminalSize, style: Style): string[] {
  const { progress, bound } = picture
  const etaMs = picture.etaMs(atMs)
  if (progress === undefined) {
    return waitingLines(picture, atMs, size, style)
  }
  const active = picture.files(atMs)
  const shown = active.slice(0, Math.max(1, Math.min(MAX_FILES, size.rows - OTHER_LINES)))
  const rows: BarRow[] = shown.map(({ file, byteLength, heldBytes, bytesPerSecond, from }) => ({
    name: file,
    doneBytes: heldBytes,
    totalBytes: byteLength,
    details: [formatRate(bytesPerSecond, 1000), sourcesText(from)]
  }))
  const { totalBytes, heldBytes, receivedBytes, sentBytes } = progress
  const total: BarRow = {
    name: 'all files',
    doneBytes: heldBytes,
    totalBytes,
    details: [formatRate(picture.receiving.bytesPerSecond(atMs), 1000)]
  }
  const others = picture.missingFiles - shown.length
  const lines = barRows([...rows, total], { width: size.columns, style, numbers: 1 })
  const otherFiles = `${countOf(others, 'more file')} to come, ${picture.completeFiles} complete`
  const moved = [
    `${formatBytes(heldBytes)} of ${formatBytes(totalBytes)}`,
    leftText(picture, etaMs),
    `received ${formatBytes(receivedBytes)}`,
    `sent ${formatBytes(sentBytes)} at ${formatRate(picture.sending.bytesPerSecond(atMs), 1000)}`
  ]
  const durationMs = etaMs === undefined ? undefined : atMs - picture.registeredAtMs + etaMs
  const expected = bound && expectedBoundText(bound, durationMs)
  return [
    '',
    ...lines,
    ...(others > 0 ? [style.dim(fitted([otherFiles], size.columns))] : []),
    fitted(moved, size.columns),
    ...(expected === undefined ? [] : [style.dim(fitted(expected, size.columns))])
  ]
}

/** Before the exchange: what this peer does or waits for. */
function waitingLines(picture: PeerPicture, atMs: number, size: TerminalSize, style: Style): string[] {
  const { hashing, unreachable, gathering, peers } = picture
  const width = size.columns
  if (hashing !== undefined) {
    const { hashedBytes, totalBytes, sinceMs } = hashing
    const perSecond = atMs > sinceMs ? (hashedBytes / (atMs - sinceMs)) * 1000 : 0
    const leftMs = perSecond > 0 ? ((totalBytes - hashedBytes) / perSecond) * 1000 : undefined
    const details = [
      `${formatBytes(hashedBytes)} of ${formatBytes(totalBytes)}`,
      ...(leftMs === undefined ? [] : [`${formatSeconds(leftMs)} left`])
    ]
    const row = { name: 'Reading your files', doneBytes: hashedBytes, totalBytes, details }
    return ['', ...barRows([row], { width, style, numbers: 0 })]
  }
  if (gathering === undefined) {
    return ['', connectingLine(unreachable, atMs, width, style)]
  }
  const waiting = peers === undefined ? waitingForPeople(gathering) : waitingForLists(peers, [])
  return ['', cut(waiting, width)]
}

/** The first tries fail where both are started together: that is no news. */
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

function leftText({ progress, diskFull }: PeerPicture, etaMs: number | undefined): string {
  if (diskFull) {
    return 'the disk is full'
  }
  if (etaMs !== undefined) {
    return `${formatSeconds(etaMs)} left`
  }
  const missing = progress !== undefined && progress.heldBytes < progress.totalBytes
  return missing ? 'nothing comes at the moment' : 'all is here; serves the others'
}

/** `from ann, ben and 3 more`: the fastest of those from whom something comes, in the order of their names. */
export function sourcesText(fastestFirst: readonly string[]): string {
  const shown = fastestFirst.slice(0, MAX_SOURCES).map(printable).sort()
  const more = fastestFirst.length - shown.length
  return shown.length === 0 ? '' : `from ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
