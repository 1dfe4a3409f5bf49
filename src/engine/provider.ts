/** A remote as the one that is asked for chunks: what it owes, and whether it lets this peer wait too long. Pure. */
import { LATE_FACTOR, LATE_MIN_MS, RATE_SMOOTHING_MS, STALL_TIMEOUT_MS } from './constants.ts'
import { RateMeter } from './rate-meter.ts'
import type { Remote } from './remote.ts'

export interface Asked {
  atMs: number
  /** How long the answer was expected to take at most. */
  expectedMs: number
  /** Since when the getter takes it back, and for whom, who is to be asked instead. */
  cancelledAtMs: number | undefined
  takenFor: Remote | undefined
  /** The provider has told of it once more since: it lost the chunk, and has it again. */
  claimedAgain: boolean
}

export class Provider {
  /** Chunks asked for and not yet here. */
  readonly asked = new Map<number, Asked>()
  /** Of any of its first copies, likewise, how many; and when it came to owe the first of them. */
  slots = 0
  slotsAtMs = Number.NEGATIVE_INFINITY
  /** How many of its asks and slots nobody could count on at the last look. */
  stuck = 0
  readonly meter = new RateMeter(RATE_SMOOTHING_MS)
  /** The usual time from an ask to the first byte of its answer, without the wait at the provider; smoothed. */
  roundTripMs: number | undefined
  /** Whether it may have first copies to give. */
  fresh = true
  takesRequests = true
  /** When a chunk that was missing last came from it, or it came to owe one. */
  heardAtMs = Number.NEGATIVE_INFINITY

  get owes(): boolean {
    return this.asked.size + this.slots > 0
  }

  /** Whether nothing comes from it although an ask is late. */
  isSilent(nowMs: number): boolean {
    const mayBe = this.asked.size > 0 && nowMs - this.heardAtMs > LATE_MIN_MS
    return mayBe && [...this.asked.values()].some((ask) => this.isUnanswered(ask, nowMs))
  }

  /** Whether an ask is late, and nothing else came since; or it does not even answer that it is taken back. */
  isUnanswered({ atMs, expectedMs, cancelledAtMs }: Asked, nowMs: number): boolean {
    const sinceMs = Math.min(cancelledAtMs ?? nowMs, Math.max(this.heardAtMs, atMs))
    return isLate(nowMs - sinceMs, expectedMs)
  }

  /** Since when it may have let an ask wait; now if it owes none. */
  waitsSinceMs(nowMs: number): number {
    let sinceMs = this.asked.size > 0 ? this.heardAtMs : nowMs
    for (const { cancelledAtMs } of this.asked.values()) {
      sinceMs = Math.min(sinceMs, cancelledAtMs ?? sinceMs)
    }
    return sinceMs
  }

  /** How many asks and slots nobody can count on: those of one that is silent, and slots that nothing comes of for long. */
  stuckAsks(nowMs: number): number {
    const slotsWait = nowMs - Math.max(this.slotsAtMs, this.heardAtMs) > STALL_TIMEOUT_MS
    return this.isSilent(nowMs) ? this.asked.size + this.slots : slotsWait ? this.slots : 0
  }
}

/** Whether an answer takes much longer than it was expected to. */
export function isLate(elapsedMs: number, expectedMs: number): boolean {
  return elapsedMs > Math.max(LATE_MIN_MS, LATE_FACTOR * expectedMs)
}
