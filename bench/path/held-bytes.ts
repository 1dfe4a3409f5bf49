/** What is under way on one direction of a long path: bytes that come out in order, each as much later as the others. Pure. */

/**
 * A whole second of 1 Gbit/s would be 119 MiB; no path that this bench makes is longer than half a second each way.
 * Nothing is lost where it is not enough: the sender waits.
 */
const MAX_BYTE_LENGTH = 64 * 1024 * 1024

/** From here on a sender that waited may go on: not at every piece that leaves. */
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

  /** The next that has been under way long enough, if any. */
  take(nowMs: number): Uint8Array | undefined {
    const [first] = this.#held
    if (first === undefined || first.dueAtMs > nowMs) {
      return undefined
    }
    this.#held.shift()
    this.#byteLength -= first.bytes.byteLength
    return first.bytes
  }

  /** How long until the next is due; undefined where nothing is under way. */
  waitMs(nowMs: number): number | undefined {
    const [first] = this.#held
    return first && Math.max(0, first.dueAtMs - nowMs)
  }

  /** Whether its sender has to wait. */
  get full(): boolean {
    return this.#byteLength >= MAX_BYTE_LENGTH
  }

  /** Whether a sender that waited may go on. */
  get roomy(): boolean {
    return this.#byteLength <= RESUME_BYTE_LENGTH
  }
}
