/**
 * How long to leave a remote alone after it failed. Each failure adds to a debt that only what the remote did well pays
 * off, and the pauses double with the debt: a remote that fails for ever costs a bounded number of tries. The debt
 * outlives the connection. Pure.
 */
import { LONGEST_REST_MS, MAX_DEBT, RELIEF, RETRY_AFTER_MS } from './constants.ts'

interface Record {
  debt: number
  restsUntilMs: number
}

export class Patience {
  /** By remote; only those that failed since they last paid off everything. */
  readonly #records = new Map<string, Record>()

  /**
   * A remote failed. What fails while it rests was begun before, and counts as one failure with the first.
   *
   * @param weight what is added to its debt; it rests from a debt of 1 on
   */
  strain(id: string, weight: number, nowMs: number): void {
    const record = this.#records.get(id) ?? { debt: 0, restsUntilMs: Number.NEGATIVE_INFINITY }
    if (weight === 0 || nowMs < record.restsUntilMs) {
      return
    }
    this.#records.set(id, record)
    record.debt = Math.min(MAX_DEBT, record.debt + weight)
    if (record.debt >= 1) {
      const restMs = RETRY_AFTER_MS * 2 ** (Math.floor(record.debt) - 1)
      record.restsUntilMs = nowMs + Math.min(LONGEST_REST_MS, restMs)
    }
  }

  /** A remote did what was wanted of it. A rest that has begun goes on. */
  relieve(id: string): void {
    const record = this.#records.get(id)
    if (record !== undefined) {
      record.debt = Math.max(0, record.debt - RELIEF)
    }
  }

  /** Whether it failed so often that nothing is expected of it for now. */
  isDoubtful(id: string): boolean {
    return (this.#records.get(id)?.debt ?? 0) >= 1
  }

  /** Whether it is to be left alone now. */
  rests(id: string, nowMs: number): boolean {
    return nowMs < (this.#records.get(id)?.restsUntilMs ?? Number.NEGATIVE_INFINITY)
  }
}
