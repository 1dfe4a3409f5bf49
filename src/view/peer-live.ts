/** A peer's run on a terminal: what comes, how fast, from whom, and how long still. */
import { printable } from '../core/names.ts'
import { countOf, formatBytes } from '../core/units.ts'
import { type BarRow, barRows } from './bars.ts'
import { expectedBoundText } from './bound.ts'
import { fitted } from './columns.ts'
import type { PeerPicture } from './peer-picture.ts'
import type { TerminalSize } from './screen.ts'
import type { Style } from './style.ts'
import { formatRate, formatSeconds } from './units.ts'

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
    return []
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
