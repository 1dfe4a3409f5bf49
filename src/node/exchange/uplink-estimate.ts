/**
 * What this peer's uplink carries, as far as it was seen: the most that its connections took in half a second, of the
 * last so many. A lower rate says little, since getters, or their links, may have wanted no more. Pure: the time comes
 * in.
 */

/** Shorter bursts are what buffers take in, not what a link carries. */
const WINDOW_MS = 500

/** Windows that are remembered: ten seconds in which something was sent. A link that carries less is believed then. */
const WINDOWS = 20

export class UplinkEstimate {
  /** Of the last windows in which anything was taken, how many bytes. */
  readonly #windows: number[] = []
  #estimate: number | undefined
  #bytes = 0
  #windowAtMs: number | undefined

  /** @param bytesPerSecond what the uplink is said to carry, until more is known */
  constructor(bytesPerSecond: number | undefined) {
    this.#estimate = bytesPerSecond
  }

  /** Undefined before anything can be said. */
  get bytesPerSecond(): number | undefined {
    return this.#estimate
  }

  /** The connections took so many bytes. */
  add(byteLength: number, nowMs: number): void {
    this.#windowAtMs ??= nowMs
    if (nowMs - this.#windowAtMs >= WINDOW_MS) {
      this.#windows.push(this.#bytes)
      this.#windows.splice(0, this.#windows.length - WINDOWS)
      this.#estimate = (1000 * Math.max(...this.#windows)) / WINDOW_MS
      // Windows follow one another while bytes flow; after a pause the next one begins with the first byte.
      const pausedMs = nowMs - this.#windowAtMs - WINDOW_MS
      this.#windowAtMs = pausedMs < WINDOW_MS ? nowMs - pausedMs : nowMs
      this.#bytes = 0
    }
    this.#bytes += byteLength
  }

  /** Whether so much of it is in use: as the last whole window was, or this one already is. */
  isUsed(part: number, nowMs: number): boolean {
    const enough = part * (((this.#estimate ?? Number.POSITIVE_INFINITY) * WINDOW_MS) / 1000)
    const recent = this.#windowAtMs !== undefined && nowMs - this.#windowAtMs < 2 * WINDOW_MS
    return recent && Math.max(this.#bytes, this.#windows.at(-1) ?? 0) >= enough
  }
}
