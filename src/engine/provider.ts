/**
 * A remote as the one that is asked for chunks: what it owes, and whether it keeps this peer waiting too long. Pure.
 */
import { LATE_FACTOR, LATE_MIN_MS, RATE_SMOOTHING_MS, STALL_TIMEOUT_MS } from './constants.ts'
import { RateMeter } from './rate-meter.ts'
import type { Remote } from './remote.ts'

export interface Asked {
  atMs: number
  /** The longest time that the answer was expected to take. */
  expectedMs: number
  /** Since when the getter takes it back, and the provider that is to be asked instead. */
  cancelledAtMs: number | undefined
  takenFor: Remote | undefined
  /** The provider has announced the chunk again since: it lost the chunk, and has it again. */
  claimedAgain: boolean
}

export class Provider {
  /** Chunks asked for and not yet here. */
  readonly asked = new Map<number, Asked>()
  /** The same for slots: how many are open; and when the first of them was opened. */
  slots = 0
  slotsAtMs = Number.NEGATIVE_INFINITY
  /** How many of its asks and slots were not expected to be answered at the last check. */
  stuck = 0
  readonly meter = new RateMeter(RATE_SMOOTHING_MS)
  /** The usual time from an ask to the first byte of its answer, without the wait at the provider; smoothed. */
  roundTripMs: number | undefined
  /** Whether it may have first copies to give. */
  fresh = true
  takesRequests = true
  /** When it last sent a missing chunk, or came to owe one. */
  heardAtMs = Number.NEGATIVE_INFINITY

  get owes(): boolean {
    return this.asked.size + this.slots > 0
  }

  /** Whether it sends nothing although an ask is late. */
  isSilent(nowMs: number): boolean {
    const mayBe = this.asked.size > 0 && nowMs - this.heardAtMs > LATE_MIN_MS
    return mayBe && [...this.asked.values()].some((ask) => this.isUnanswered(ask, nowMs))
  }

  /** Whether an ask is late, and nothing else arrived since; or it does not even answer that the ask is taken back. */
  isUnanswered({ atMs, expectedMs, cancelledAtMs }: Asked, nowMs: number): boolean {
    const sinceMs = Math.min(cancelledAtMs ?? nowMs, Math.max(this.heardAtMs, atMs))
    return isLate(nowMs - sinceMs, expectedMs)
  }

  /** Since when it may have left an ask waiting; now if it owes none. */
  waitsSinceMs(nowMs: number): number {
    let sinceMs = this.asked.size > 0 ? this.heardAtMs : nowMs
    for (const { cancelledAtMs } of this.asked.values()) {
      sinceMs = Math.min(sinceMs, cancelledAtMs ?? sinceMs)
    }
    return sinceMs
  }

  /**
   * How many asks and slots are not expected to be answered: those of a silent provider, and slots without result for
   * long.
   */
  stuckAsks(nowMs: number): number {
    const slotsWait = nowMs - Math.max(this.slotsAtMs, this.heardAtMs) > STALL_TIMEOUT_MS
    return this.isSilent(nowMs) ? this.asked.size + this.slots : slotsWait ? this.slots : 0
  }
}

/** Whether an answer takes much longer than expected. */
export function isLate(elapsedMs: number, expectedMs: number): boolean {
  return elapsedMs > Math.max(LATE_MIN_MS, LATE_FACTOR * expectedMs)
}
