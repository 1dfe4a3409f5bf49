/**
 * The fastest that bytes have passed for a while: what a peer knows of its line when nobody has told it. Pure: the
 * time comes in.
 */

/** Shorter bursts are what buffers take in, not what a line carries. */
const WINDOW_MS = 2000

/** The steps in which the window moves on. */
const STEP_MS = 100

const STEPS = WINDOW_MS / STEP_MS

export class RatePeak {
  /** The bytes that had passed when each of the last steps began; step n at n modulo their number. */
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
