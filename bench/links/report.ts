/** The results of the benchmark, and its table. Pure. */
import type { LowerBound } from '#potluck/core/lower-bound.js'
import { formatBytes } from '#potluck/core/units.js'
import { tableOf } from '#potluck/view/table.js'
import { formatDuration } from '#potluck/view/units.js'
import type { LinkBytes } from '../machine/counters.ts'
import type { RunResult } from '../machine/run-result.ts'
import type { LinksScenario } from './scenarios.ts'
import type { SystemName } from './systems.ts'

/** From here on the processor may have been the limit, and not the links. */
export const BUSY_SHARE = 0.85

/** The figures of one run. */
export interface Measurement {
  makespanMs: number
  /** The lower bound divided by the makespan: 1 is the best possible. */
  efficiency: number
  /** How often the peer with the slowest uplink sent each byte of its own file; of several such peers, the most. */
  slowestOriginCopies: number
  /** File bytes received more than once or thrown away; absent if the system does not report them. */
  duplicateBytes?: number
  finishSpreadMs: number
  /** The bytes over each peer's link, by its name, including the Ethernet headers. */
  linkBytes: Record<string, LinkBytes>
  /** The bytes that all peers received over their links, divided by those that they needed. */
  receivedPerNeeded: number
  /** For all processes, per billion bytes of files that had to be moved. */
  cpuSecondsPerGigabyte: number
  /** The share of the whole machine's processor time in use, by any process. */
  busyShare: number
  /** The share that the processes of this run used. */
  ownBusyShare: number
}

/** The runs of one system in one scenario. */
export interface SystemResult {
  scenario: string
  system: SystemName
  bound: LowerBound
  /** The simulator's efficiency on such links; absent for systems that it does not model. */
  simulated?: number
  runs: RunResult<Measurement>[]
}

const HEADING = [
  'scenario',
  'system',
  'T*',
  'binds',
  'makespan',
  'efficiency',
  'simulated',
  'own copies',
  'duplicates',
  'finish spread',
  'received/needed',
  'CPU s/GB'
]

/** One row for each system in each scenario, and below the table notes on single rows. */
export function resultTable(results: readonly SystemResult[]): string[] {
  const rows: string[][] = []
  const remarks: string[] = []
  for (const { scenario, system, bound, simulated, runs } of results) {
    const head = [scenario, system, formatDuration(bound.boundMs), bindingOf(bound)]
    const measurement = medianOf(runs)
    rows.push([...head, ...(measurement === undefined ? ['failed'] : cellsOf(measurement, simulated))])
    const whose = `${scenario}, ${system}`
    for (const run of runs) {
      if ('failure' in run) {
        remarks.push(`${whose}: ${run.failure}`)
      }
    }
    if (measurement !== undefined && measurement.busyShare > BUSY_SHARE) {
      remarks.push(
        `${whose}: ${percent(measurement.busyShare)} of this machine worked, ${percent(measurement.ownBusyShare)} for this run, so the processor may have been the limit and not the links.`
      )
    }
  }
  const width = HEADING.length
  return [
    ...tableOf(
      HEADING,
      rows.map((row) => [...row, ...Array.from({ length: width - row.length }, () => '')])
    ),
    ...remarks
  ]
}

/** The run with the median makespan; of an even number the better of the two. */
export function medianOf(runs: readonly RunResult<Measurement>[]): Measurement | undefined {
  const sorted = runs
    .flatMap((run) => ('measurement' in run ? [run.measurement] : []))
    .sort((a, b) => a.makespanMs - b.makespanMs)
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

/** The most copies of its own file that one of the peers with the slowest uplink sent. */
export function slowestOriginCopies(
  { links }: LinksScenario,
  ownSentBytes: readonly number[],
  byteLength: number
): number {
  const slowestMbit = Math.min(...links.map(({ uplinkMbit }) => uplinkMbit))
  const sent = ownSentBytes.filter((_, index) => links[index]?.uplinkMbit === slowestMbit)
  return Math.max(...sent) / byteLength
}

/** `origin client3`, `uplinks`. */
export function bindingOf({ term, peer }: LowerBound): string {
  return peer === undefined ? term : `${term} ${peer}`
}

function cellsOf(measurement: Measurement, simulated: number | undefined): string[] {
  const { makespanMs, efficiency, duplicateBytes, finishSpreadMs } = measurement
  return [
    formatDuration(makespanMs),
    efficiency.toFixed(3),
    simulated?.toFixed(3) ?? '–',
    measurement.slowestOriginCopies.toFixed(2),
    duplicateBytes === undefined ? '–' : formatBytes(duplicateBytes),
    formatDuration(finishSpreadMs),
    measurement.receivedPerNeeded.toFixed(3),
    measurement.cpuSecondsPerGigabyte.toFixed(1)
  ]
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
