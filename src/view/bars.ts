/** Progress as lines of text: for a terminal that paints them over, and as one line where nothing can be. */
import { printable } from '../protocols/names.ts'
import { formatBytes } from '../protocols/units.ts'
import { formatPercent, formatRate } from './units.ts'

/** How far one peer is. */
export interface BarState {
  name: string
  heldBytes: number
  /** 0 while the catalog is not known. */
  totalBytes: number
  complete: boolean
  connected: boolean
  /** What it received lately, in bytes, and in what time; left out when nothing is known of it. */
  recent?: { byteLength: number; durationMs: number }
}

/** Longer names are cut, so that one peer cannot push the bars of all off the screen. */
const MAX_NAME_WIDTH = 24

/** Below this a bar says less than the percents beside it. */
const MIN_BAR_WIDTH = 8

const MAX_BAR_WIDTH = 40

/** One line a peer, none wider than `width`. What does not fit goes in this order: bytes and rate, the bar, the name. */
export function progressBars(peers: readonly BarState[], width: number): string[] {
  const names = peers.map((peer) => cut(printable(peer.name), MAX_NAME_WIDTH))
  const nameWidth = Math.max(0, ...names.map((name) => name.length))
  const details = peers.map(detail)
  const detailWidth = Math.max(0, ...details.map((text) => text.length))
  // "name bar  100 %  detail": a space after the name and the brackets of the bar are 3, "  100 %" is 7.
  const bare = nameWidth + 7
  const withDetail = width - bare - 3 - detailWidth - 2
  const showDetail = withDetail >= MIN_BAR_WIDTH
  const barWidth = Math.min(MAX_BAR_WIDTH, showDetail ? withDetail : width - bare - 3)
  return peers.map((peer, index) => {
    const name = (names[index] ?? '').padEnd(nameWidth)
    const bar = barWidth >= MIN_BAR_WIDTH ? ` [${filled(peer, barWidth)}]` : ''
    const text = showDetail ? `  ${details[index] ?? ''}` : ''
    return cut(`${name}${bar}  ${percent(peer).padStart(5)}${text}`, Math.max(0, width)).trimEnd()
  })
}

/** All peers on one line, as `client1 45 %, client2 complete`. */
export function progressLine(peers: readonly BarState[]): string {
  return peers
    .map((peer) => {
      const state = peer.complete ? 'complete' : `${percent(peer)}${peer.connected ? '' : ' (not connected)'}`
      return `${printable(peer.name)} ${state}`
    })
    .join(', ')
}

function detail(peer: BarState): string {
  if (peer.complete) {
    return 'complete'
  }
  if (!peer.connected) {
    return 'not connected'
  }
  if (peer.totalBytes === 0) {
    return 'waiting'
  }
  const bytes = `${formatBytes(peer.heldBytes)} of ${formatBytes(peer.totalBytes)}`
  const { recent } = peer
  return recent === undefined ? bytes : `${bytes}, ${formatRate(recent.byteLength, recent.durationMs)}`
}

function percent(peer: BarState): string {
  return peer.complete ? '100 %' : formatPercent(peer.heldBytes, peer.totalBytes)
}

function filled(peer: BarState, width: number): string {
  const share = peer.complete ? 1 : peer.totalBytes > 0 ? Math.min(1, peer.heldBytes / peer.totalBytes) : 0
  return '#'.repeat(Math.floor(share * width)).padEnd(width, '-')
}

function cut(text: string, width: number): string {
  if (text.length <= width) {
    return text
  }
  // By code points: half of a surrogate pair is no text.
  return width > 0 ? `${[...text].slice(0, width - 1).join('')}…` : ''
}
