/** An estimate of the benchmark's duration, printed before it begins. Pure. */
import { boundOfFiles } from './bound.ts'
import type { LinksScenario } from './scenarios.ts'

/** A system takes about twice the bound… */
const BOUND_FACTOR = 2.2

/** …starting and ending each run takes a few seconds… */
const RUN_EXTRA_MS = 4000

/** …and so does measuring the links of a scenario. */
const SCENARIO_EXTRA_MS = 10_000

/** The share of a link's rate that can carry files: 1448 bytes of each frame's 1514. */
const GOODPUT_SHARE = 0.956

const MBIT_BYTES_PER_SECOND = 125_000

export interface Extent {
  scenarios: readonly LinksScenario[]
  systemCount: number
  runs: number
  /** The length of each peer's file. */
  byteLength: number
}

export function expectedMs({ scenarios, systemCount, runs, byteLength }: Extent): number {
  const eachMs = scenarios.map(({ links }) => {
    const nominal = links.map(({ uplinkMbit, downlinkMbit }, index) => ({
      name: String(index),
      uplinkBytesPerSecond: uplinkMbit * MBIT_BYTES_PER_SECOND * GOODPUT_SHARE,
      downlinkBytesPerSecond: downlinkMbit * MBIT_BYTES_PER_SECOND * GOODPUT_SHARE
    }))
    const runMs = boundOfFiles(nominal, byteLength).boundMs * BOUND_FACTOR + RUN_EXTRA_MS
    return SCENARIO_EXTRA_MS + systemCount * runs * runMs
  })
  return eachMs.reduce((sum, durationMs) => sum + durationMs, 0)
}
