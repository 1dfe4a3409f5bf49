/**
 * Who may send next, at a pace: of the waiting senders, the one that began first. Side by side, each chunk of a slow
 * uplink would take as long as all of them; one after another, all but the last arrive sooner, and are passed on
 * sooner. Chunks that are taken in at a limit take turns in the same way.
 */

/** When the next piece may leave. */
export interface PieceTimes {
  readonly freeAtMs: number
  /** A piece leaves that was free to. */
  reserve(byteLength: number, nowMs: number): void
}

interface Waiting {
  byteLength: number
  sender: number
  resolve(): void
}

export class Turns {
  readonly #pace: PieceTimes
  readonly #now: () => number
  /** The first is next. At most one for each sender. */
  readonly #waiting: Waiting[] = []
  #begun = 0
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #stopped = false

  /** @param now milliseconds */
  constructor(pace: PieceTimes, now: () => number) {
    this.#pace = pace
    this.#now = now
  }

  /** A number for a new sender: the next one. */
  begin(): number {
    this.#begun++
    return this.#begun
  }

  /** Resolves when this many bytes may leave; undefined when they may at once. @param sender lower ones go first */
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

  /** The pace has changed: waiting senders follow the new one. */
  onPaceChanged(): void {
    this.#clear()
    if (this.#waiting.length > 0) {
      this.#wait()
    }
  }

  /** From now on nothing waits. */
  stop(): void {
    this.#stopped = true
    this.#clear()
    for (const { resolve } of this.#waiting.splice(0)) {
      resolve()
    }
  }

  /**
   * Timers fire at most once per millisecond: what is due already, such as after a late timer, does not wait for the
   * next.
   */
  #wait(): void {
    if (this.#timer !== undefined || this.#immediate !== undefined) {
      return
    }
    const leftMs = this.#pace.freeAtMs - this.#now()
    if (leftMs > 0) {
      this.#timer = setTimeout(() => this.#serve(), leftMs)
    } else {
      this.#immediate = setImmediate(() => this.#serve())
    }
  }

  #clear(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#timer = undefined
    this.#immediate = undefined
  }

  /** One at a time: a sender that had a turn may want the next one before the others. */
  #serve(): void {
    this.#clear()
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
