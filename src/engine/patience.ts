/**
 * How long to leave a peer alone after it failed. Each failure adds to a debt that only useful work pays off, and the
 * pauses double with the debt. So a peer that fails for ever costs a bounded number of attempts. Pure.
 */
import { LONGEST_REST_MS, MAX_DEBT, RELIEF, RETRY_AFTER_MS } from './constants.ts'

export class Patience {
  #debt = 0
  #restsUntilMs = Number.NEGATIVE_INFINITY

  /**
   * It failed. Failures during a rest began earlier, and count as one with the first.
   *
   * @param weight what is added to its debt; it rests from a debt of 1 on
   */
  strain(weight: number, nowMs: number): void {
    if (weight === 0 || this.rests(nowMs)) {
      return
    }
    this.#debt = Math.min(MAX_DEBT, this.#debt + weight)
    if (this.#debt >= 1) {
      const restMs = RETRY_AFTER_MS * 2 ** (Math.floor(this.#debt) - 1)
      this.#restsUntilMs = nowMs + Math.min(LONGEST_REST_MS, restMs)
    }
  }

  /** It did what it was asked. A rest that has begun goes on. */
  relieve(): void {
    this.#debt = Math.max(0, this.#debt - RELIEF)
  }

  /** Whether it failed so often that nothing is expected of it for now. */
  get isDoubtful(): boolean {
    return this.#debt >= 1
  }

  /** Whether to leave it alone now. */
  rests(nowMs: number): boolean {
    return nowMs < this.#restsUntilMs
  }
}
