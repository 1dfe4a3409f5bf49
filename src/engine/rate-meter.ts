/**
 * How fast bytes move, in bytes per second, smoothed over the time in which any were under way. Time in which nothing
 * had to move says nothing about a link and does not count. Pure: the caller says what time it is, in milliseconds.
 */
export class RateMeter {
  readonly #smoothingMs: number
  /** Bytes; older ones count for less. */
  #bytes = 0
  /** Busy time; older time counts for less. */
  #busyMs = 0
  /** The start of busy time that is not counted yet; undefined while idle. */
  #sinceMs: number | undefined

  /** @param smoothingMs bytes that moved this long ago count for a third of those that move now */
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

  /** Undefined while there is too little data. */
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
    // The integral of the weight of each moment since: as if time itself were smoothed like the bytes.
    this.#busyMs = this.#busyMs * kept + this.#smoothingMs * (1 - kept)
  }
}
