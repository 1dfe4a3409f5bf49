/** The whole benchmark: the systems take turns, several times; then the table. */
import type { Output } from '#potluck/cli/output.js'
import { countOf, formatBytes } from '#potluck/core/units.js'
import { formatDuration } from '#potluck/view/units.js'
import { sweepFolders } from '../machine/leftovers.ts'
import { installMissing } from '../machine/packages.ts'
import { inRoom, ROOM_PREFIX, type Room } from '../machine/room.ts'
import { type RunResult, requireSuccess } from '../machine/run-result.ts'
import { measureJob } from './measure-job.ts'
import { installWebTorrent, neededPackages } from './needed.ts'
import type { ScalingOptions, SystemsOptions } from './options.ts'
import { type Measurement, type RowResult, resultTable, summaries } from './report.ts'
import { REFERENCE, type SystemName } from './systems.ts'

/** The assignment's number of peers. */
const PEERS = 4

/** Each doubles the previous one; a machine with 8 GiB of memory can run 16. */
const PEER_COUNTS = [2, 4, 8, 16]

/** The peer of the benchmark's events, which concern none. */
const BENCH = 'bench'

/** One row of the table. */
interface Row {
  name: string
  system: SystemName
  peers: number
  /** The length of each peer's file. */
  byteLength: number
}

export class SystemsBench {
  readonly #output: Output
  readonly #signal: AbortSignal
  readonly #startedAtMs = performance.now()

  constructor(output: Output, signal: AbortSignal) {
    this.#output = output
    this.#signal = signal
  }

  /** Resolves when all runs are over and none failed. @throws PotluckError; the signal's reason */
  async compare({ systems, runs, byteLength }: SystemsOptions): Promise<void> {
    await installMissing(neededPackages(systems), '--systems', (line) => this.#say(line))
    if (systems.includes('webtorrent')) {
      await installWebTorrent((line) => this.#say(line))
    }
    this.#say(
      `${systems.join(', ')}: ${countOf(runs, 'run')} each, ${PEERS} peers with a file of ${formatBytes(byteLength)}.`
    )
    const rows = systems.map((system): Row => ({ name: system, system, peers: PEERS, byteLength }))
    await this.#measure(rows, { runs, what: 'system', reference: REFERENCE })
  }

  /** The same for this project with more and more peers that bring the same total. */
  async scale({ runs, totalBytes }: ScalingOptions): Promise<void> {
    this.#say(
      `${PEER_COUNTS.join(', ')} peers: ${countOf(runs, 'run')} each, ${formatBytes(totalBytes)} of files in all.`
    )
    const rows = PEER_COUNTS.map((peers): Row => {
      return { name: String(peers), system: 'potluck', peers, byteLength: Math.ceil(totalBytes / peers) }
    })
    await this.#measure(rows, { runs, what: 'peers' })
  }

  async #measure(
    rows: readonly Row[],
    { runs, what, reference }: { runs: number; what: string; reference?: string }
  ): Promise<void> {
    await sweepFolders(ROOM_PREFIX)
    const results = rows.map(({ name }): RowResult => ({ name, runs: [] }))
    try {
      await inRoom(async (room) => {
        // They take turns, so that a disturbance of this machine affects each of them.
        for (let run = 1; run <= runs; run++) {
          for (const [index, row] of rows.entries()) {
            results[index]?.runs.push(await this.#measureRun(row, run, room))
          }
        }
      })
    } finally {
      this.#report(what, results, reference)
    }
    requireSuccess(results)
  }

  async #measureRun(row: Row, run: number, room: Room): Promise<RunResult<Measurement>> {
    const { name, system, peers, byteLength } = row
    await room.clear()
    const places = await room.places(peers, byteLength, this.#signal)
    const result = await measureJob(system, {
      places,
      byteLength,
      logs: room.logs,
      output: this.#output,
      signal: this.#signal
    })
    const said = 'failure' in result ? `failed: ${result.failure}` : formatDuration(result.measurement.wallMs)
    this.#say(`${name}, run ${run}: ${said}`)
    this.#tell('bench-run', { name, run, peers, byteLength, ...result })
    return result
  }

  #report(what: string, results: readonly RowResult[], reference: string | undefined): void {
    if (results.some(({ runs }) => runs.length > 0)) {
      this.#output.screen.line(...resultTable(what, results, reference))
      for (const [name, summary] of summaries(results, reference)) {
        this.#tell('bench-result', { name, ...summary })
      }
    }
  }

  #say(line: string): void {
    this.#output.screen.line(line)
  }

  #tell(event: string, detail: object): void {
    this.#output.event({ event, atMs: performance.now() - this.#startedAtMs, peer: BENCH, ...detail })
  }
}
