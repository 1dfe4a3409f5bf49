/**
 * Who may send next, at a pace: of those that wait, whoever began first. Side by side, each chunk of a slow uplink would
 * take as long as all of them; one after another, all but the last are there sooner, and are passed on sooner.
 */
import type { UplinkPace } from './uplink-pace.ts'

/** When the next piece may leave. */
type PieceTimes = Pick<UplinkPace, 'freeAtMs' | 'reserve'>

interface Waiting {
  byteLength: number
  sender: number
  resolve(): void
}

export class Turns {
  readonly #pace: PieceTimes
  readonly #now: () => number
  /** The first is next. One for each sender at the most. */
  readonly #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** @param now milliseconds */
  constructor(pace: PieceTimes, now: () => number) {
    this.#pace = pace
    this.#now = now
  }

  /** Resolves when so many bytes may leave; undefined when they may at once. @param sender lower ones go first */
  take(byteLength: number, sender: number): Promise<void> | undefined {
    if (this.#stopped) {
      return undefined
    }
    const nowMs = this.#now()
    if (this.#waiting.length === 0 && this.#pace.freeAtMs <= nowMs) {
      this.#pace.reserve(byteLength, nowMs)
      return undefined
    }
    return new Promise((resolve) => {
      const later = this.#waiting.findIndex((waiting) => waiting.sender > sender)
      this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, { byteLength, sender, resolve })
      this.#wait()
    })
  }

  /** From now on nothing waits. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    for (const { resolve } of this.#waiting.splice(0)) {
      resolve()
    }
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => this.#serve(), Math.max(0, this.#pace.freeAtMs - this.#now()))
  }

  /** One at a time: whoever had a turn may want the next one before the others. */
  #serve(): void {
    this.#timer = undefined
    const nowMs = this.#now()
    if (this.#pace.freeAtMs <= nowMs) {
      const next = this.#waiting.shift()
      this.#pace.reserve(next?.byteLength ?? 0, nowMs)
      next?.resolve()
    }
    if (this.#waiting.length > 0) {
      this.#wait()
    }
  }
}
