/** What one provider owes a getter, and whether it lets the getter wait too long. Pure. */
import { LATE_FACTOR, LATE_MIN_MS, STALL_TIMEOUT_MS } from './constants.ts'
import type { Ask } from './downloads.ts'
import type { RateMeter } from './rate-meter.ts'

export interface Asked {
  /** As the scheduler gave it out. */
  readonly ask: Ask
  atMs: number
  /** How long the answer was expected to take at most. */
  expectedMs: number
  /** Since when the getter takes it back, and for which provider that is to be asked instead. */
  cancelledAtMs: number | undefined
  takenFor: string | undefined
  /** The provider has told of it once more since: it lost the chunk, and has it again. */
  toldAgain: boolean
}

export interface AskedProvider {
  readonly id: string
  /** Chunks asked for and not yet here. */
  readonly asked: Map<number, Asked>
  /** Of any of its first copies, likewise. */
  readonly slots: Set<Ask>
  /** When it came to owe the first of them. */
  slotsAtMs: number
  /** How many of its asks and slots nobody could count on at the last look. */
  stuck: number
  readonly meter: RateMeter
  /** The usual time from an ask to the first byte of its answer, without the wait at the provider; smoothed. */
  roundTripMs: number | undefined
  /** Whether it may have first copies to give. */
  fresh: boolean
  takesRequests: boolean
  /** When a chunk that was missing last came from it, or it came to owe one. */
  heardAtMs: number
}

/** Whether an answer takes much longer than it was expected to. */
export function isLate(elapsedMs: number, expectedMs: number): boolean {
  return elapsedMs > Math.max(LATE_MIN_MS, LATE_FACTOR * expectedMs)
}

/** Whether an ask is late, and nothing else came from the provider since; or it does not even answer that it is taken back. */
export function isUnanswered(
  { heardAtMs }: AskedProvider,
  { atMs, expectedMs, cancelledAtMs }: Asked,
  nowMs: number
): boolean {
  const sinceMs = Math.min(cancelledAtMs ?? nowMs, Math.max(heardAtMs, atMs))
  return isLate(nowMs - sinceMs, expectedMs)
}

/** Whether nothing comes from the provider although an ask is late. */
export function isSilent(provider: AskedProvider, nowMs: number): boolean {
  const mayBe = provider.asked.size > 0 && nowMs - provider.heardAtMs > LATE_MIN_MS
  return mayBe && [...provider.asked.values()].some((ask) => isUnanswered(provider, ask, nowMs))
}

/** Since when the provider may have let an ask wait; now if it owes none. */
export function waitsSinceMs({ asked, heardAtMs }: AskedProvider, nowMs: number): number {
  let sinceMs = asked.size > 0 ? heardAtMs : nowMs
  for (const { cancelledAtMs } of asked.values()) {
    sinceMs = Math.min(sinceMs, cancelledAtMs ?? sinceMs)
  }
  return sinceMs
}

/** How many asks and slots nobody can count on: those of one that is silent, and slots that nothing comes of for long. */
export function stuckAsks(provider: AskedProvider, nowMs: number): number {
  const { asked, slots, slotsAtMs, heardAtMs } = provider
  const slotsWait = nowMs - Math.max(slotsAtMs, heardAtMs) > STALL_TIMEOUT_MS
  return isSilent(provider, nowMs) ? asked.size + slots.size : slotsWait ? slots.size : 0
}
