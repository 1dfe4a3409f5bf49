/** The table of simulated runs: one row per run, written when it ends. */
import { formatBytes } from '#potluck/core/units.js'
import type { SimulationResult } from '../simulation.ts'

const COLUMNS = [
  'scheduler',
  'seed',
  'T* (s)',
  'binds',
  'makespan (s)',
  'efficiency',
  'own copies',
  'duplicates',
  'spread (s)',
  'control/peer',
  'control',
  'cpu (s)'
] as const

/** Wide enough for the values below each heading. */
const MIN_WIDTH = 7

/** The headings, and a line below. */
export function headingOf(names: readonly string[]): string[] {
  const heading = row('scenario', COLUMNS, names)
  return [heading, '-'.repeat(heading.length)]
}

export function rowOf(
  name: string,
  result: SimulationResult,
  cpuSeconds: number,
  names: readonly string[]
): string {
  const { chunkBytes, controlBytes, complete, peers } = result
  return row(
    name,
    [
      result.scheduler,
      String(result.seed),
      (result.boundMs / 1000).toFixed(1),
      result.term,
      complete ? (result.makespanMs / 1000).toFixed(1) : 'never',
      result.efficiency.toFixed(3),
      result.slowestOriginCopies.toFixed(3),
      formatBytes(result.duplicateBytes),
      (result.finishSpreadMs / 1000).toFixed(1),
      formatBytes(controlBytes / peers),
      `${((100 * controlBytes) / Math.max(1, chunkBytes)).toFixed(2)} %`,
      cpuSeconds.toFixed(1)
    ],
    names
  )
}

function row(name: string, cells: readonly string[], names: readonly string[]): string {
  const nameWidth = Math.max('scenario'.length, ...names.map(({ length }) => length))
  const shown = cells.map((cell, column) => cell.padStart(Math.max(MIN_WIDTH, COLUMNS[column]?.length ?? 0)))
  return [name.padEnd(nameWidth), ...shown].join('  ')
}
