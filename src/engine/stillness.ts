/**
 * For how long a gathering has stood still although a connected peer could send what is missing. Pure.
 *
 * Everything that brings the gathering on counts: bytes that arrive here, and chunks that others receive or give away,
 * because a getter may have to wait for its turn while others are served. What others announce counts only if it goes
 * beyond what they announced before, and only for a limited time, so that news alone keeps no run alive for ever.
 */
import { MOVING_BYTES, NEWS_PATIENCE } from './constants.ts'
import type { Standing } from './standing.ts'

/** The longest time between two checks that counts: the process, or the machine, may have been asleep. */
const MAX_LOOK_MS = 5000

export class Stillness {
  /** Bytes received since it last moved. */
  #bytes = 0
  /** Since anything moved anywhere, and since anything arrived here. */
  #stillMs = 0
  #stillHereMs = 0
  #quietMs = 0
  #lookedAtMs = Number.POSITIVE_INFINITY

  get stillMs(): number {
    return Math.max(this.#stillMs, this.#stillHereMs / NEWS_PATIENCE)
  }

  /** For how long nothing has moved, whether or not a peer could have sent something. */
  get quietMs(): number {
    return this.#quietMs
  }

  /** Bytes arrived, of any kind. */
  onBytes(byteLength: number): void {
    this.#bytes += byteLength
    if (this.#bytes >= MOVING_BYTES) {
      this.onMoved()
    }
  }

  /** A chunk is here that was not. */
  onMoved(): void {
    this.#bytes = 0
    this.#stillMs = 0
    this.#quietMs = 0
    this.#stillHereMs = 0
  }

  /** A peer announced that it has this many chunks of all contents. @returns whether that is more than ever */
  onHeld(standing: Standing, chunks: number): boolean {
    const isMore = chunks > standing.mostHeld
    if (isMore) {
      standing.mostHeld = chunks
      this.#onNews()
    }
    return isMore
  }

  /** A peer announced that it has this many first copies to give. */
  onFresh(standing: Standing, chunks: number): void {
    if (chunks < standing.leastFresh) {
      standing.leastFresh = chunks
      this.#onNews()
    }
  }

  #onNews(): void {
    this.#stillMs = 0
    this.#quietMs = 0
  }

  /** To be called about once per second. @param waits whether something is missing that a peer could send now */
  look(waits: boolean, nowMs: number): void {
    const sinceMs = Math.max(0, nowMs - this.#lookedAtMs)
    const lookMs = Math.min(sinceMs, MAX_LOOK_MS)
    this.#quietMs += lookMs
    this.#stillMs += waits ? lookMs : 0
    this.#stillHereMs += waits ? lookMs : 0
    this.#lookedAtMs = nowMs
  }
}
