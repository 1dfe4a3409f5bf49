/** The table of times at the end of a run. */

import { printable } from '../core/names.ts'
import { formatBytes } from '../core/units.ts'
import type { KnownBound, PeerResult } from '../events/peer.ts'
import { boundText } from './bound.ts'
import { columnsOf, cut, cutMiddle, padEnd, padStart, widthsOf } from './columns.ts'
import { formatDuration } from './units.ts'
import type { Times } from './waiting.ts'

export interface TableOptions {
  /** How the swarm completed; left out if it did not. */
  outcome?: Times & KnownBound
  /** The bytes that the coordinator's relay carried; left out without a relay. */
  relayedBytes?: number
  /** The peak memory of each process, in bytes, by the name of its role. Without it there is no such column. */
  peakMemoryBytes?: ReadonlyMap<string, number>
  /**
   * In columns; no line of the table is wider. If it does not fit, columns are left out in the order of
   * `LEFT_OUT_FIRST`.
   */
  width?: number
}

/** The columns to leave out. Each peer's name and time always stay, and the report has all. */
const LEFT_OUT_FIRST = ['registered at', 'peak memory', 'sent', 'received']

/** Shorter names would no longer tell peers apart. */
const MIN_NAME_WIDTH = 12

/** One line per peer, in the order of `results`, under a heading; then the makespan and the lower bound. */
export function timesTable(results: readonly PeerResult[], options: TableOptions = {}): string[] {
  const { outcome, relayedBytes, peakMemoryBytes, width = Number.POSITIVE_INFINITY } = options
  const hasMemory = peakMemoryBytes !== undefined && peakMemoryBytes.size > 0
  const memoryOf = (name: string): string[] => {
    const bytes = peakMemoryBytes?.get(name)
    return hasMemory ? [bytes === undefined ? '–' : formatBytes(bytes)] : []
  }
  const heading = ['peer', 'registered at', 'last file after', 'received', 'sent']
  const rows = results.map(({ name, registeredAtMs, completedAtMs, receivedBytes, sentBytes }) => [
    printable(name),
    formatDuration(registeredAtMs),
    completedAtMs === undefined ? 'incomplete' : formatDuration(completedAtMs - registeredAtMs),
    formatBytes(receivedBytes),
    formatBytes(sentBytes),
    ...memoryOf(name)
  ])
  const lines = fittedTable([...heading, ...(hasMemory ? ['peak memory'] : [])], rows, width)
  if (outcome !== undefined) {
    lines.push(makespanText(outcome))
    if (outcome.boundMs !== undefined) {
      lines.push(boundText(outcome))
    }
  }
  if (relayedBytes !== undefined) {
    lines.push(
      `relayed ${formatBytes(relayedBytes)}: through the coordinator, between peers without a direct connection`
    )
  }
  return lines
}

/** `makespan 15.3 s: 3.0 s waiting for people, 12.3 s exchanging files` */
function makespanText({ makespanMs, exchangeMs }: Times): string {
  const parts =
    exchangeMs === undefined
      ? 'from the first registration to the last completed file'
      : `${formatDuration(makespanMs - exchangeMs)} waiting for people, ${formatDuration(exchangeMs)} exchanging files`
  return `makespan ${formatDuration(makespanMs)}: ${parts}`
}

/** Without the columns that do not fit, and with names cut in the middle if that is not enough. */
function fittedTable(
  heading: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
  width: number
): string[] {
  const kept = new Set(heading)
  const shown = (row: readonly string[]): string[] =>
    row.filter((_, column) => kept.has(heading[column] ?? ''))
  /** The width of all but the names. */
  const widthOfOthers = (): number =>
    widthsOf([heading, ...rows].map((row) => shown(row).slice(1))).reduce((sum, cells) => sum + 2 + cells, 0)
  for (const name of LEFT_OUT_FIRST) {
    if (widthOfOthers() + MIN_NAME_WIDTH > width) {
      kept.delete(name)
    }
  }
  const nameWidth = Math.max(1, width - widthOfOthers())
  const table = rows.map(([name = '', ...cells]) => [cutMiddle(name, nameWidth), ...cells])
  return tableOf(shown(heading), table.map(shown)).map((line) => cut(line, width))
}

/**
 * A heading, a line below it, and the rows: the first column to the left, all others, which are numbers, to the right.
 */
export function tableOf(heading: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const all = [heading, ...rows]
  const widths = widthsOf(all)
  const [first = '', ...others] = all.map((row) =>
    row.map((cell, column) => (column === 0 ? padEnd : padStart)(cell, widths[column] ?? 0)).join('  ')
  )
  return [first, '-'.repeat(columnsOf(first)), ...others]
}
