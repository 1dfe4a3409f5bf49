/** The virtual clock: a queue of future events; no time passes between them. */
import { PriorityQueue, type QueueEntry } from './priority-queue.ts'

/** An event at a time. */
export class Timer implements QueueEntry {
  key = Number.POSITIVE_INFINITY
  order = 0
  slot = -1
  readonly run: () => void

  constructor(run: () => void) {
    this.run = run
  }

  get pending(): boolean {
    return this.slot >= 0
  }
}

export class VirtualClock {
  readonly #timers = new PriorityQueue<Timer>()
  #nowMs = 0
  #order = 0

  get nowMs(): number {
    return this.#nowMs
  }

  /** Runs something once, at the given time; events of the same time run in the order in which they were set. */
  at(atMs: number, run: () => void): void {
    this.set(new Timer(run), atMs)
  }

  /** Sets a timer, or moves it if it is set; an infinite time clears it. */
  set(timer: Timer, atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) {
      this.#timers.remove(timer)
      return
    }
    timer.key = Math.max(atMs, this.#nowMs)
    timer.order = this.#order++
    this.#timers.place(timer)
  }

  /** Runs the next event. @returns false when nothing is set */
  step(): boolean {
    const timer = this.#timers.first
    if (timer === undefined) {
      return false
    }
    this.#timers.remove(timer)
    this.#nowMs = timer.key
    timer.run()
    return true
  }
}
