/** The table of times that a run ends with. */

import { printable } from '../core/names.ts'
import { formatBytes } from '../core/units.ts'
import type { KnownBound, PeerResult } from '../events/peer.ts'
import { boundText } from './bound.ts'
import { columnsOf, padEnd, padStart, widthsOf } from './columns.ts'
import { formatDuration } from './units.ts'

export interface TableOptions {
  /** How the swarm completed; left out when it did not. */
  outcome?: { makespanMs: number } & KnownBound
  /** What the coordinator's relay carried; left out where there is none. */
  relayedBytes?: number
  /** The most memory that a process held, in bytes, by the name of its role. The column is there only with it. */
  peakMemoryBytes?: ReadonlyMap<string, number>
}

/** One line a peer, in the order of `results`, under a heading; then the makespan and what the links allow. */
export function timesTable(results: readonly PeerResult[], options: TableOptions = {}): string[] {
  const { outcome, relayedBytes, peakMemoryBytes } = options
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
  const lines = tableOf([...heading, ...(hasMemory ? ['peak memory'] : [])], rows)
  if (outcome !== undefined) {
    lines.push(
      `makespan ${formatDuration(outcome.makespanMs)}: from the first registration to the last completed file`
    )
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

/** A heading, a line below it, and the rows: the first column to the left, all others, which are numbers, to the right. */
export function tableOf(heading: readonly string[], rows: ReadonlyArray<readonly string[]>): string[] {
  const all = [heading, ...rows]
  const widths = widthsOf(all)
  const [first = '', ...others] = all.map((row) =>
    row.map((cell, column) => (column === 0 ? padEnd : padStart)(cell, widths[column] ?? 0)).join('  ')
  )
  return [first, '-'.repeat(columnsOf(first)), ...others]
}
