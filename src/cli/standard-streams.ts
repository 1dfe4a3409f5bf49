/** Standard output and standard error of this process: each an outlet that knows its terminal. */
import { isatty } from 'node:tty'
import { countOf } from '../core/units.ts'
import type { ScreenStream } from '../view/screen.ts'
import {
  areSame,
  isDiskFull,
  leaveTerminals,
  type StandardDescriptor,
  streamOf,
  taker,
  terminals
} from './descriptor.ts'
import { type DrainLimits, Outlet } from './outlet.ts'

/** About 700 lines for people: no one who returns to a terminal reads more. */
const MAX_WAITING_LINES_BYTES = 64 * 1024

/** About 60,000 events. A program that reads slowly misses nothing of an ordinary run. */
const MAX_WAITING_EVENTS_BYTES = 16 * 1024 * 1024

/** A reader that reads at all accepts something within this time. */
const PATIENCE_AT_END: DrainLimits = { idleMs: 1000, totalMs: 60_000 }

/** `npm start` reads on when it is continued after a stop, and its channel closes when it ends. */
const PATIENCE_WITH_PARENT: DrainLimits = { idleMs: 300_000, totalMs: 300_000 }

/** An outlet, and the properties of its terminal that a screen needs. */
class StandardStream extends Outlet implements ScreenStream {
  readonly #terminal: NodeJS.WriteStream | undefined

  constructor(descriptor: StandardDescriptor, maxWaitingBytes: number, gapLine: (count: number) => string) {
    const isTerminal = isatty(descriptor)
    // A terminal's frames are painted between its lines.
    const isGathering = !isTerminal
    super({ take: taker(descriptor), canPass: isDiskFull, isGathering, maxWaitingBytes, gapLine })
    this.#terminal = isTerminal ? streamOf(descriptor) : undefined
  }

  get isTTY(): boolean {
    return this.#terminal !== undefined
  }

  get columns(): number | undefined {
    return this.#terminal?.columns
  }

  get rows(): number | undefined {
    return this.#terminal?.rows
  }

  hasColors(): boolean {
    return this.#terminal?.hasColors() === true
  }

  on(event: 'resize', listener: () => void): void {
    this.#terminal?.on(event, listener)
  }

  off(event: 'resize', listener: () => void): void {
    this.#terminal?.off(event, listener)
  }
}

export class StandardStreams {
  readonly output: StandardStream
  readonly errors: StandardStream

  /** @param eventsGap if standard output carries events: the line that replaces this many dropped ones */
  constructor(eventsGap: ((count: number) => string) | undefined) {
    const maxWaitingBytes = eventsGap === undefined ? MAX_WAITING_LINES_BYTES : MAX_WAITING_EVENTS_BYTES
    this.output = new StandardStream(1, maxWaitingBytes, eventsGap ?? linesGap)
    // Through two outlets, a line of one could get into the middle of a line of the other.
    this.errors = areSame(1, 2) ? this.output : new StandardStream(2, MAX_WAITING_LINES_BYTES, linesGap)
    const found = terminals()
    process.on('exit', () => {
      for (const stream of this.#all) {
        stream.flush()
      }
      leaveTerminals(found)
    })
  }

  /** Whether standard output has not accepted everything. */
  get isLossy(): boolean {
    return this.output.isLossy
  }

  get #all(): StandardStream[] {
    return [this.output, this.errors]
  }

  /**
   * From now on nothing waits for a reader.
   *
   * @param complain prints the warnings of Node.js, which would otherwise wait for the reader
   */
  neverWait(complain: (message: string) => void): void {
    for (const stream of this.#all) {
      stream.neverWait()
    }
    if (process.listenerCount('warning') > 0) {
      process.removeAllListeners('warning')
      process.on('warning', ({ name, message }) => complain(`${name}: ${message}`))
    }
  }

  /** Resolves when everything is accepted, or the reader accepts nothing. */
  async drained(): Promise<void> {
    const patience = process.connected ? PATIENCE_WITH_PARENT : PATIENCE_AT_END
    await Promise.all(this.#all.map((stream) => stream.drained(patience)))
  }
}

function linesGap(count: number): string {
  return `Potluck dropped ${countOf(count, 'line')} here because this output was blocked for too long.\n`
}
