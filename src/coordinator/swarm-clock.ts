/** The swarm clock: it shows 0 at the start of a swarm, and keeps running when an unfinished swarm is carried on. */
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_INTERVAL_MS = 20

export interface Clocks {
  /** Milliseconds on any steady clock. */
  now(): number
  /** Milliseconds of the system's clock. */
  unixMs(): number
}

export class SwarmClock {
  /** The system's clock, in ms, when the swarm clock showed 0. */
  readonly zeroUnixMs: number
  readonly #now: () => number
  readonly #unixMs: () => number
  readonly #zeroMs: number

  /** @param zeroUnixMs of a swarm that is carried on */
  constructor({ now, unixMs }: Clocks, zeroUnixMs = unixMs()) {
    this.zeroUnixMs = zeroUnixMs
    this.#now = now
    this.#unixMs = unixMs
    // If the system's clock was set back since, the swarm's clock must not run backwards.
    this.#zeroMs = now() - Math.max(0, unixMs() - zeroUnixMs)
  }

  get atMs(): number {
    return this.#now() - this.#zeroMs
  }

  /** The system's clock. */
  get unixMs(): number {
    return this.#unixMs()
  }

  /** Checks the condition regularly, until it holds, the time is up or the signal aborts. */
  async until(isSo: () => boolean, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const deadlineMs = this.atMs + timeoutMs
    while (!isSo() && this.atMs < deadlineMs && signal?.aborted !== true) {
      await sleep(LOOK_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}
