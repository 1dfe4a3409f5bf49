/**
 * A limit of bytes per second: when the next piece may pass. Pure: the time comes in.
 *
 * Over any time of t no more passes than the limit times t + CATCH_UP_MS, and one piece: 105 % in 5 s, and 105 % in a
 * second where nobody came round late.
 */

/** Whoever comes round late may catch up so much: an event loop on a busy machine, or a chunk read from a busy disk. */
const CATCH_UP_MS = 250

/** After a pause no more has been saved up than this. */
const BURST_MS = 45

/** What is longer is a pause. */
const PAUSE_MS = 500

/** What a piece takes to pass, so that others come in between. */
const PIECE_MS = 4

/** Less would cost more for its frame than it is worth; 16 ms at the lowest limit. */
const MIN_PIECE_BYTE_LENGTH = 1024

/** Beyond this a piece is as good as nothing: a chunk of the usual length, in 2 ms of 1 Gbit/s. */
const MAX_PIECE_BYTE_LENGTH = 256 * 1024

export class RateLimit {
  #bytesPerSecond = Number.POSITIVE_INFINITY
  #freeAtMs = Number.NEGATIVE_INFINITY
  #passedAtMs = Number.NEGATIVE_INFINITY

  /** Infinite while there is none. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** In what pieces bytes pass; infinite while there is no limit. */
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
    // What was passed while there was no limit owes nothing, and has saved nothing either.
    const owedMs = Number.isFinite(last) ? this.#freeAtMs - nowMs : 0
    this.#freeAtMs = nowMs + (owedMs > 0 ? (owedMs * last) / this.#bytesPerSecond : owedMs)
  }

  /** A piece passes, which was free to. */
  reserve(byteLength: number, nowMs: number): void {
    const savedMs = nowMs - this.#passedAtMs > PAUSE_MS ? BURST_MS : CATCH_UP_MS
    const atMs = Math.max(this.#freeAtMs, nowMs - savedMs)
    this.#passedAtMs = nowMs
    this.#freeAtMs = atMs + (1000 * byteLength) / this.#bytesPerSecond
  }
}
