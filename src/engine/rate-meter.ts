/**
 * How fast bytes move, in bytes per second, smoothed over the time in which any were under way. Time in which nothing
 * was to be moved says nothing of a link and is not counted. Pure: the caller says what time it is, in milliseconds.
 */
export class RateMeter {
  readonly #smoothingMs: number
  /** Bytes, older ones counted for less. */
  #bytes = 0
  /** Busy time, older time counted for less. */
  #busyMs = 0
  /** Since when it is busy and not counted; undefined while it is idle. */
  #sinceMs: number | undefined

  /** @param smoothingMs what moved this long ago counts for a third of what moves now */
  constructor(smoothingMs: number) {
    this.#smoothingMs = smoothingMs
  }

  /** From now on something is under way, or nothing is. */
  setBusy(busy: boolean, nowMs: number): void {
    this.#elapse(nowMs)
    this.#sinceMs = busy ? nowMs : undefined
  }

  add(byteLength: number, nowMs: number): void {
    this.#elapse(nowMs)
    this.#bytes += byteLength
  }

  /** Undefined before anything can be said. */
  bytesPerSecond(nowMs: number): number | undefined {
    this.#elapse(nowMs)
    return this.#bytes > 0 && this.#busyMs > 0 ? (1000 * this.#bytes) / this.#busyMs : undefined
  }

  #elapse(nowMs: number): void {
    if (this.#sinceMs === undefined || nowMs <= this.#sinceMs) {
      return
    }
    const elapsedMs = nowMs - this.#sinceMs
    this.#sinceMs = nowMs
    const kept = Math.exp(-elapsedMs / this.#smoothingMs)
    this.#bytes *= kept
    // The integral of what is kept of each moment since: as if time itself were smoothed like the bytes.
    this.#busyMs = this.#busyMs * kept + this.#smoothingMs * (1 - kept)
  }
}
