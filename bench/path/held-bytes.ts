/** The bytes in flight in one direction of a long path: they leave in order, each after the same delay. Pure. */

/**
 * A whole second of 1 Gbit/s would be 119 MiB; no path of this benchmark is longer than half a second each way. If it
 * is not enough, nothing is lost: the sender waits.
 */
const MAX_BYTE_LENGTH = 64 * 1024 * 1024

/** Below this a waiting sender may continue: not at every piece that leaves. */
const RESUME_BYTE_LENGTH = MAX_BYTE_LENGTH / 2

interface Held {
  bytes: Uint8Array
  dueAtMs: number
}

export class HeldBytes {
  readonly #delayMs: number
  #held: Held[] = []
  #byteLength = 0

  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  put(bytes: Uint8Array, nowMs: number): void {
    this.#held.push({ bytes, dueAtMs: nowMs + this.#delayMs })
    this.#byteLength += bytes.byteLength
  }

  /** The next piece that has been in flight long enough, if any. */
  take(nowMs: number): Uint8Array | undefined {
    const [first] = this.#held
    if (first === undefined || first.dueAtMs > nowMs) {
      return undefined
    }
    this.#held.shift()
    this.#byteLength -= first.bytes.byteLength
    return first.bytes
  }

  /** The time until the next piece is due; undefined if nothing is in flight. */
  waitMs(nowMs: number): number | undefined {
    const [first] = this.#held
    return first && Math.max(0, first.dueAtMs - nowMs)
  }

  /** Whether its sender must wait. */
  get full(): boolean {
    return this.#byteLength >= MAX_BYTE_LENGTH
  }

  /** Whether a waiting sender may continue. */
  get roomy(): boolean {
    return this.#byteLength <= RESUME_BYTE_LENGTH
  }
}
