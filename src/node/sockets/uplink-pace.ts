/**
 * How fast chunks leave, so that they do not queue in front of the uplink. Pure: the time comes in.
 *
 * Whatever TCP is given, it sends until a queue on the way is full. Everything else then waits behind that: asks, news,
 * and the acknowledgements of what comes in, so that receiving slows down as well; and several connections that fill
 * one queue share it as chance has it. So as soon as bytes are seen to wait, chunks leave at what the uplink carries,
 * and hardly anything waits. Each look compares how long bytes take now with how long they took at best.
 */

/** How often the sockets are looked at. */
export const LOOK_MS = 100

/** Before anything is seen: 20 Mbit/s, and twice as much with each look, until bytes are seen to wait. */
const FIRST_BYTES_PER_SECOND = 2_500_000

/** From here on nothing is held back: 4 Gbit/s. */
const MAX_BYTES_PER_SECOND = 500_000_000

/** While the pace is sought, what leaves at less than this part of it is not held back by it. */
const SEEKING_PART = 0.5

/** Bytes wait when the last one takes so much longer than at best: above what one piece and a busy receiver add. */
const STANDING_MS = 6

/** Down to this delay the pace is below what the uplink carries, so that a queue of this peer's never stands for long. */
const TARGET_MS = 5

/** A delay that is too long by so much has the pace lowered by all of itself. */
const GAIN_MS = 150

/** It is lowered to this part at the least, with which a queue of 50 ms is gone within a second. */
const MIN_PART = 0.92

/** A look that sees nothing wait has the pace raised by this part, the next one by twice as much, and so on. */
const RAISE = 0.02

const MAX_RAISE = 0.25

/** What leaves at less than this part of the pace is not held back by it, or does not get through. */
const USED_PART = 0.9

/** Rates are those of so many looks together. */
const RATE_LOOKS = 3

/** The uplink carries what it carried at best within the last so many looks. */
const CAPACITY_LOOKS = 100

/** After so many looks in a row in which bytes waited and did not get through, it carries no more than these. */
const SLOWER_LOOKS = 5

/** A delay that stays although less was sent for so many looks is not of this peer's making, and to be lived with. */
const FOREIGN_LOOKS = 30

/** Fewer bytes of one socket in a look say nothing of its delay. */
const MIN_BULK_BYTE_LENGTH = 4 * 1024

/** And less than this part of all. */
const MIN_BULK_PART = 0.05

/** What a piece takes to leave, so that others come in between. */
const PIECE_MS = 4

const MIN_PIECE_BYTE_LENGTH = 8 * 1024

const MAX_PIECE_BYTE_LENGTH = 64 * 1024

/** A sender that comes round late may catch up so much. */
const BURST_MS = 8

/** What the system tells of a TCP connection. */
export interface SocketProgress {
  /** What the other side has acknowledged since the connection was made. */
  ackedByteLength: number
  /** What the system has taken and not sent yet. */
  unsentByteLength: number
  /** From a byte's leaving to its acknowledgement, smoothed. */
  roundTripMs: number
}

interface Seen {
  ackedByteLength: number
  /** The shortest round trip. */
  bestMs: number
}

interface Look {
  byteLength: number
  elapsedMs: number
}

export class UplinkPace {
  readonly #seen = new WeakMap<object, Seen>()
  /** The latest. */
  readonly #looks: Look[] = []
  /** What left per second, as of the latest looks. */
  readonly #rates: number[] = []
  /** No queue was seen yet. */
  #isSeeking = true
  /** How many looks in a row have seen bytes wait. */
  #standingLooks = 0
  /** How many have not. */
  #freeLooks = 0
  #bytesPerSecond = FIRST_BYTES_PER_SECOND
  #lookedAtMs: number | undefined
  /** When the next piece may leave. */
  #freeAtMs = 0

