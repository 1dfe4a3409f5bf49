/** A whole run on this machine: make the sources, run the swarm, check every file, show the times. */
import type { Output } from '../cli/output.ts'
import { readPeerArguments } from '../cli/peer-command.ts'
import { reportFromLogs } from '../cli/report-command.ts'
import { leaveDeletedFolder, shownPath } from '../cli/working-folder.ts'
import { messageOf, PotluckError } from '../core/errors.ts'
import { sideBySide } from '../core/side-by-side.ts'
import { countOf, formatBytes } from '../core/units.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import { written } from '../events/stream.ts'
import { coordinatorConsole } from '../view/console.ts'
import { ProgressLines } from '../view/live.ts'
import { timesTable } from '../view/table.ts'
import { formatDuration, formatPercent } from '../view/units.ts'
import type { LocalRunOptions } from './options.ts'
import { CONFIGURED_PEERS, configFileOf, Processes } from './processes.ts'
import { RunFolder } from './run-folder.ts'
import { makeSource, missingSources } from './sources.ts'
import { checkSpace } from './space.ts'
import { type NamedPlace, type Verification, verifyCopies } from './verify.ts'

/** The result, as the coordinator reports it. */
type Outcome = Extract<CoordinatorEvent, { event: 'swarm-complete' }>

/** While the bytes of one source are computed those of others are written, by as many threads as libuv has. */
const SOURCES_AT_A_TIME = 4

/** A few million lines. */
const REPORT_MS = 60_000

/** Within the rest of an orderly end; the coordinator's own report exists already. */
const INTERRUPTED_REPORT_MS = 1000

export class LocalRun {
  readonly #options: LocalRunOptions
  readonly #output: Output
  readonly #signal: AbortSignal
  /** When the swarm clock showed 0, on this process's clock. */
  #clockZeroMs = performance.now()
  #processesStarted = false

  constructor(options: LocalRunOptions, output: Output, signal: AbortSignal) {
    this.#options = options
    this.#output = output
    this.#signal = signal
  }

  /** Resolves when all files are identical. @throws PotluckError; the signal's reason */
  async run(): Promise<void> {
    const { folder, clean } = this.#options
    const runFolder = await RunFolder.open(folder)
    try {
      await this.#runIn(runFolder)
      await (clean ? runFolder.removeAll() : this.#writeReport(runFolder))
    } catch (error) {
      // The files of a failed run stay, so that people can look at its logs. Those of an earlier run are not ours to
      // remove.
      const nothingToSee = this.#signal.aborted || !this.#processesStarted
      if (clean && runFolder.fresh && nothingToSee) {
        await runFolder.removeAll()
      } else if (clean) {
        this.#output.complain(`${runFolder.path} was left unchanged.`)
      }
      if (this.#processesStarted && !(clean && nothingToSee)) {
        await this.#writeReport(runFolder)
      }
      throw error
    } finally {
      runFolder.close()
    }
  }

  async #runIn(runFolder: RunFolder): Promise<void> {
    const places = await this.#places(runFolder)
    await runFolder.removeEarlierRun()
    await this.#makeSources(runFolder, places)
    const { outcome, peakMemoryBytes } = await this.#runSwarm(runFolder, places)
    const verification = await this.#verify(places)
    this.#report(outcome, peakMemoryBytes, verification)
    const verified = {
      event: 'verified',
      atMs: performance.now() - this.#clockZeroMs,
      peer: 'coordinator',
      ...verification,
      peakMemoryBytes: Object.fromEntries(peakMemoryBytes)
    }
    this.#output.event(written(verified))
    if (verification.problems.length > 0) {
      throw new PotluckError(
        'INTEGRITY',
        `${countOf(verification.problems.length, 'file')} of ${verification.files} could not be verified against its origin. Remove the collections and run it again; if it happens again, the program or the disk is faulty.`
      )
    }
  }

