/** The whole benchmark: for each scenario its network, the throughput of its links, and runs of each system on it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Output } from '#potluck/cli/output.js'
import { countOf, formatBytes } from '#potluck/core/units.js'
import { RunFolder } from '#potluck/local-run/run-folder.js'
import { makeSource } from '#potluck/local-run/sources.js'
import { checkSpace } from '#potluck/local-run/space.js'
import type { NamedPlace } from '#potluck/local-run/verify.js'
import { ProgressLines } from '#potluck/view/live.js'
import { formatDuration, formatPercent } from '#potluck/view/units.js'
import { installMissing } from '../machine/packages.ts'
import { type RunResult, requireSuccess } from '../machine/run-result.ts'
import { boundOfFiles } from './bound.ts'
import { expectedMs } from './estimate.ts'
import { type Goodput, measureGoodput } from './goodput.ts'
import { sweepLeftovers } from './leftovers.ts'
import { measureRun, type RunInit } from './measure-run.ts'
import { Network } from './network.ts'
import { NAME_PREFIX } from './network-plan.ts'
import type { LinksOptions } from './options.ts'
import { neededPackages } from './packages.ts'
import { bindingOf, type Measurement, resultTable, type SystemResult } from './report.ts'
import type { LinksScenario } from './scenarios.ts'
import { simulatedEfficiency } from './simulated.ts'
import type { SystemName } from './systems.ts'

/** The peer of the benchmark's events, which concern none. */
const BENCH = 'bench'

const MBIT_BYTES_PER_SECOND = 125_000

export class LinksBench {
  readonly #options: LinksOptions
  readonly #output: Output
  readonly #signal: AbortSignal
  readonly #startedAtMs = performance.now()

  constructor(options: LinksOptions, output: Output, signal: AbortSignal) {
    this.#options = options
    this.#output = output
    this.#signal = signal
  }

  /** Resolves when all runs are over and none failed. @throws PotluckError; the signal's reason */
  async run(): Promise<void> {
    await installMissing(neededPackages(this.#options), '--only, --no-baselines or --scenario', (line) =>
      this.#say(line)
    )
    const swept = await sweepLeftovers()
    if (swept !== undefined) {
      this.#say(swept)
    }
    this.#sayExtent()
    const folder = await mkdtemp(join(tmpdir(), `${NAME_PREFIX}${process.pid}-`))
    const runFolder = await RunFolder.open(folder)
    const results: SystemResult[] = []
    try {
      for (const scenario of this.#options.scenarios) {
        results.push(...(await this.#measureScenario(scenario, runFolder)))
      }
      requireSuccess(results)
    } finally {
      if (results.length > 0) {
        this.#output.screen.line(...resultTable(results))
      }
      runFolder.close()
      // The folder belongs to this benchmark, whatever the systems put into it.
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    }
  }

  #sayExtent(): void {
    const { scenarios, systems, runs, byteLength } = this.#options
    const duration = formatDuration(expectedMs({ scenarios, systemCount: systems.length, runs, byteLength }))
    this.#say(
      `${countOf(scenarios.length, 'scenario')} with ${systems.join(', ')}, ${countOf(runs, 'run')} each, ${formatBytes(byteLength)} a file: about ${duration} in all.`
    )
  }

  async #measureScenario(scenario: LinksScenario, runFolder: RunFolder): Promise<SystemResult[]> {
    const { systems, runs, byteLength } = this.#options
    const places = await this.#makePlaces(scenario, runFolder)
    const network = await Network.make(
      scenario,
      places.map(({ name }) => name),
      this.#options.congestionControl
    )
    try {
      const goodput = await this.#measureGoodput(scenario, network, places)
      const links = [...goodput].map(([name, link]) => ({ name, ...link }))
      const bound = boundOfFiles(links, byteLength)
      this.#say(`${scenario.name}: T* ${formatDuration(bound.boundMs)}, ${bindingOf(bound)} binds`)
      const simulated = simulatedEfficiency(scenario, links, byteLength)
      const results = systems.map(
        (system): SystemResult => ({
          scenario: scenario.name,
          system,
          bound,
          ...(system === 'potluck' ? { simulated } : {}),
          runs: []
        })
      )
      const init = {
        scenario,
        network,
        places,
        byteLength,
        bound,
        logs: runFolder.logs,
        signal: this.#signal
      }
      // The systems take turns, so that a disturbance of this machine affects each of them.
      for (let run = 1; run <= runs; run++) {
        for (const result of results) {
          await runFolder.removeEarlierRun()
          result.runs.push(await this.#measureRun(result.system, run, init))
        }
      }
      return results
    } finally {
      network.remove()
    }
  }

  async #makePlaces({ links }: LinksScenario, runFolder: RunFolder): Promise<NamedPlace[]> {
    const { byteLength } = this.#options
    const places = links.map((_, index) => ({
      ...runFolder.placeOf(index + 1),
      name: `client${index + 1}`
    }))
    const demand = { peers: places.length, byteLength, missingSources: places.length }
    await checkSpace(runFolder.path, demand, () => undefined)
    for (const place of places) {
      await makeSource(place, byteLength, this.#signal, () => undefined)
    }
    return places
  }

  async #measureGoodput(
    { name, links }: LinksScenario,
    network: Network,
    places: readonly NamedPlace[]
  ): Promise<Map<string, Goodput>> {
    const peers = links.map((link, index) => ({ name: places[index]?.name ?? '', link }))
    const goodput = await measureGoodput(network, peers, this.#signal)
    const carried = [...goodput.values()].map(
      (link) => `${inMbit(link.uplinkBytesPerSecond)}/${inMbit(link.downlinkBytesPerSecond)}`
    )
    const { congestionControl } = this.#options
    this.#say(`${name}: TCP (${congestionControl}) carries ${carried.join(', ')} Mbit/s up/down`)
    this.#tell('links-measured', {
      scenario: name,
      congestionControl,
      links: Object.fromEntries(goodput)
    })
    return goodput
  }

  async #measureRun(
    system: SystemName,
    run: number,
    init: Omit<RunInit, 'onProgress'>
  ): Promise<RunResult<Measurement>> {
    const { scenario, bound, places, byteLength } = init
    const progress = new ProgressLines(this.#output.screen)
    const totalBytes = places.length * places.length * byteLength
    const result = await measureRun(system, {
      ...init,
      onProgress: (heldBytes) =>
        progress.status(
          performance.now(),
          `${scenario.name}, ${system}: ${formatPercent(heldBytes, totalBytes)}`
        )
    })
    progress.end()
    const said =
      'failure' in result
        ? `failed: ${result.failure}`
        : `${formatDuration(result.measurement.makespanMs)}, efficiency ${result.measurement.efficiency.toFixed(3)}`
    this.#say(`${scenario.name}, ${system}, run ${run}: ${said}`)
    this.#tell('links-run', { scenario: scenario.name, system, run, bound, ...result })
    return result
  }

  #say(line: string): void {
    this.#output.screen.line(line)
  }

  #tell(event: string, detail: object): void {
    this.#output.event({ event, atMs: performance.now() - this.#startedAtMs, peer: BENCH, ...detail })
  }
}

function inMbit(bytesPerSecond: number): string {
  return (bytesPerSecond / MBIT_BYTES_PER_SECOND).toFixed(1)
}
