/**
 * The two log files of a role: `<name>.log` for people, one line per event, prefixed with the swarm clock, and
 * `<name>.jsonl` with the same events for machines.
 *
 * Both files are created together with their first event, so that they are recognised as logs from their first bytes
 * (see store/own-files.ts), even if the process is killed a moment later. Later lines are buffered and written a few
 * times per second, so that logging every chunk costs almost nothing. If a log cannot be written, one message says so
 * and the transfer goes on without it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../core/errors.ts'
import type { EventBase } from '../events/stream.ts'
import { jsonLine } from './escape.ts'
import { LogFile } from './log-file.ts'

/**
 * "-" and nine digits before the point: ten days to the microsecond, and the text of every line starts in the same
 * column.
 */
const CLOCK_WIDTH = 13

/** The longest name of an event is `coordinator-unreachable`. */
const EVENT_WIDTH = 23

export interface EventLogInit {
  folder: string
  /** The role's name, which is also the files' name. */
  name: string
  /** Called at most once, with a sentence. */
  onUnwritable(message: string): void
}

/** `    12345.678 ms  chunk-stored             client2/film.mkv chunk 17 …` */
export function logLine(event: EventBase, text: string): string {
  const clock = event.atMs.toFixed(3).padStart(CLOCK_WIDTH)
  return `${`${clock} ms  ${event.event.padEnd(EVENT_WIDTH)}  ${text}`.trimEnd()}\n`
}

export class EventLog {
  readonly #init: EventLogInit
  #failed = false
  #begun = false
  /** For people and for machines, while both can be written. */
  #files: LogFile[] = []

  /** Makes the folder. Does not throw: a failure is reported like a later one. */
  constructor(init: EventLogInit) {
    this.#init = init
    try {
      mkdirSync(init.folder, { recursive: true })
    } catch (error) {
      this.#begun = true
      this.#fail(error)
    }
  }

  /** Appends an event and its text for people. Does not throw. */
  write(event: EventBase, text: string): void {
    const isFirst = !this.#begun
    if (isFirst) {
      this.#begun = true
      this.#begin()
    }
    const [texts, json] = this.#files
    texts?.add(logLine(event, text))
    json?.add(jsonLine(event))
    if (isFirst) {
      this.flushNow()
    }
  }

  /** Writes the waiting lines at once, for the end of a process that cannot wait. */
  flushNow(): void {
    try {
      for (const file of this.#files) {
        file.flushNow()
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Writes the waiting lines and closes both files. */
  async close(): Promise<void> {
    const files = this.#files
    this.#files = []
    this.#begun = true
    await Promise.all(files.map((file) => file.end()))
  }

  /** Opens both files, and appends if they exist. */
  #begin(): void {
    try {
      const text = this.#fileOf('log')
      // If one cannot be opened, the other is closed.
      this.#files = [text]
      this.#files = [text, this.#fileOf('jsonl')]
    } catch (error) {
      this.#fail(error)
    }
  }

  #fileOf(ending: 'log' | 'jsonl'): LogFile {
    return new LogFile({
      path: join(this.#init.folder, `${this.#init.name}.${ending}`),
      onUnwritable: (error) => this.#fail(error),
      onDrop: () =>
        this.#say(
          `The disk of the log folder "${this.#init.folder}" is too slow: lines are missing in the logs.`
        )
    })
  }

  /** The first failure ends both logs: one alone would look like a run in which nothing more happened. */
  #fail(error: unknown): void {
    for (const file of this.#files) {
      file.destroy()
    }
    this.#files = []
    this.#say(
      `The logs cannot be written to "${this.#init.folder}" (${messageOf(error)}); the run continues without them. Choose another folder with --logs.`
    )
  }

  #say(message: string): void {
    if (!this.#failed) {
      this.#failed = true
      this.#init.onUnwritable(message)
    }
  }
}
