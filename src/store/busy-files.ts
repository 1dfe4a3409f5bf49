/**
 * Retries, for a limited time, what another program or a file server keeps busy: a virus scanner that reads each new
 * file, a share whose server restarts. What a disk refuses for good fails at once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { hasCode } from '../core/system-errors.ts'
import { causeOf, systemMessage } from './disk-errors.ts'

/** Virus scanners keep a large file for most of a minute; npm, which renames many files, waits as long. */
const LIMIT_MS = 60_000

/** Each pause is twice as long as the one before. */
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 5000

/** These errors pass by themselves on every system. */
const PASSING = ['EBUSY', 'ETXTBSY', 'EINTR', 'ETIMEDOUT', 'EHOSTDOWN', 'EHOSTUNREACH']

/**
 * Windows answers like this while another program has the file open. Elsewhere these errors concern permissions, and
 * stay.
 */
const PASSING_ON_WINDOWS = ['EPERM', 'EACCES']

export interface BusyFilesInit {
  signal: AbortSignal
  /** Called once: there is something to wait for. */
  onWaiting(message: string): void
  /** LIMIT_MS by default. */
  limitMs?: number | undefined
  /** FIRST_PAUSE_MS by default. */
  pauseMs?: number | undefined
  platform?: NodeJS.Platform
  /** Milliseconds on any steady clock, for tests. */
  now?(): number
}

export class BusyFiles {
  readonly #init: BusyFilesInit
  #told = false

  constructor(init: BusyFilesInit) {
    this.#init = init
  }

  /**
   * Does the work, and repeats it while it fails because something is busy.
   *
   * @param work may be repeated after it failed
   * @throws what the work throws, or the signal's reason
   */
  async outlast<T>(work: () => Promise<T> | T): Promise<T> {
    const { signal, pauseMs = FIRST_PAUSE_MS, limitMs = LIMIT_MS, now = () => performance.now() } = this.#init
    const beganMs = now()
    for (let nextMs = pauseMs; ; nextMs = Math.min(MAX_PAUSE_MS, 2 * nextMs)) {
      try {
        return await work()
      } catch (error) {
        signal.throwIfAborted()
        if (!this.#isPassing(error) || now() - beganMs >= limitMs) {
          throw error
        }
        this.#tell(error, limitMs)
      }
      await sleep(nextMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }

  #isPassing(error: unknown): boolean {
    const { platform = process.platform } = this.#init
    const codes = platform === 'win32' ? [...PASSING, ...PASSING_ON_WINDOWS] : PASSING
    return hasCode(causeOf(error), ...codes)
  }

  #tell(error: unknown, limitMs: number): void {
    if (!this.#told) {
      this.#told = true
      // A store's own error says which file it concerns.
      const what = error instanceof PotluckError ? printable(error.message) : systemMessage(error)
      this.#init.onWaiting(
        `another program or a file server keeps files of the collection busy (${what}); this peer retries for up to ${Math.round(limitMs / 1000)} s each time`
      )
    }
  }
}
