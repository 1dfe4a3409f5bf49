/**
 * For how long a gathering has stood still although there is somebody to ask. Pure: what happens goes in.
 *
 * Whatever brings it on counts: bytes that come here, and what others come by or give away, since a getter may have to
 * wait for its turn while others are served. What others tell counts as far as it goes beyond what they told before,
 * and for so long only, so that news alone keeps no run alive for ever.
 */
import { MOVING_BYTES, NEWS_PATIENCE } from './constants.ts'
import type { Standing } from './standing.ts'

/** No more of the time between two looks counts: the process, or the machine, may have been asleep. */
const MAX_LOOK_MS = 5000

export class Stillness {
  /** Of what came since it last moved. */
  #bytes = 0
  /** Since anything moved anywhere, and since anything came here. */
  #stillMs = 0
  #stillHereMs = 0
  #quietMs = 0
  #lookedAtMs = Number.POSITIVE_INFINITY

  get stillMs(): number {
    return Math.max(this.#stillMs, this.#stillHereMs / NEWS_PATIENCE)
  }

  /** For how long nothing has moved, whether or not somebody could have sent something. */
  get quietMs(): number {
    return this.#quietMs
  }

  /** Bytes came, whatever of. */
  onBytes(byteLength: number): void {
    this.#bytes += byteLength
    if (this.#bytes >= MOVING_BYTES) {
      this.onMoved()
    }
  }

  /** A chunk is held here that was not. */
  onMoved(): void {
    this.#bytes = 0
    this.#stillMs = 0
    this.#quietMs = 0
    this.#stillHereMs = 0
  }

  /** A peer told that it holds so many chunks of all contents. @returns whether these are more than ever */
  onHeld(standing: Standing, chunks: number): boolean {
    const isMore = chunks > standing.mostHeld
    if (isMore) {
      standing.mostHeld = chunks
      this.#onNews()
    }
    return isMore
  }

  /** A peer told that it has so many first copies to give. */
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

  /** To be called about once a second. @param waits whether something is missing that somebody could send now */
  look(waits: boolean, nowMs: number): void {
    const sinceMs = Math.max(0, nowMs - this.#lookedAtMs)
    const lookMs = Math.min(sinceMs, MAX_LOOK_MS)
    this.#quietMs += lookMs
    this.#stillMs += waits ? lookMs : 0
    this.#stillHereMs += waits ? lookMs : 0
    this.#lookedAtMs = nowMs
  }
}
