/** One row with a bar per peer or file; or all of them in one line, where nothing can be repainted. */

import { printable } from '../core/names.ts'
import { columnsOf, cut, cutMiddle, padEnd, padStart, widthsOf } from './columns.ts'
import type { Style } from './style.ts'
import type { SwarmPeer } from './swarm-picture.ts'
import { formatPercent } from './units.ts'

export interface BarRow {
  name: string
  doneBytes: number
  /** 0 while it is unknown. */
  totalBytes: number
  /** The details beside the bar, aligned in all rows. If there is no room, the last ones are left out first. */
  details: readonly string[]
  /** Shown instead of the details. */
  note?: string
  kind?: 'good' | 'warn'
}

/** Longer names are cut, so that one of them cannot push all bars off the screen. */
const MAX_NAME_WIDTH = 32

/** A narrower bar says less than the percentage beside it. */
const MIN_BAR_WIDTH = 8

const MAX_BAR_WIDTH = 40

const MAX_DETAIL_WIDTH = 40

/** "  100 %" */
const PERCENT_WIDTH = 7

export interface BarOptions {
  /** In columns; no line is wider. */
  width: number
  style: Style
  /** This many details, from the first on, are numbers, whose digits are aligned. */
  numbers: number
}

type ShownProgress = 'name' | 'complete' | 'connected' | 'fetchedBytes' | 'wantedBytes'

/** One line per row. If it does not fit, these are left out in this order: details, the bar, the name. */
export function barRows(rows: readonly BarRow[], { width, style, numbers }: BarOptions): string[] {
  const maxNameWidth = Math.floor(Math.min(MAX_NAME_WIDTH, Math.max(8, width / 3)))
  const names = rows.map(({ name }) => cutMiddle(printable(name), maxNameWidth))
  const nameWidth = Math.max(0, ...names.map(columnsOf))
  const details = rows.map((row) => row.details.map((text) => cut(text, MAX_DETAIL_WIDTH)))
  const detailWidths = widthsOf(details)
  // A space and the bar, which may have been left out.
  const room = width - nameWidth - PERCENT_WIDTH - 1
  const widthOf = (columns: number): number =>
    detailWidths.slice(0, columns).reduce((sum, detailWidth) => sum + 2 + detailWidth, 0)
  let shown = detailWidths.length
  while (shown > 0 && room - widthOf(shown) < MIN_BAR_WIDTH) {
    shown--
  }
  const barWidth = Math.min(MAX_BAR_WIDTH, room - widthOf(shown))
  return rows.map((row, index) => {
    const { note, kind } = row
    const share = row.totalBytes > 0 ? row.doneBytes / row.totalBytes : kind === 'good' ? 1 : 0
    const name = padEnd(names[index] ?? '', nameWidth)
    const percent = padStart(share >= 1 ? '100 %' : formatPercent(row.doneBytes, row.totalBytes), 5)
    const start = `${name}${barWidth >= MIN_BAR_WIDTH ? ` ${style.bar(share, barWidth)}` : ''}  ${percent}`
    const left = width - columnsOf(start) - 2
    if (left < 0) {
      return cut(`${name}  ${percent}`, Math.max(0, width)).trimEnd()
    }
    const beside =
      note === undefined
        ? (details[index] ?? [])
            .slice(0, shown)
            .map((text, column) => (column < numbers ? padStart : padEnd)(text, detailWidths[column] ?? 0))
            .join('  ')
        : cut(note, left)
    const paint = kind === 'warn' ? style.warn : kind === 'good' ? style.good : (text: string): string => text
    return `${start}  ${paint(beside)}`.trimEnd()
  })
}

/** All peers on one line, as `client1 45 %, client2 complete`: how much each has of what it lacked. */
export function progressLine(peers: ReadonlyArray<Pick<SwarmPeer, ShownProgress>>): string {
  return peers
    .map(({ name, complete, connected, fetchedBytes, wantedBytes }) => {
      const percent = `${formatPercent(fetchedBytes, wantedBytes)}${connected ? '' : ' (not connected)'}`
      return `${printable(name)} ${complete ? 'complete' : percent}`
    })
    .join(', ')
}
