/** This project's own processes, as `npm start` runs them: it is over when the last of them has ended. */
import type { Output } from '#potluck/cli/output.js'
import type { CoordinatorEvent } from '#potluck/events/coordinator.js'
import { Processes } from '#potluck/swarm/processes.js'
import type { Job, JobInit, JobNotes } from './job.ts'

export class PotluckJob implements Job {
  readonly #signal: AbortSignal
  readonly #processes: Processes
  #makespanMs: number | undefined

  constructor({ places, logs, signal }: JobInit, output: Output) {
    this.#signal = signal
    const onEvent = (event: CoordinatorEvent): void => {
      if (event.event === 'swarm-complete') {
        this.#makespanMs = event.makespanMs
      }
    }
    this.#processes = new Processes({
      places,
      logs,
      onEvent,
      complain: (message) => output.complain(message)
    })
  }

  async prepare(): Promise<void> {
    // Processes find free ports by themselves.
  }

  async run(): Promise<JobNotes> {
    await this.#processes.run(this.#signal)
    return this.#makespanMs === undefined ? {} : { makespanMs: this.#makespanMs }
  }

  async end(): Promise<void> {
    await this.#processes.end()
  }
}
