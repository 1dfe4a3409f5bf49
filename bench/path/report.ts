/** The results of the benchmark of a long path, and its table. Pure. */
import { tableOf } from '#potluck/view/table.js'
import { formatDuration, formatPercent } from '#potluck/view/units.js'
import { BUSY_SHARE } from '../links/report.ts'
import type { RunResult } from '../machine/run-result.ts'
import { type Spread, spreadOf } from '../machine/spread.ts'

/** The figures of one run. */
export interface Measurement {
  makespanMs: number
  /** In the middle of the transfer, by the peer's name; none if the files have too few chunks for a middle. */
  receivedMbit: Record<string, number>
  /** The share of the whole machine's processor time in use, by any process. */
  busyShare: number
  /** The share that the processes of this run used, including the proxy. */
  ownBusyShare: number
}

/** The runs with one delay. */
export interface DelayResult {
  /** The round trip. */
  delayMs: number
  runs: RunResult<Measurement>[]
}

/** A value's columns: its spread, and its median divided by that without delay. */
export type Compared = Spread & { ratio?: number }

/** A value that no run has is absent. */
export interface Summary {
  makespanMs?: Compared
  receivedMbit: Record<string, Compared>
  busyShare: number
  ownBusyShare: number
}

/** An absent value. */
const NONE = '–'

/** @param without the value without delay, to divide by */
export function summaryOf({ runs }: DelayResult, peers: readonly string[], without?: Summary): Summary {
  const good = runs.flatMap((run) => ('measurement' in run ? [run.measurement] : []))
  const makespanMs = compared(
    good.map((run) => run.makespanMs),
    without?.makespanMs
  )
  const receivedMbit: Record<string, Compared> = {}
  for (const peer of peers) {
    const rates = good.flatMap((run) => run.receivedMbit[peer] ?? [])
    const rate = compared(rates, without?.receivedMbit[peer])
    if (rate !== undefined) {
      receivedMbit[peer] = rate
    }
  }
  const busyShare = spreadOf(good.map((run) => run.busyShare))?.median ?? 0
  const ownBusyShare = spreadOf(good.map((run) => run.ownBusyShare))?.median ?? 0
  return { ...(makespanMs && { makespanMs }), receivedMbit, busyShare, ownBusyShare }
}

/** One row for each delay, the first being none, and below the table notes on single rows. */
export function resultTable(results: readonly DelayResult[], peers: readonly string[]): string[] {
  const columns = peers.flatMap((peer) => [`${peer} Mbit/s`, 'spread', 'ratio'])
  const heading = ['round trip', ...columns, 'makespan', 'spread', 'ratio']
  const [first] = results
  const without = first && summaryOf(first, peers)
  const rows: string[][] = []
  const remarks: string[] = []
  for (const result of results) {
    const whose = nameOf(result.delayMs)
    const { makespanMs, receivedMbit, busyShare, ownBusyShare } = summaryOf(result, peers, without)
    rows.push([
      whose,
      ...peers.flatMap((peer) => cellsOf(receivedMbit[peer], (mbit) => mbit.toFixed(0))),
      ...cellsOf(makespanMs, formatDuration)
    ])
    remarks.push(...result.runs.flatMap((run) => ('failure' in run ? [`${whose}: ${run.failure}`] : [])))
    if (busyShare > BUSY_SHARE) {
      remarks.push(
        `${whose}: ${formatPercent(busyShare, 1)} of this machine worked, ${formatPercent(ownBusyShare, 1)} for this run, so the processor may have been the limit and not the path.`
      )
    }
  }
  return [...tableOf(heading, rows), ...remarks]
}

/** `100 ms`, `no delay`. */
export function nameOf(delayMs: number): string {
  return delayMs === 0 ? 'no delay' : `${delayMs} ms`
}

function compared(values: readonly number[], without: Spread | undefined): Compared | undefined {
  const spread = spreadOf(values)
  const ratio = spread && without && { ratio: spread.median / without.median }
  return spread && { ...spread, ...ratio }
}

function cellsOf(value: Compared | undefined, shown: (value: number) => string): string[] {
  if (value === undefined) {
    return [NONE, NONE, NONE]
  }
  const { median, least, most, ratio } = value
  return [shown(median), `${shown(least)}–${shown(most)}`, ratio?.toFixed(2) ?? NONE]
}
