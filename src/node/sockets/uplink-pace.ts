/**
 * How fast chunks leave, so that they do not queue in front of the uplink. Pure: the time comes in.
 *
 * Whatever TCP is given, it sends until a queue on the way is full. Everything else then waits behind that: asks, news,
 * and the acknowledgements of what comes in, so that receiving slows down as well; and several connections that fill
 * one queue share it as chance has it. So chunks leave just below what is seen to get through, and hardly anything
 * waits. What gets through tells more than how long bytes take: that has the other side's queue in it.
 */

/** How often the sockets are looked at. */
export const LOOK_MS = 100

/** When there are connections to look at: 20 Mbit/s, and twice as much with each look, until no more gets through. */
const FIRST_BYTES_PER_SECOND = 2_500_000

/** From here on nothing is held back: 4 Gbit/s. */
const MAX_BYTES_PER_SECOND = 500_000_000

/** While the pace is sought: when so much of it gets through, there may be more. */
const SEEKING_PART = 0.7

/** Bytes wait when the last one takes so much longer than at best: more than what waits at the other end's uplink. */
const STANDING_MS = 15

/** Above this delay the pace is lowered, so that it has no queue of this peer's in it for long. */
const LOWERED_MS = 6

/** A delay that is too long by so much has the pace lowered by all of itself. */
const GAIN_MS = 120

/** It is lowered to this part at the least, with which a queue of 50 ms is gone within a second. */
const MIN_PART = 0.91

/**
 * By how much the pace differs from what got through at best, look by look, again and again: a little more, to see
 * whether that gets through as well; a little less, so that what did not is gone; and then just below.
 */
const CYCLE = [1.06, 1.06, 1.06, 1.06, 0.9, 0.9, ...Array<number>(14).fill(0.99)]

/** After this many looks of a cycle it shows whether more gets through. */
const TRIED_LOOKS = 4

/** After so many times in a row it is sought anew how much. */
const GROWN_TIMES = 2

/** After what was found by filling the queue, the pace is this part of it until the queue is gone. */
const DRAIN_PART = 0.7

/** More gets through when the rate has grown by this part. */
const GROWN = 1.03

/** What leaves at less than this part of the pace is not held back by it, or does not get through. */
const USED_PART = 0.85

/** Rates are those of so many looks together: of fewer, one piece more or less counts. */
const RATE_LOOKS = 5

/** What got through in so many looks may be told while the pace is sought: in one, there may be what two brought. */
const SEEN_LOOKS = 3

/** The uplink carries what got through at best within the last so many looks that say something. */
const CAPACITY_LOOKS = 50

/** After so many looks in a row in which bytes waited and did not get through, it carries no more than these. */
const STUCK_LOOKS = 4

