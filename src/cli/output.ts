/**
 * The only module that writes to standard output and standard error.
 *
 * With `--json`, standard output carries events only, and everything for people goes to standard error. With `--quiet`
 * people see only errors.
 */

import { printableLines } from '../core/names.ts'
import { type EventBase, type WrittenEvent, written } from '../events/stream.ts'
import { jsonLine } from '../view/escape.ts'
import { Screen, type ScreenStream } from '../view/screen.ts'
import { StandardStreams } from './standard-streams.ts'

/** This many complaints are remembered in order to print each once; more are all printed. */
const MAX_REMEMBERED = 1000

/** A heading and twenty entries, which fit a screen. */
const MAX_LINES = 21

export interface OutputInit {
  json: boolean
  quiet: boolean
  verbose?: boolean
  /** Instead of the process's own. */
  streams?: { output: ScreenStream; errors: ScreenStream }
}

export class Output {
  readonly json: boolean
  readonly screen: Screen
  readonly #output: ScreenStream
  readonly #errors: ScreenStream
  readonly #standard: StandardStreams | undefined
  readonly #said = new Set<string>()
  #last: EventBase | undefined
  #errorTold = false

  constructor({ json, quiet, verbose = false, streams }: OutputInit) {
    this.json = json
    const gapLine = json ? (count: number) => this.#eventsGap(count) : undefined
    const used = streams ?? new StandardStreams(gapLine)
    this.#standard = used instanceof StandardStreams ? used : undefined
    this.#output = used.output
    this.#errors = used.errors
    this.screen = new Screen(json ? used.errors : used.output, { quiet, verbose })
  }

  /** From now on there is work in progress that matters more than complete output. */
  neverWait(): void {
    this.#standard?.neverWait((message) => this.complain(message))
  }

  /** Writes an event for machines, with `--json`. */
  event(event: EventBase): void {
    this.#last = event
    this.#errorTold ||= event.event === 'error'
    if (this.json) {
      this.#output.write(jsonLine(event))
    }
  }

  /**
   * Writes an event that no role emits, with the time and the peer of the last event, unless `about` names the peer.
   */
  stamped<Told extends { event: string }>(told: Told, about?: string): Told & WrittenEvent {
    const { atMs = 0, peer = '' } = this.#last ?? {}
    return written({ ...told, atMs, peer: about ?? peer })
  }

  /** An `error` event that a role could not emit because it did not exist yet; undefined if one was emitted. */
  error(code: string, message: string, about?: string): EventBase | undefined {
    if (this.#errorTold) {
      return undefined
    }
    const event = this.stamped({ event: 'error', code, message }, about)
    this.event(event)
    return event
  }

  /** Prints errors on standard error: each message once, however many layers report it. */
  complain(message: string): void {
    if (this.#said.has(message)) {
      return
    }
    if (this.#said.size < MAX_REMEMBERED) {
      this.#said.add(message)
    }
    this.screen.beside(() => {
      this.#errors.write(`${printableLines(beginningOf(message))}\n`)
    })
  }

  /**
   * Resolves when readers have accepted everything, or nothing for a while: the last output before the process ends.
   */
  async end(): Promise<void> {
    this.screen.end()
    await this.#standard?.drained()
    if (this.json && this.#standard?.isLossy === true) {
      this.complain('Some events could not be written to standard output. The .jsonl log has them.')
    }
  }

  #eventsGap(count: number): string {
    const message = `Potluck dropped ${count} events here because standard output was blocked for too long. The .jsonl log has them.`
    return jsonLine(this.stamped({ event: 'warning', message }))
  }
}

/** The first entries of a list that would fill the screen. */
function beginningOf(message: string): string {
  const lines = message.split('\n')
  const more = lines.length - MAX_LINES
  return more > 1
    ? [...lines.slice(0, MAX_LINES), `  and ${more} more; the .jsonl log has all of them.`].join('\n')
    : message
}
