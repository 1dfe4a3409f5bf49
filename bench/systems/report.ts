/** The results of the benchmark, and its table. Pure. */
import { tableOf } from '#potluck/view/table.js'
import { formatDuration } from '#potluck/view/units.js'
import type { LoopDelay } from '../machine/loop-delay.ts'
import type { RunResult } from '../machine/run-result.ts'
import { type Spread, spreadOf } from '../machine/spread.ts'

const MIB = 1024 * 1024

/** The figures of one run. */
export interface Measurement {
  /** From the start of the first process until every peer has all files with their MD5s. */
  wallMs: number
  /** Of all processes of the system. */
  cpuSeconds: number
  /** The same per billion bytes of files that had to be moved. */
  cpuSecondsPerGigabyte: number
  /** The peak memory of the largest process. */
  peakBytes: number
  /** If the system reports it: from the first registration to the last completed file. */
  makespanMs?: number
  /** If the peers report it: the delay of the worst event loop. */
  loopDelay?: LoopDelay
  /** If connections use TLS: protocol and cipher. */
  cipher?: string
}

/** The runs of one row: of a system, or with a number of peers. */
export interface RowResult {
  name: string
  runs: RunResult<Measurement>[]
}

/** The values in a row; absent if all its runs failed. */
export interface Summary {
  wallMs: Spread
  /** Medians. */
  cpuSeconds: number
  cpuSecondsPerGigabyte: number
  peakBytes: number
  makespanMs?: number
  loopDelay?: LoopDelay
  /** The wall time divided by that of the reference; absent without one. */
  ratio?: number
}

/** By the name of the row, in their order. @param reference the name of the row that the others are compared with */
export function summaries(rows: readonly RowResult[], reference?: string): Map<string, Summary | undefined> {
  const found = new Map(rows.map(({ name, runs }) => [name, summaryOf(runs)]))
  const referenceMs = reference === undefined ? undefined : found.get(reference)?.wallMs.median
  if (referenceMs !== undefined) {
    for (const summary of found.values()) {
      if (summary !== undefined) {
        summary.ratio = summary.wallMs.median / referenceMs
      }
    }
  }
  return found
}

/** One row for each, and below the table notes on single rows. */
export function resultTable(what: string, rows: readonly RowResult[], reference?: string): string[] {
  const compared = reference === undefined ? [] : [`/ ${reference}`]
  const heading = [what, 'wall', 'spread', ...compared, 'CPU s', 'CPU s/GB', 'peak MiB']
  const cells = [...summaries(rows, reference)].map(([name, summary]) => {
    const shown = summary === undefined ? ['failed'] : cellsOf(summary, reference !== undefined)
    const row = [name, ...shown]
    return [...row, ...Array.from({ length: heading.length - row.length }, () => '')]
  })
  return [...tableOf(heading, cells), ...rows.flatMap(remarksOf)]
}

function middle(values: readonly number[]): number {
  return spreadOf(values)?.median ?? 0
}

function middleDelay(delays: readonly LoopDelay[]): LoopDelay {
  return {
    p99Ms: middle(delays.map(({ p99Ms }) => p99Ms)),
    maxMs: middle(delays.map(({ maxMs }) => maxMs))
  }
}

function summaryOf(runs: readonly RunResult<Measurement>[]): Summary | undefined {
  const good = goodOf(runs)
  const wallMs = spreadOf(good.map((run) => run.wallMs))
  const makespans = good.flatMap(({ makespanMs }) => makespanMs ?? [])
  const loopDelays = good.flatMap(({ loopDelay }) => loopDelay ?? [])
  return (
    wallMs && {
      wallMs,
      cpuSeconds: middle(good.map((run) => run.cpuSeconds)),
      cpuSecondsPerGigabyte: middle(good.map((run) => run.cpuSecondsPerGigabyte)),
      peakBytes: middle(good.map((run) => run.peakBytes)),
      ...(makespans.length === 0 ? {} : { makespanMs: middle(makespans) }),
      ...(loopDelays.length === 0 ? {} : { loopDelay: middleDelay(loopDelays) })
    }
  )
}

function cellsOf({ wallMs, ratio, ...summary }: Summary, compared: boolean): string[] {
  return [
    formatDuration(wallMs.median),
    `${seconds(wallMs.least)}–${seconds(wallMs.most)} s`,
    ...(compared ? [ratio?.toFixed(2) ?? '–'] : []),
    summary.cpuSeconds.toFixed(1),
    summary.cpuSecondsPerGigabyte.toFixed(1),
    (summary.peakBytes / MIB).toFixed(0)
  ]
}

function remarksOf({ name, runs }: RowResult): string[] {
  const failures = runs.flatMap((run) => ('failure' in run ? [`${name}: ${run.failure}`] : []))
  const ciphers = new Set(goodOf(runs).flatMap(({ cipher }) => cipher ?? []))
  const { makespanMs, loopDelay } = summaryOf(runs) ?? {}
  return [
    ...failures,
    ...[...ciphers].map((cipher) => `${name}: ${cipher}`),
    ...(makespanMs === undefined ? [] : [`${name}: makespan ${formatDuration(makespanMs)} of it`]),
    ...(loopDelay === undefined
      ? []
      : [
          `${name}: event loop of the worst peer late by ${formatDuration(loopDelay.p99Ms)} (99th percentile), ${formatDuration(loopDelay.maxMs)} at the most`
        ])
  ]
}

function goodOf(runs: readonly RunResult<Measurement>[]): Measurement[] {
  return runs.flatMap((run) => ('measurement' in run ? [run.measurement] : []))
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(1)
}
