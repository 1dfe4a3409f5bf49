/**
 * The times of a peer's run: on its own clock, and on the swarm's once that is known. Pure: the caller passes the time.
 */

export interface RunClockInit {
  /** Milliseconds on any steady clock. */
  now(): number
  /** The difference from that to swarm time, in ms; undefined while it is not known. */
  offsetMs(): number | undefined
}

export class RunClock {
  readonly #init: RunClockInit
  readonly #createdAtMs: number
  #registeredAtMs: number | undefined

  constructor(init: RunClockInit) {
    this.#init = init
    this.#createdAtMs = init.now()
  }

  /** On this peer's own clock. */
  get nowMs(): number {
    return this.#init.now()
  }

  /** Swarm time; before it is known, the time since this peer was made. */
  get atMs(): number {
    return this.swarmTime(this.nowMs)
  }

  /** @param ownMs on this peer's own clock */
  swarmTime(ownMs: number): number {
    return ownMs + (this.#init.offsetMs() ?? -this.#createdAtMs)
  }

  /** The coordinator has registered this peer. @returns whether that is the first time */
  register(): boolean {
    const isFirst = this.#registeredAtMs === undefined
    this.#registeredAtMs ??= this.nowMs
    return isFirst
  }

  /** On this peer's own clock; 0 before. */
  get registeredAtMs(): number {
    return this.#registeredAtMs ?? 0
  }

  /** Since this peer was registered, or before that since it was made. */
  get elapsedMs(): number {
    return this.nowMs - (this.#registeredAtMs ?? this.#createdAtMs)
  }
}
