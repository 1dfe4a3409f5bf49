/**
 * For how long a coordinator has been awake. While a laptop was suspended, or a process stopped, it could neither hear
 * its members nor answer them: that time counts against no member. Pure: the caller passes both clocks.
 */

/** It checks twice per second; a busy machine may delay that by seconds. */
const SLEPT_AFTER_MS = 10_000

/** Members lost this soon after a sleep gave the coordinator up during it, or do so once they notice. */
const LOST_BY_SLEEP_MS = 60_000

/**
 * Milliseconds of a steady clock, which may stand still in a suspended machine, and of the system's clock, which may be
 * set.
 */
export interface Look {
  atMs: number
  unixMs: number
}

export class Awake {
  #last: Look | undefined
  #awakeMs = 0
  #woken = { atAwakeMs: Number.NEGATIVE_INFINITY, sleptMs: 0 }
  readonly #sleptMs = new Map<string, number>()

  /** In ms, over all time between two checks. */
  get awakeMs(): number {
    return this.#awakeMs
  }

  /** How long it had slept when members were lost because of that, by PeerId, in ms; without those that returned. */
  get sleptMs(): ReadonlyMap<string, number> {
    return this.#sleptMs
  }

  /**
   * To be called regularly.
   *
   * @returns undefined while it is awake. After a sleep, its length by the clock that advanced further, and by the
   * steady one; a system's clock that was set forward looks like a sleep, and costs members nothing.
   */
  look(now: Look): { sleptMs: number; steadyMs: number } | undefined {
    const last = this.#last ?? now
    this.#last = now
    const steadyMs = Math.max(0, now.atMs - last.atMs)
    const sleptMs = Math.max(steadyMs, now.unixMs - last.unixMs)
    if (sleptMs > SLEPT_AFTER_MS) {
      this.#woken = { atAwakeMs: this.#awakeMs, sleptMs }
      return { sleptMs, steadyMs }
    }
    this.#awakeMs += steadyMs
    return undefined
  }

  onLost(peerId: string): void {
    if (this.#awakeMs - this.#woken.atAwakeMs < LOST_BY_SLEEP_MS) {
      this.#sleptMs.set(peerId, this.#woken.sleptMs)
    }
  }

  onBack(peerId: string): void {
    this.#sleptMs.delete(peerId)
  }
}