/** But connections that only begin take more with each look, by this part. */
const BEGINNING = 1.15

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
  /** What got through per second, in the looks that say something. */
  readonly #rates: number[] = []
  #isSeeking = true
  /** The most that got through meanwhile: in one look, and in a few together. */
  #bestLook = 0
  #bestRate = 0
  /** How many looks in a row have seen that bytes wait and do not get through. */
  #stuckLooks = 0
  /** How far the cycle is. */
  #cycleLooks = 0
  /** What was known when the cycle began. */
  #cycleCapacity = 0
  /** How often in a row more got through. */
  #grown = 0
  /** The queue that seeking has filled is not gone yet. */
  #isDraining = false
  #bytesPerSecond = Number.POSITIVE_INFINITY
  #lookedAtMs: number | undefined
  #freeAtMs = 0

  /** Infinite while nothing is held back. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** Whether it is not known yet what the uplink carries. */
  get isSeeking(): boolean {
    return this.#isSeeking
  }

  /** The most that got through of late; 0 before anything did. */
  get seenBytesPerSecond(): number {
    return Math.max(this.#isSeeking ? this.#bestRate : 0, ...this.#rates)
  }

  /** In what pieces a chunk leaves; infinite while nothing is held back. */
  get pieceByteLength(): number {
    const bytes = (this.#bytesPerSecond * PIECE_MS) / 1000
    return Number.isFinite(bytes)
      ? Math.round(Math.min(MAX_PIECE_BYTE_LENGTH, Math.max(MIN_PIECE_BYTE_LENGTH, bytes)))
      : Number.POSITIVE_INFINITY
  }

  /** When the next piece may leave. */
  get freeAtMs(): number {
    return this.#freeAtMs
  }

  /** A piece leaves, which was free to. */
  reserve(byteLength: number, nowMs: number): void {
    const atMs = Math.max(this.#freeAtMs, nowMs - BURST_MS)
    this.#freeAtMs = atMs + (1000 * byteLength) / this.#bytesPerSecond
  }

  /** To be called every LOOK_MS with all sockets, each known by an object of its own. */
  look(sockets: ReadonlyMap<object, SocketProgress>, nowMs: number): void {
    if (sockets.size === 0) {
      return
    }
    if (this.#lookedAtMs === undefined) {
      this.#bytesPerSecond = FIRST_BYTES_PER_SECOND
    }
    const elapsedMs = nowMs - (this.#lookedAtMs ?? nowMs)
    this.#lookedAtMs = nowMs
    const moved = [...sockets].map(([socket, progress]) => this.#movedOf(socket, progress))
    const byteLength = moved.reduce((sum, socket) => sum + socket.byteLength, 0)
    const bulk = moved.filter(
      (socket) => socket.byteLength >= Math.max(MIN_BULK_BYTE_LENGTH, MIN_BULK_PART * byteLength)
    )
    if (elapsedMs <= 0 || bulk.length === 0) {
      this.#looks.length = 0
      this.#stuckLooks = 0
      return
    }
    this.#looks.push({ byteLength, elapsedMs })
    this.#looks.splice(0, this.#looks.length - RATE_LOOKS)
    // The queue in front of the uplink is all sockets'; what one alone sees is its receiver's.
    const delayMs = Math.min(
      ...bulk.map((socket) => socket.queuedMs + (elapsedMs * socket.unsentByteLength) / socket.byteLength)
    )
    const isUsed = byteLength >= (USED_PART * this.#bytesPerSecond * elapsedMs) / 1000
    const bytesPerSecond = (1000 * byteLength) / elapsedMs
    const isBeginning = this.#isSeeking && bytesPerSecond > BEGINNING * this.#bestLook
    this.#bestLook = Math.max(this.#bestLook, bytesPerSecond)
    if (this.#looks.length >= SEEN_LOOKS) {
      this.#bestRate = Math.max(this.#bestRate, this.#rateOf(SEEN_LOOKS))
    }
    this.#stuckLooks = isUsed || isBeginning || delayMs <= STANDING_MS ? 0 : this.#stuckLooks + 1
    if (this.#stuckLooks >= STUCK_LOOKS) {
      this.#isSeeking = false
      this.#isDraining = true
      this.#cycleLooks = TRIED_LOOKS
      this.#rates.length = 0
      // The others may be of before it got slower.
      this.#looks.splice(0, this.#looks.length - STUCK_LOOKS)
    }
    if (this.#isSeeking) {
      this.#seek(bytesPerSecond)
    } else {
      this.#keep(delayMs, isUsed)
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

  #seek(bytesPerSecond: number): void {
    if (bytesPerSecond >= SEEKING_PART * this.#bytesPerSecond) {
      const raised = 2 * Math.max(this.#bytesPerSecond, bytesPerSecond)
      this.#bytesPerSecond = raised > MAX_BYTES_PER_SECOND ? Number.POSITIVE_INFINITY : raised
    }
  }

  #keep(delayMs: number, isUsed: boolean): void {
    if (isUsed || delayMs > STANDING_MS) {
      this.#rates.push(this.#rateOf(RATE_LOOKS))
      this.#rates.splice(0, this.#rates.length - CAPACITY_LOOKS)
    }
    const capacity = Math.max(...this.#rates)
    this.#cycleLooks = (this.#cycleLooks + 1) % CYCLE.length
    if (this.#cycleLooks === TRIED_LOOKS) {
      const hasGrown = capacity >= GROWN * this.#cycleCapacity
      this.#grown = hasGrown ? this.#grown + 1 : 0
      this.#cycleLooks = hasGrown ? 0 : TRIED_LOOKS
      if (this.#grown >= GROWN_TIMES) {
        this.#grown = 0
        this.#bestLook = 0
        this.#bestRate = 0
        this.#isSeeking = true
      }
    }
    if (this.#cycleLooks === 0) {
      this.#cycleCapacity = capacity
    }
    this.#isDraining &&= delayMs > STANDING_MS
    this.#bytesPerSecond = capacity * this.#part(delayMs)
  }

  /** Of what the uplink carries. */
  #part(delayMs: number): number {
    const part = CYCLE[this.#cycleLooks] ?? 1
    if (this.#cycleLooks < TRIED_LOOKS) {
      return part
    }
    if (this.#isDraining) {
      return DRAIN_PART
    }
    return Math.min(part, Math.max(MIN_PART, 1 - Math.max(0, delayMs - LOWERED_MS) / GAIN_MS))
  }

  /** What got through per second, in so many of the latest looks. */
  #rateOf(count: number): number {
    const looks = this.#looks.slice(-count)
    const byteLength = looks.reduce((sum, look) => sum + look.byteLength, 0)
    return (1000 * byteLength) / looks.reduce((sum, look) => sum + look.elapsedMs, 0)
  }
}
