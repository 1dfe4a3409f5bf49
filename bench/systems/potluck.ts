/** This project's own processes, as `npm start` runs them: the run is over when the last of them has ended. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Output } from '#potluck/cli/output.js'
import type { CoordinatorEvent } from '#potluck/events/coordinator.js'
import { Processes } from '#potluck/local-run/processes.js'
import { worstOf } from '../machine/loop-delay.ts'
import { probeOptions, readLoopDelays } from '../machine/loop-delay-files.ts'
import type { Job, JobInit, JobNotes } from './job.ts'

export class PotluckJob implements Job {
  readonly #signal: AbortSignal
  readonly #processes: Processes
  /** A folder. */
  readonly #loopDelays: string
  #makespanMs: number | undefined

  constructor({ places, logs, signal }: JobInit, output: Output) {
    this.#signal = signal
    this.#loopDelays = join(logs, 'loop-delays')
    const onEvent = (event: CoordinatorEvent): void => {
      if (event.event === 'swarm-complete') {
        this.#makespanMs = event.makespanMs
      }
    }
    this.#processes = new Processes({
      places,
      logs,
      dashboard: 'off',
      peerNodeOptions: probeOptions(this.#loopDelays),
      onEvent,
      complain: (message) => output.complain(message)
    })
  }

  async prepare(): Promise<void> {
    await mkdir(this.#loopDelays, { recursive: true })
  }

  async run(): Promise<JobNotes> {
    await this.#processes.run(this.#signal)
    const makespanMs = this.#makespanMs
    const loopDelay = worstOf(await readLoopDelays(this.#loopDelays))
    return { ...(makespanMs !== undefined && { makespanMs }), ...(loopDelay && { loopDelay }) }
  }

  async end(): Promise<void> {
    await this.#processes.end()
  }
}
