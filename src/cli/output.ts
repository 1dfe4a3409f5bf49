/**
 * The one place that writes to standard output and standard error.
 *
 * With `--json`, standard output carries events only, and everything for people goes to standard error. With `--quiet`
 * people see only what went wrong.
 */
import type { EventBase } from '../events/stream.ts'
import { visibleLines } from '../view/escape.ts'
import { jsonLine } from '../view/json.ts'
import { Screen } from '../view/screen.ts'

/** Complaints that are remembered so as to be said once; beyond it they are all said. */
const MAX_REMEMBERED = 1000

export class Output {
  readonly json: boolean
  /** For people. */
  readonly screen: Screen
  readonly #said = new Set<string>()
  #last: EventBase | undefined
  #errorTold = false

  constructor({ json, quiet }: { json: boolean; quiet: boolean }) {
    this.json = json
    this.screen = new Screen(json ? process.stderr : process.stdout, { quiet })
    for (const stream of [process.stdout, process.stderr]) {
      // Whoever read has gone, as `head` does. What is under way matters more than telling nobody of it.
      stream.on('error', () => undefined)
    }
  }

  /** The last event that was told. */
  get last(): EventBase | undefined {
    return this.#last
  }

  /** Whether an `error` was told. */
  get errorTold(): boolean {
    return this.#errorTold
  }

  /** Tells machines, if any listen. */
  event(event: EventBase): void {
    this.#last = event
    this.#errorTold ||= event.event === 'error'
    if (this.json) {
      process.stdout.write(jsonLine(event))
    }
  }

  /** Says on standard error what went wrong: each message once, however many layers report it. */
  complain(message: string): void {
    if (this.#said.has(message)) {
      return
    }
    if (this.#said.size < MAX_REMEMBERED) {
      this.#said.add(message)
    }
    this.screen.beside(() => {
      process.stderr.write(`${visibleLines(message)}\n`)
    })
  }
}
