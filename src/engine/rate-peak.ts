/**
 * The highest rate at which bytes have passed over a while: a peer's estimate of its link without a configured
 * capacity. Pure: the caller passes the time.
 */

/** Shorter bursts show what buffers absorb, not what a link carries. */
const WINDOW_MS = 2000

/** The steps by which the window moves. */
const STEP_MS = 100

const STEPS = WINDOW_MS / STEP_MS

export class RatePeak {
  /** The bytes that had passed at the start of each of the last steps; step n is at n modulo their number. */
  readonly #passedBytes = new Float64Array(STEPS)
  #totalBytes = 0
  #firstStep: number | undefined
  #step = 0
  #peakBytes = 0

  /** Bytes passed at this time, which is no earlier than that of the call before. */
  add(byteLength: number, atMs: number): void {
    const step = Math.floor(atMs / STEP_MS)
    if (this.#firstStep === undefined) {
      this.#firstStep = step
      this.#step = step
    }
    while (this.#step < step) {
      this.#step++
      const windowBytes = this.#totalBytes - (this.#passedBytes[this.#step % STEPS] ?? 0)
      if (this.#step - this.#firstStep >= STEPS) {
        this.#peakBytes = Math.max(this.#peakBytes, windowBytes)
      }
      this.#passedBytes[this.#step % STEPS] = this.#totalBytes
    }
    this.#totalBytes += byteLength
  }

  /** Of the fullest window so far; undefined before the first one has passed. */
  get bytesPerSecond(): number | undefined {
    return this.#peakBytes === 0 ? undefined : (this.#peakBytes * 1000) / WINDOW_MS
  }
}
