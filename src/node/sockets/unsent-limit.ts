/**
 * How much may wait unsent in the kernel for one TCP connection, by its recent throughput. Pure: the caller passes the
 * time.
 *
 * Bytes that wait there leave before any later ask, have or chunk, so on a slow link there must be few of them. On a
 * fast one there must be enough for the link never to run dry before the event loop refills it. Both mean the same: a
 * length in time.
 */

/** How often a limit is checked. */
export const PERIOD_MS = 500

/** Before anything is known of the link: 50 ms of 20 Mbit/s, and enough for a fast one until the first check. */
const FIRST_BYTE_LENGTH = 128 * 1024

/**
 * One frame of Noise's, and 50 ms of 10 Mbit/s. With less the event loop would have to refill it for every few packets.
 */
const MIN_BYTE_LENGTH = 64 * 1024

/** As much as Linux lets a send buffer grow by itself (`tcp_wmem`). */
const MAX_BYTE_LENGTH = 4 * 1024 * 1024

/**
 * How long the link may feed on it. Linux asks for more when half of it is sent, which leaves the event loop 25 ms to
 * react: it needs a few. For the same reason a limit that is too low for a fast link does not stay so: within one
 * period the link takes the limit several times, and gets a higher one.
 */
const COVERED_MS = 50

/** The fastest of this many periods counts: a scheduler serves now this peer, now that one. */
const RATES_KEPT = 4

/** Less time than this says nothing of a rate; it counts with the next period. */
const MIN_PERIOD_MS = PERIOD_MS / 2

/** Smaller changes are not worth a call. */
const MIN_CHANGE = 1 / 4

/** What a socket reports about itself. */
export interface SocketState {
  /** The bytes that it has taken since it was opened. */
  takenByteLength: number
  /** Whether it was given more than it has taken. */
  isHeldUp: boolean
}

/** @param bytesPerSecond the socket's recent throughput */
export function unsentLimitOf(bytesPerSecond: readonly number[]): number {
  if (bytesPerSecond.length === 0) {
    return FIRST_BYTE_LENGTH
  }
  const covering = (Math.max(...bytesPerSecond) * COVERED_MS) / 1000
  return Math.round(Math.min(MAX_BYTE_LENGTH, Math.max(MIN_BYTE_LENGTH, covering)))
}

export class UnsentLimit {
  /** The last periods in which there was more to send than the limit. */
  readonly #bytesPerSecond: number[] = []
  #byteLength = unsentLimitOf([])
  #takenByteLength: number
  #sinceMs: number

  constructor({ takenByteLength }: SocketState, nowMs: number) {
    this.#takenByteLength = takenByteLength
    this.#sinceMs = nowMs
  }

  get byteLength(): number {
    return this.#byteLength
  }

  /** @returns whether the limit has changed */
  update({ takenByteLength, isHeldUp }: SocketState, nowMs: number): boolean {
    const elapsedMs = nowMs - this.#sinceMs
    if (elapsedMs < MIN_PERIOD_MS) {
      return false
    }
    const byteLength = takenByteLength - this.#takenByteLength
    this.#takenByteLength = takenByteLength
    this.#sinceMs = nowMs
    if (!isHeldUp && byteLength < this.#byteLength) {
      // There was little to send, which says nothing of the link.
      return false
    }
    this.#bytesPerSecond.push((1000 * byteLength) / elapsedMs)
    if (this.#bytesPerSecond.length > RATES_KEPT) {
      this.#bytesPerSecond.shift()
    }
    return this.#change(unsentLimitOf(this.#bytesPerSecond))
  }

  #change(wanted: number): boolean {
    if (Math.abs(wanted - this.#byteLength) <= this.#byteLength * MIN_CHANGE) {
      return false
    }
    this.#byteLength = wanted
    return true
  }
}
