/** The whole benchmark of a long path: alternating runs without delay and with it, then the table. */
import type { Output } from '#potluck/cli/output.js'
import { countOf, formatBytes } from '#potluck/core/units.js'
import type { NamedPlace } from '#potluck/local-run/verify.js'
import { formatDuration } from '#potluck/view/units.js'
import { Hosts } from '../links/hosts.ts'
import { sweepFolders } from '../machine/leftovers.ts'
import { IPROUTE, Namespaces, sweepNamespaces } from '../machine/namespaces.ts'
import { installMissing } from '../machine/packages.ts'
import { inRoom, ROOM_PREFIX, type Room } from '../machine/room.ts'
import { type RunResult, requireSuccess } from '../machine/run-result.ts'
import { measurePath } from './measure-path.ts'
import type { PathOptions } from './options.ts'
import { LINK_MBIT, NAME_PREFIX, pathPlan } from './path-plan.ts'
import { type DelayResult, type Measurement, nameOf, resultTable, summaryOf } from './report.ts'

/** The two ends of a path. */
const PEERS = 2

/** The peer of the benchmark's events, which concern none. */
const BENCH = 'bench'

export class PathBench {
  readonly #options: PathOptions
  readonly #output: Output
  readonly #signal: AbortSignal
  readonly #startedAtMs = performance.now()

  constructor(options: PathOptions, output: Output, signal: AbortSignal) {
    this.#options = options
    this.#output = output
    this.#signal = signal
  }

  /** Resolves when all runs are over and none failed. @throws PotluckError; the signal's reason */
  async run(): Promise<void> {
    const { delayMs, runs, byteLength } = this.#options
    await installMissing([IPROUTE], 'the other benches', (line) => this.#say(line))
    await sweepFolders(ROOM_PREFIX)
    const swept = await sweepNamespaces(NAME_PREFIX)
    if (swept > 0) {
      this.#say(`Removed ${countOf(swept, 'network namespace')} that an earlier run left behind.`)
    }
    this.#say(
      `Two peers with a file of ${formatBytes(byteLength)} and a link of ${LINK_MBIT} Mbit/s each: ${countOf(runs, 'run')} without delay and with ${nameOf(delayMs)} of round trip.`
    )
    await inRoom(async (room) => {
      const [first, second] = await room.places(PEERS, byteLength, this.#signal)
      if (first === undefined || second === undefined) {
        throw new Error('a room has as many places as were asked for')
      }
      await this.#measure([first, second], room)
    })
  }

  async #measure(places: readonly [NamedPlace, NamedPlace], room: Room): Promise<void> {
    const { delayMs, runs } = this.#options
    const results: DelayResult[] = [0, delayMs].map((ms) => ({ delayMs: ms, runs: [] }))
    const names = [places[0].name, places[1].name] as const
    const plan = pathPlan(process.pid, names)
    const network = new Hosts(plan, await Namespaces.make(plan))
    try {
      // The delays take turns, so that a disturbance of this machine affects each of them.
      for (let run = 1; run <= runs; run++) {
        for (const result of results) {
          result.runs.push(await this.#measureRun(result.delayMs, run, { network, places, room }))
        }
      }
    } finally {
      network.remove()
      this.#report(results, names)
    }
    requireSuccess(results)
  }

  async #measureRun(
    delayMs: number,
    run: number,
    { network, places, room }: { network: Hosts; places: readonly [NamedPlace, NamedPlace]; room: Room }
  ): Promise<RunResult<Measurement>> {
    await room.clear()
    const { byteLength } = this.#options
    const init = { network, places, byteLength, logs: room.logs, delayMs, signal: this.#signal }
    const result = await measurePath(init)
    const said =
      'failure' in result ? `failed: ${result.failure}` : formatDuration(result.measurement.makespanMs)
    this.#say(`${nameOf(delayMs)}, run ${run}: ${said}`)
    this.#tell('path-run', { delayMs, run, byteLength, ...result })
    return result
  }

  #report(results: readonly DelayResult[], peers: readonly string[]): void {
    const [first] = results
    if (first === undefined || first.runs.length === 0) {
      return
    }
    this.#output.screen.line(...resultTable(results, peers))
    const without = summaryOf(first, peers)
    for (const result of results) {
      this.#tell('path-result', { delayMs: result.delayMs, ...summaryOf(result, peers, without) })
    }
  }

  #say(line: string): void {
    this.#output.screen.line(line)
  }

  #tell(event: string, detail: object): void {
    this.#output.event({ event, atMs: performance.now() - this.#startedAtMs, peer: BENCH, ...detail })
  }
}
