/**
 * How fast chunks are taken in, over all connections together: only this module applies a download limit. Data that is
 * not taken in yet stays in its stream, whose window then holds the sender back.
 */
import type { Intake } from '../../protocols/chunk/index.ts'
import { RateLimit } from '../sockets/rate-limit.ts'
import { Turns } from '../sockets/turns.ts'

export class LimitedIntake implements Intake {
  readonly #limit = new RateLimit()
  readonly #turns: Turns
  readonly #now: () => number

  /** @param now milliseconds */
  constructor(now: () => number) {
    this.#now = now
    this.#turns = new Turns(this.#limit, now)
  }

  get pieceByteLength(): number {
    return this.#limit.pieceByteLength
  }

  /** In bytes per second, from now on; undefined: no limit. */
  setLimit(bytesPerSecond: number | undefined): void {
    this.#limit.set(bytesPerSecond, this.#now())
    this.#turns.onPaceChanged()
  }

  begin(): number {
    return this.#turns.begin()
  }

  turn(byteLength: number, answer: number): Promise<void> | undefined {
    return this.#turns.take(byteLength, answer)
  }

  /** From now on nothing waits. */
  stop(): void {
    this.#turns.stop()
  }
}