  /** The names are from the configuration files, so this also finds unreadable ones early. */
  async #places(runFolder: RunFolder): Promise<NamedPlace[]> {
    const places: NamedPlace[] = []
    for (let number = 1; number <= this.#options.peers; number++) {
      const configured = number <= CONFIGURED_PEERS
      const name = configured
        ? (await readPeerArguments(['--config', configFileOf(number)])).config.name
        : `client${number}`
      places.push({ ...runFolder.placeOf(number), name })
    }
    return places
  }

  async #makeSources(runFolder: RunFolder, places: readonly NamedPlace[]): Promise<void> {
    const { byteLength, peers } = this.#options
    const { screen } = this.#output
    const missing = await missingSources(places, byteLength)
    await checkSpace(runFolder.path, { peers, byteLength, missingSources: missing.length }, (line) =>
      screen.line(line)
    )
    if (missing.length === 0) {
      return
    }
    const total = missing.length * byteLength
    let written = 0
    const makes = `Making ${countOf(missing.length, 'source file')} of ${formatBytes(byteLength)}`
    const startedAtMs = performance.now()
    const progress = new ProgressLines(screen)
    try {
      await sideBySide(missing, SOURCES_AT_A_TIME, this.#signal, (place, signal) =>
        makeSource(place, byteLength, signal, (length) => {
          written += length
          progress.status(performance.now(), `${makes}: ${formatPercent(written, total)}`)
        })
      )
    } finally {
      progress.end()
    }
    screen.line(`${makes}: done in ${formatDuration(performance.now() - startedAtMs)}.`)
  }

  async #runSwarm(runFolder: RunFolder, places: readonly NamedPlace[]) {
    const { screen } = this.#output
    const complain = (message: string): void => this.#output.complain(message)
    const show = coordinatorConsole({
      screen,
      complain: (message) => complain(`coordinator: ${message}`),
      table: false
    })
    let outcome: Outcome | undefined
    const onEvent = (event: CoordinatorEvent): void => {
      if (event.event === 'started') {
        this.#clockZeroMs = performance.now() - event.atMs
      } else if (event.event === 'swarm-complete') {
        outcome = event
      }
      this.#output.event(event)
      show(event)
    }
    this.#processesStarted = true
    const processes = new Processes({
      places,
      logs: runFolder.logs,
      dashboard: this.#options.dashboard,
      onEvent,
      complain
    })
    try {
      await processes.run(this.#signal)
    } finally {
      screen.paint([])
      await processes.end()
    }
    if (outcome === undefined) {
      throw new PotluckError(
        'INCOMPLETE',
        `The coordinator ended without saying that the swarm is complete. Its log is in ${runFolder.logs}.`
      )
    }
    return { outcome, peakMemoryBytes: processes.peakMemoryBytes }
  }

  /** Replaces the coordinator's own report: the peers' logs, which are here as well, add to it. */
  async #writeReport({ logs }: RunFolder): Promise<void> {
    const timeoutMs = this.#signal.aborted ? INTERRUPTED_REPORT_MS : REPORT_MS
    try {
      const page = await reportFromLogs([logs], logs, AbortSignal.timeout(timeoutMs))
      this.#output.screen.line(`Report: ${shownPath(page)}`)
    } catch (error) {
      this.#output.complain(`No report was made from the logs in ${logs}: ${messageOf(error)}`)
    }
  }

  async #verify(places: readonly NamedPlace[]): Promise<Verification> {
    leaveDeletedFolder()
    const progress = new ProgressLines(this.#output.screen)
    const verification = await verifyCopies(places, this.#signal, (done, total) =>
      progress.status(performance.now(), `Comparing files: ${done} of ${countOf(total, 'file')}`)
    )
    progress.end()
    return verification
  }

  #report(
    outcome: Outcome,
    peakMemoryBytes: ReadonlyMap<string, number>,
    { files, identical, problems }: Verification
  ): void {
    const { screen } = this.#output
    for (const problem of problems) {
      this.#output.complain(problem)
    }
    screen.line(...timesTable(outcome.results, { outcome, peakMemoryBytes, width: screen.size.columns }))
    const coordinatorBytes = peakMemoryBytes.get('coordinator')
    if (coordinatorBytes !== undefined) {
      screen.line(`peak memory of the coordinator ${formatBytes(coordinatorBytes)}`)
    }
    const paint = identical === files ? screen.style.good : screen.style.warn
    screen.line(paint(`${identical} of ${countOf(files, 'file')} identical`))
  }
}
