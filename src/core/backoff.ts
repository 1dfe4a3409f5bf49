/**
 * Waits between attempts: doubled each time up to a limit, with jitter so that many callers do not retry at one moment.
 */

export interface BackoffInit {
  firstMs: number
  limitMs: number
  random(): number
}

export class Backoff {
  readonly #init: BackoffInit
  #tries = 0

  constructor(init: BackoffInit) {
    this.#init = init
  }

  /** How long to wait before the next attempt, in ms: between half and all of the doubled time. */
  nextMs(): number {
    const { firstMs, limitMs, random } = this.#init
    const fullMs = Math.min(limitMs, firstMs * 2 ** this.#tries)
    this.#tries = Math.min(this.#tries + 1, 30)
    return fullMs * (0.5 + random() / 2)
  }

  reset(): void {
    this.#tries = 0
  }
}
