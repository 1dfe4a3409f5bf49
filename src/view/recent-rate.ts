/** The throughput of the last seconds. Pure: the caller passes the time. */

/** From one chunk to the next, rates would jump. */
const WINDOW_MS = 3000

const STEP_MS = 250

const STEPS = WINDOW_MS / STEP_MS

export class RecentRate {
  readonly #bytes = new Float64Array(STEPS)
  #firstStep: number | undefined
  #step = 0

  add(byteLength: number, atMs: number): void {
    this.#move(atMs)
    if (this.#bytes.every((bytes) => bytes === 0)) {
      // After a pause it counts from now: the time without any bytes says nothing of the next ones.
      this.#firstStep = this.#step
    }
    this.#bytes[this.#step % STEPS] = (this.#bytes[this.#step % STEPS] ?? 0) + byteLength
  }

  bytesPerSecond(atMs: number): number {
    this.#move(atMs)
    const steps = Math.min(STEPS, this.#step - (this.#firstStep ?? this.#step) + 1)
    // The last step is not over yet.
    const durationMs = (steps - 1) * STEP_MS + (atMs - this.#step * STEP_MS)
    return (this.#bytes.reduce((sum, bytes) => sum + bytes, 0) * 1000) / Math.max(STEP_MS, durationMs)
  }

  #move(atMs: number): void {
    const step = Math.floor(atMs / STEP_MS)
    if (this.#firstStep === undefined || step < this.#step) {
      // The first time, or a clock that jumped backwards, as a peer's does with another coordinator.
      this.#firstStep = step
      this.#step = step
      this.#bytes.fill(0)
    }
    this.#step = Math.max(this.#step, step - STEPS)
    while (this.#step < step) {
      this.#step++
      this.#bytes[this.#step % STEPS] = 0
    }
  }
}
