/** A swarm on a terminal, as its coordinator sees it: who is how far, how fast, from whom, and what stands still. */
import { printable } from '../core/names.ts'
import { countOf, formatBytes } from '../core/units.ts'
import { type BarRow, barRows } from './bars.ts'
import { expectedBoundText } from './bound.ts'
import { cut, fitted } from './columns.ts'
import { sourcesText } from './peer-live.ts'
import type { TerminalSize } from './screen.ts'
import type { Style } from './style.ts'
import type { SwarmPeer, SwarmPicture } from './swarm-picture.ts'
import { formatDuration, formatRate, formatSeconds } from './units.ts'
import { START_HINT, waitingForLists, waitingForPeople } from './waiting.ts'

/** Lines that are neither peers nor files, and one that is left free. */
const OTHER_LINES = 7

const MAX_FILES = 8

const MAX_STALLS = 3

/** @param canType whether the coordinator hears what is typed at this terminal while it waits for people */
export function swarmLive(
  picture: SwarmPicture,
  atMs: number,
  size: TerminalSize,
  style: Style,
  canType = false
): string[] {
  const peers = picture.peers(atMs)
  const totals = picture.totals(atMs)
  if (totals.totalBytes === 0) {
    return waitingLines(picture, peers, size, canType)
  }
  const room = Math.max(1, size.rows - OTHER_LINES)
  // Those who are not complete come first where not all find room.
  const shownPeers =
    peers.length <= room
      ? peers
      : peers.toSorted((a, b) => Number(a.complete) - Number(b.complete)).slice(0, room)
  const files = fileRows(picture, peers)
  const shownFiles = files.slice(0, Math.max(0, Math.min(MAX_FILES, room - shownPeers.length)))
  const total: BarRow = {
    name: 'in all',
    doneBytes: totals.heldBytes,
    totalBytes: totals.totalBytes,
    details: [`↓ ${formatRate(totals.receivingBytesPerSecond, 1000)}`]
  }
  const rows = barRows([...shownPeers.map(peerRow), ...shownFiles, total], {
    width: size.columns,
    style,
    numbers: 2
  })
  const hidden = peers.length - shownPeers.length
  const first = Math.min(...peers.map(({ registeredAtMs }) => registeredAtMs))
  const { etaMs } = totals
  const moved = [
    `${formatBytes(totals.heldBytes)} of ${formatBytes(totals.totalBytes)}`,
    ...(etaMs === undefined ? [] : [`${formatSeconds(etaMs)} left`]),
    ...(hidden > 0 ? [`${countOf(hidden, 'more peer')}`] : []),
    ...(shownFiles.length < files.length ? [`${countOf(files.length, 'file')} under way`] : [])
  ]
  const durationMs = etaMs === undefined ? undefined : atMs - first + etaMs
  const bound = picture.bound && expectedBoundText(picture.bound, durationMs)
  return [
    '',
    ...rows,
    fitted(moved, size.columns),
    ...(bound === undefined ? [] : [style.dim(fitted(bound, size.columns))]),
    ...picture
      .stalls(atMs)
      .slice(0, MAX_STALLS)
      .map(({ peer, text }) => style.warn(fitted([`${printable(peer)} ${text}`], size.columns)))
  ]
}

/** Before the exchange: who or what is waited for. */
function waitingLines(
  { phase, expectedPeers }: SwarmPicture,
  peers: readonly SwarmPeer[],
  { columns }: TerminalSize,
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
  const { name, heldBytes, totalBytes, completedAfterMs } = peer
  const row = { name, doneBytes: heldBytes, totalBytes, details: [] }
  if (peer.complete) {
    const after = completedAfterMs === undefined ? '' : ` after ${formatDuration(completedAfterMs)}`
    return { ...row, note: `complete${after}`, kind: 'good' }
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
      sourcesText(fastest.map(({ from }) => from))
    ]
  }
}

/** The files that are under way: all copies of each together. Those that lack most come last: they have just begun. */
function fileRows(picture: SwarmPicture, peers: readonly SwarmPeer[]): BarRow[] {
  return picture.files.flatMap(({ file, origin, root, byteLength }) => {
    const others = peers.filter(({ name }) => name !== origin)
    const held = others.map(({ contents, complete }) =>
      complete ? byteLength : (contents.get(root)?.heldBytes ?? 0)
    )
    const doneBytes = held.reduce((sum, bytes) => sum + bytes, 0)
    const totalBytes = others.length * byteLength
    const copies = held.filter((bytes) => bytes === byteLength).length
    const note = `${copies} of ${countOf(others.length, 'copy', 'copies')} whole`
    const isUnderWay = doneBytes > 0 && doneBytes < totalBytes
    return isUnderWay ? [{ name: file, doneBytes, totalBytes, details: [], note }] : []
  })
}
