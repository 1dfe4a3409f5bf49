/**
 * What this peer's uplink carries, as far as it was seen: the most that its connections took over a while, of the last
 * so many. A lower rate says little, since getters, or their links, may have wanted no more. Pure: the time comes in.
 */

/** Shorter bursts are what buffers take in, not what a link carries. */
const WINDOW_MS = 500

/** Fewer say too little, since one more or less is taken within the window by chance. */
const WINDOW_CHUNKS = 16

/** Windows that are remembered: ten seconds in which something was sent. A link that carries less is believed then. */
const WINDOWS = 12

/** After a pause of this length a window begins anew: what was not sent is no measure of the link. */
const PAUSE_MS = 1000

export interface UplinkEstimateInit {
  /** What the uplink is said to carry, until more is known. */
  bytesPerSecond: number | undefined
  chunkByteLength: number
}

export class UplinkEstimate {
  readonly #chunkByteLength: number
  /** Of the last windows, in bytes per second. */
  readonly #windows: number[] = []
  #estimate: number | undefined
  #bytes = 0
  #beganAtMs: number | undefined
  #addedAtMs = 0

  constructor({ bytesPerSecond, chunkByteLength }: UplinkEstimateInit) {
    this.#estimate = bytesPerSecond
    this.#chunkByteLength = chunkByteLength
  }

  /** Undefined before anything can be said. */
  get bytesPerSecond(): number | undefined {
    return this.#estimate
  }

  /** The connections took so many bytes. */
  add(byteLength: number, nowMs: number): void {
    const paused = nowMs - this.#addedAtMs > PAUSE_MS
    this.#addedAtMs = nowMs
    if (this.#beganAtMs === undefined || paused) {
      // What is taken now was begun before; the time is counted from here.
      this.#beganAtMs = nowMs
      this.#bytes = 0
      return
    }
    this.#bytes += byteLength
    const elapsedMs = nowMs - this.#beganAtMs
    if (elapsedMs >= WINDOW_MS && this.#bytes >= WINDOW_CHUNKS * this.#chunkByteLength) {
      this.#windows.push((1000 * this.#bytes) / elapsedMs)
      this.#windows.splice(0, this.#windows.length - WINDOWS)
      this.#estimate = Math.max(...this.#windows)
      this.#beganAtMs = nowMs
      this.#bytes = 0
    }
  }

  /** Whether so much of it is in use. */
  isUsed(part: number, nowMs: number): boolean {
    const recent = nowMs - this.#addedAtMs < PAUSE_MS
    return recent && (this.#windows.at(-1) ?? 0) >= part * (this.#estimate ?? Number.POSITIVE_INFINITY)
  }
}
