/**
 * A swarm on a terminal, as its coordinator sees it: the progress, throughput and sources of each peer, and what is
 * stalled.
 */
import { printable } from '../core/names.ts'
import { countOf, formatBytes } from '../core/units.ts'
import { type BarRow, barRows } from './bars.ts'
import { expectedBoundText } from './bound.ts'
import { cut, fitted } from './columns.ts'
import type { LiveOptions } from './live.ts'
import { sourcesText } from './peer-live.ts'
import type { SwarmPeer, SwarmPicture } from './swarm-picture.ts'
import { wantsText } from './text.ts'
import { formatDuration, formatRate, formatSeconds } from './units.ts'
import { START_HINT, waitingForLists, waitingForPeople } from './waiting.ts'

/** The lines that are neither peers nor files, and one that stays free. */
const OTHER_LINES = 10

const MAX_FILES = 8

const MAX_STALLS = 3

/** @param canType whether the coordinator reads lines from this terminal while it waits for people */
export function swarmLive(
  picture: SwarmPicture,
  atMs: number,
  options: LiveOptions,
  canType = false
): string[] {
  const { size, style, verbose } = options
  const peers = picture.peers(atMs)
  const totals = picture.totals(atMs)
  if (totals.totalBytes === 0) {
    return waitingLines(picture, peers, size.columns, canType)
  }
  const room = Math.max(1, size.rows - OTHER_LINES)
  // If not all fit, incomplete peers are first.
  const shownPeers =
    peers.length <= room
      ? peers
      : peers.toSorted((a, b) => Number(a.complete) - Number(b.complete)).slice(0, room)
  const files = fileRows(picture, peers)
  const shownFiles = files.slice(0, Math.max(0, Math.min(MAX_FILES, room - shownPeers.length)))
  const { etaMs, fetchedBytes, wantedBytes } = totals
  const all: BarRow = {
    name: 'All',
    doneBytes: fetchedBytes,
    totalBytes: wantedBytes,
    details: [`↓ ${formatRate(totals.receivingBytesPerSecond, 1000)}`]
  }
  const width = size.columns
  const list = (heading: string, rows: readonly BarRow[]): string[] =>
    rows.length === 0
      ? []
      : [style.strong(cut(heading, width)), ...barRows(rows, { width, style, numbers: 2 })]
  const hiddenPeers = peers.length - shownPeers.length
  const hiddenFiles = files.length - shownFiles.length
  const moved = [
    `${formatBytes(fetchedBytes)} of ${formatBytes(wantedBytes)} fetched`,
    ...(etaMs === undefined ? [] : [`${formatSeconds(etaMs)} left`]),
    ...(hiddenPeers > 0 ? [countOf(hiddenPeers, 'more peer')] : []),
    ...(hiddenFiles > 0 ? [`${countOf(hiddenFiles, 'more file')} under way`] : [])
  ]
  const bound = verbose ? picture.bound : undefined
  const durationMs = etaMs === undefined ? undefined : picture.exchangedMs(atMs) + etaMs
  return [
    '',
    ...list('Peers', [...shownPeers.map(peerRow), all]),
    ...list('Files', shownFiles),
    fitted(moved, width),
    ...(bound === undefined ? [] : [style.dim(fitted(expectedBoundText(bound, durationMs), width))]),
    ...picture
      .stalls(atMs)
      .slice(0, MAX_STALLS)
      .map(({ peer, text }) => style.warn(fitted([`${printable(peer)} ${text}`], width)))
  ]
}

/** Before the exchange: what it waits for. */
function waitingLines(
  { phase, expectedPeers }: SwarmPicture,
  peers: readonly SwarmPeer[],
  columns: number,
  canType: boolean
): string[] {
  const names = peers.map(({ name }) => name)
  switch (phase) {
    case 'joining': {
      const line = waitingForPeople({ joined: names.length, expectedPeers, names })
      return ['', ...[line, ...(canType ? [START_HINT] : [])].map((text) => cut(text, columns))]
    }
    case 'publishing': {
      const silent = peers.filter(({ offer }) => offer === undefined).map(({ name }) => name)
      return ['', cut(waitingForLists(names.length, silent), columns)]
    }
    default:
      return []
  }
}

function peerRow(peer: SwarmPeer): BarRow {
  const { name, fetchedBytes, wantedBytes, totalBytes, completedAfterMs } = peer
  const row = { name, doneBytes: fetchedBytes, totalBytes: wantedBytes, details: [] }
  const wants = peer.wants === undefined ? '' : `, wants ${wantsText(peer.wants)}`
  if (peer.complete) {
    const after = completedAfterMs === undefined ? '' : ` after ${formatDuration(completedAfterMs)}`
    return { ...row, note: `complete${after}${wants}`, kind: 'good' }
  }
  if (!peer.connected) {
    return { ...row, note: 'not connected', kind: 'warn' }
  }
  if (totalBytes === 0) {
    return { ...row, note: 'waiting' }
  }
  if (peer.waiting?.reason === 'checking') {
    return { ...row, note: 'checks its files' }
  }
  const fastest = peer.rates.toSorted((a, b) => b.bytesPerSecond - a.bytesPerSecond)
  return {
    ...row,
    details: [
      `↓ ${formatRate(peer.receivingBytesPerSecond, 1000)}`,
      `↑ ${formatRate(peer.sendingBytesPerSecond, 1000)}`,
      `${sourcesText(fastest.map(({ from }) => from))}${wants}`
    ]
  }
}

/** The files in progress: all copies of each together. Those that lack most are last: they have just begun. */
function fileRows(picture: SwarmPicture, peers: readonly SwarmPeer[]): BarRow[] {
  return picture.files.flatMap((entry) => {
    const { file, origin, root, byteLength } = entry
    const others = peers.filter(({ name }) => name !== origin && !picture.declines(name, entry))
    const held = others.map(({ contents, complete }) =>
      complete ? byteLength : (contents.get(root)?.heldBytes ?? 0)
    )
    const doneBytes = held.reduce((sum, bytes) => sum + bytes, 0)
    const totalBytes = others.length * byteLength
    const lacking = held.filter((bytes) => bytes < byteLength).length
    const note = `${countOf(lacking, 'peer')} ${lacking === 1 ? 'needs' : 'need'} it`
    const isUnderWay = doneBytes > 0 && doneBytes < totalBytes
    return isUnderWay ? [{ name: file, doneBytes, totalBytes, details: [], note }] : []
  })
}
