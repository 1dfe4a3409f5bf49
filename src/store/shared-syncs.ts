/**
 * Syncs of files and folders that share one sync of the whole file system if many wait at a time. Thousands of tiny
 * files then take a few dozen waits for the disk, not two each.
 *
 * A sync covers only what was done before it began: requests during one wait for the next one.
 */

/** With this many waiting or under way, one sync of everything is shorter than one of each. */
const MIN_TOGETHER = 8

/**
 * A sync of everything also waits for what other programs wrote. After one that took longer, each file waits for its
 * own bytes alone, for this many times as long.
 */
const LONG_MS = 2000
const PAUSE_FACTOR = 10

interface Waiting {
  alone(): Promise<void>
  resolve(done: Promise<void> | undefined): void
}

export class SharedSyncs {
  /** Undefined also once it has failed. */
  #syncAll: (() => Promise<void>) | undefined
  readonly #now: () => number
  #waiting: Waiting[] = []
  #immediate: NodeJS.Immediate | undefined
  /** Syncs of a single file or folder under way. */
  #alone = 0
  #isTogether = false
  #aloneUntilMs = Number.NEGATIVE_INFINITY

  /**
   * @param syncAll makes all that was written to the file system before the call durable; undefined if there is none
   */
  constructor(syncAll: (() => Promise<void>) | undefined, now: () => number = () => performance.now()) {
    this.#syncAll = syncAll
    this.#now = now
  }

  /**
   * Resolves when what was done before the call is durable.
   *
   * @param alone syncs only the file or folder concerned; its error is the caller's
   */
  sync(alone: () => Promise<void>): Promise<void> {
    if (this.#syncAll === undefined) {
      return alone()
    }
    return new Promise((resolve) => {
      this.#waiting.push({ alone, resolve })
      this.#schedule()
    })
  }

  #schedule(): void {
    if (!this.#isTogether && this.#waiting.length > 0) {
      this.#immediate ??= setImmediate(() => {
        this.#immediate = undefined
        void this.#begin()
      })
    }
  }

  async #begin(): Promise<void> {
    const round = this.#waiting
    this.#waiting = []
    if (
      this.#syncAll !== undefined &&
      round.length + this.#alone >= MIN_TOGETHER &&
      this.#now() >= this.#aloneUntilMs
    ) {
      this.#isTogether = true
      const isDone = await this.#tryTogether(this.#syncAll)
      this.#isTogether = false
      this.#schedule()
      if (isDone) {
        for (const { resolve } of round) {
          resolve(undefined)
        }
        return
      }
    }
    for (const { alone, resolve } of round) {
      resolve(this.#count(alone()))
    }
  }

  /**
   * An error does not say which file it concerns, and the system reports it only once: from then on each file is synced
   * alone and reports its own.
   */
  async #tryTogether(syncAll: () => Promise<void>): Promise<boolean> {
    const startedAtMs = this.#now()
    try {
      await syncAll()
    } catch {
      this.#syncAll = undefined
      return false
    }
    const endedAtMs = this.#now()
    if (endedAtMs - startedAtMs > LONG_MS) {
      this.#aloneUntilMs = endedAtMs + PAUSE_FACTOR * (endedAtMs - startedAtMs)
    }
    return true
  }

  async #count(sync: Promise<void>): Promise<void> {
    this.#alone++
    try {
      await sync
    } finally {
      this.#alone--
    }
  }
}
