/** One run of one system: its cost, and whether all files are right. */
import type { Output } from '#potluck/cli/output.js'
import { type NamedPlace, verifyCopies } from '#potluck/local-run/verify.js'
import { measuredWithin, type RunResult } from '../machine/run-result.ts'
import { settleMachine } from '../machine/settle-machine.ts'
import { TreeMeter } from '../machine/tree-meter.ts'
import type { JobNotes } from './job.ts'
import type { Measurement } from './report.ts'
import { SYSTEMS, type SystemName } from './systems.ts'

/** Any working system is faster than this, even on a small machine. */
const LEAST_BYTES_PER_SECOND = 5_000_000

/** Additional time for any run: starting, connecting, ending. */
const LIMIT_EXTRA_MS = 60_000

const GIGABYTE = 1e9

export interface RunInit {
  places: readonly NamedPlace[]
  /** The length of each source. */
  byteLength: number
  logs: string
  output: Output
  signal: AbortSignal
}

/** The bytes that all peers together must receive. */
export function movedBytes(peers: number, byteLength: number): number {
  return peers * (peers - 1) * byteLength
}

/** A failed run is also a result. @throws the signal's reason */
export async function measureJob(system: SystemName, init: RunInit): Promise<RunResult<Measurement>> {
  const { places, byteLength, signal } = init
  const moved = movedBytes(places.length, byteLength)
  const limitMs = LIMIT_EXTRA_MS + Math.ceil((moved / LEAST_BYTES_PER_SECOND) * 1000)
  return await measuredWithin(limitMs, signal, async (limited) => {
    await settleMachine(places, moved, signal)
    const measurement = await measured(system, { ...init, signal: limited })
    const { problems } = await verifyCopies(places, signal, () => undefined)
    const [problem] = problems
    return problem === undefined ? { measurement } : { failure: problem }
  })
}

async function measured(
  system: SystemName,
  { places, byteLength, logs, output, signal }: RunInit
): Promise<Measurement> {
  const meter = new TreeMeter()
  const job = SYSTEMS[system]({ places, logs, meter, signal }, output)
  try {
    await job.prepare()
    meter.begin()
    const startedAtMs = performance.now()
    const notes: JobNotes = await job.run()
    const wallMs = performance.now() - startedAtMs
    meter.end()
    const { cpuSeconds, peakBytes } = meter
    const gigabytes = movedBytes(places.length, byteLength) / GIGABYTE
    return { wallMs, cpuSeconds, cpuSecondsPerGigabyte: cpuSeconds / gigabytes, peakBytes, ...notes }
  } finally {
    meter.stop()
    await job.end()
  }
}
