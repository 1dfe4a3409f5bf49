/**
 * A limit of bytes per second: when the next piece may pass. Pure: the caller passes the time.
 *
 * In any period t no more passes than the limit times t + CATCH_UP_MS, and one piece: 105 % in 5 s, and 105 % in a
 * second in which no sender was late.
 */

/** How much a late sender may catch up: an event loop on a busy machine, or a chunk read from a busy disk. */
const CATCH_UP_MS = 250

/** After a pause no more has been saved up than this. */
const BURST_MS = 45

/** Anything longer is a pause. */
const PAUSE_MS = 500

/** The time that a piece takes to pass, so that others can come in between. */
const PIECE_MS = 4

/** A shorter piece would cost more for its frame than it is worth; 16 ms at the lowest limit. */
const MIN_PIECE_BYTE_LENGTH = 1024

/** Beyond this a piece counts as instantaneous: a chunk of the usual length, in 2 ms of 1 Gbit/s. */
const MAX_PIECE_BYTE_LENGTH = 256 * 1024

export class RateLimit {
  #bytesPerSecond = Number.POSITIVE_INFINITY
  #freeAtMs = Number.NEGATIVE_INFINITY
  #passedAtMs = Number.NEGATIVE_INFINITY

  /** Infinite while there is none. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** The length of the pieces; infinite while there is no limit. */
  get pieceByteLength(): number {
    const bytes = (this.#bytesPerSecond * PIECE_MS) / 1000
    return Number.isFinite(bytes)
      ? Math.round(Math.min(MAX_PIECE_BYTE_LENGTH, Math.max(MIN_PIECE_BYTE_LENGTH, bytes)))
      : Number.POSITIVE_INFINITY
  }

  /** When the next piece may pass. */
  get freeAtMs(): number {
    return this.#freeAtMs
  }

  /** From now on; undefined: there is none. What has passed is paid for at the new rate. */
  set(bytesPerSecond: number | undefined, nowMs: number): void {
    const last = this.#bytesPerSecond
    this.#bytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY
    // Bytes that passed while there was no limit owe nothing, and have saved nothing either.
    const owedMs = Number.isFinite(last) ? this.#freeAtMs - nowMs : 0
    this.#freeAtMs = nowMs + (owedMs > 0 ? (owedMs * last) / this.#bytesPerSecond : owedMs)
  }

  /** A piece passes that was free to. */
  reserve(byteLength: number, nowMs: number): void {
    const savedMs = nowMs - this.#passedAtMs > PAUSE_MS ? BURST_MS : CATCH_UP_MS
    const atMs = Math.max(this.#freeAtMs, nowMs - savedMs)
    this.#passedAtMs = nowMs
    this.#freeAtMs = atMs + (1000 * byteLength) / this.#bytesPerSecond
  }
}