  /** Infinite while nothing is held back. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** In what pieces a chunk leaves; infinite while nothing is held back. */
  get pieceByteLength(): number {
    const bytes = (this.#bytesPerSecond * PIECE_MS) / 1000
    return Number.isFinite(bytes)
      ? Math.round(Math.min(MAX_PIECE_BYTE_LENGTH, Math.max(MIN_PIECE_BYTE_LENGTH, bytes)))
      : Number.POSITIVE_INFINITY
  }

  /** Takes its turn for a piece. @returns when it may leave */
  reserve(byteLength: number, nowMs: number): number {
    const atMs = Math.max(this.#freeAtMs, nowMs - BURST_MS)
    this.#freeAtMs = atMs + (1000 * byteLength) / this.#bytesPerSecond
    return atMs
  }

  /** To be called every LOOK_MS with all sockets, each known by an object of its own. */
  look(sockets: ReadonlyMap<object, SocketProgress>, nowMs: number): void {
    const elapsedMs = nowMs - (this.#lookedAtMs ?? nowMs)
    this.#lookedAtMs = nowMs
    const moved = [...sockets].map(([socket, progress]) => this.#movedOf(socket, progress))
    const byteLength = moved.reduce((sum, socket) => sum + socket.byteLength, 0)
    const bulk = moved.filter(
      (socket) => socket.byteLength >= Math.max(MIN_BULK_BYTE_LENGTH, MIN_BULK_PART * byteLength)
    )
    if (elapsedMs <= 0 || bulk.length === 0) {
      this.#standingLooks = 0
      return
    }
    this.#count({ byteLength, elapsedMs })
    // The queue in front of the uplink is all sockets'; what one alone sees is its receiver's.
    const delayMs = Math.min(
      ...bulk.map((socket) => socket.queuedMs + (elapsedMs * socket.unsentByteLength) / socket.byteLength)
    )
    const bytesPerSecond = (1000 * byteLength) / elapsedMs
    const isUsed = bytesPerSecond >= (this.#isSeeking ? SEEKING_PART : USED_PART) * this.#bytesPerSecond
    if (delayMs > STANDING_MS) {
      this.#lower(delayMs, isUsed)
    } else {
      this.#raise(isUsed)
    }
    if (this.#standingLooks > FOREIGN_LOOKS) {
      this.#standingLooks = 0
      for (const [socket, { ackedByteLength, roundTripMs }] of sockets) {
        this.#seen.set(socket, { ackedByteLength, bestMs: roundTripMs })
      }
    }
  }

  #movedOf(
    socket: object,
    { ackedByteLength, unsentByteLength, roundTripMs }: SocketProgress
  ): { byteLength: number; queuedMs: number; unsentByteLength: number } {
    const seen = this.#seen.get(socket)
    const bestMs = Math.min(seen?.bestMs ?? roundTripMs, roundTripMs)
    this.#seen.set(socket, { ackedByteLength, bestMs })
    return {
      byteLength: ackedByteLength - (seen?.ackedByteLength ?? ackedByteLength),
      queuedMs: roundTripMs - bestMs,
      unsentByteLength
    }
  }

  #count(look: Look): void {
    this.#looks.push(look)
    this.#looks.splice(0, this.#looks.length - RATE_LOOKS)
    this.#rates.push(this.#rate)
    this.#rates.splice(0, this.#rates.length - CAPACITY_LOOKS)
  }

  /** What left per second, in the latest looks. */
  get #rate(): number {
    const byteLength = this.#looks.reduce((sum, look) => sum + look.byteLength, 0)
    return (1000 * byteLength) / this.#looks.reduce((sum, look) => sum + look.elapsedMs, 0)
  }

  /** Bytes wait: back to a little less than the uplink carries. */
  #lower(delayMs: number, isUsed: boolean): void {
    this.#freeLooks = 0
    this.#standingLooks++
    const isStuck = !isUsed && this.#standingLooks > SLOWER_LOOKS
    if (this.#isSeeking && !isStuck && !(isUsed && this.#standingLooks > 1)) {
      // A burst, or too few bytes to make a queue.
      return
    }
    if (this.#isSeeking) {
      // Those before were looks at a lower pace.
      this.#looks.splice(0, this.#looks.length - 2)
    }
    if (this.#isSeeking || isStuck) {
      this.#rates.splice(0, this.#rates.length, this.#rate)
    }
    this.#isSeeking = false
    const part = 1 - (delayMs - TARGET_MS) / GAIN_MS
    this.#bytesPerSecond = Math.max(...this.#rates) * Math.max(MIN_PART, part)
  }

  /** Nothing waits: if that is what was sent, more of it may be. */
  #raise(isUsed: boolean): void {
    this.#standingLooks = 0
    if (isUsed) {
      this.#freeLooks++
      const part = this.#isSeeking ? 1 : Math.min(MAX_RAISE, RAISE * this.#freeLooks)
      const raised = this.#bytesPerSecond * (1 + part)
      this.#bytesPerSecond = raised > MAX_BYTES_PER_SECOND ? Number.POSITIVE_INFINITY : raised
    }
  }
}
