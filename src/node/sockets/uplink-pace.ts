/**
 * How fast chunks leave, so that they do not queue in front of the uplink. Pure: the caller passes the time.
 *
 * TCP sends whatever it is given until a queue on the way is full. Everything else then waits behind that queue: asks,
 * news, and the acknowledgements of incoming data, so that receiving slows down as well. And several connections that
 * fill one queue share it by chance. So chunks leave just below the rate that is seen to get through, and hardly
 * anything waits. What gets through says more than the delay, which includes the other side's queue.
 */

/** How often the sockets are checked. */
export const LOOK_MS = 100

/** The start, when there are connections to check: 20 Mbit/s, doubled with each check, until no more gets through. */
const FIRST_BYTES_PER_SECOND = 2_500_000

/** From here on nothing is held back: 4 Gbit/s. */
const MAX_BYTES_PER_SECOND = 500_000_000

/** While the pace is sought: if this part of it gets through, there may be more. */
const SEEKING_PART = 0.7

/**
 * Bytes wait when the last one takes this much longer than the fastest: more than the wait at the other end's uplink.
 */
const STANDING_MS = 15

/** Above this delay the pace is lowered, so that it has no queue of this peer's in it for long. */
const LOWERED_MS = 10

/** A delay that is too long by this much lowers the pace in full. */
const GAIN_MS = 120

/** The pace is lowered to this part at the least, which empties a queue of 50 ms within a second. */
const MIN_PART = 0.91

/**
 * The factors of the pace relative to the most that got through, check by check, in a cycle: a little more, to see
 * whether that gets through as well; a little less, so that the excess drains; and then just below.
 */
const CYCLE = [1.06, 1.06, 1.06, 1.06, 0.9, 0.9, ...Array<number>(14).fill(0.99)]

/** After this many checks of a cycle it shows whether more gets through. */
const TRIED_LOOKS = 4

/** After this many times in a row it is sought again. */
const GROWN_TIMES = 2

/** After it was found by filling the queue, the pace is this part of it while the queue drains. */
const DRAIN_PART = 0.7

/** More gets through when the rate has grown by this part. */
const GROWN = 1.03

/** Bytes that leave at less than this part of the pace are not held back by it, or do not get through. */
const USED_PART = 0.85

/** Rates are averages of this many checks: with fewer, one piece more or less matters. */
const RATE_LOOKS = 5

/** Fewer checks say nothing: one check may receive what had waited for two. */
const SEEN_LOOKS = 3

/** Chunks leave one after another: a connection that sent none in this many checks is not in use. */
const DELAY_LOOKS = 5

/** The uplink carries the most that got through within the last this many meaningful checks. */
const CAPACITY_LOOKS = 50

/** After this many checks in a row in which bytes waited and did not get through, it carries no more than these. */
const STUCK_LOOKS = 4

/**
 * The number if it is known that it carried more. Connections at times send little for a second on their own: bbr does
 * when it looks for the shortest round trip, and does not know yet what it can send when others stop.
 */
const DROPPED_LOOKS = 12

/** But connections that have just begun take more with each check, by this part. */
const BEGINNING = 1.15

/** A check in which none of the bytes under way is acknowledged is merged with the next: its bytes belong to both. */
const MAX_WAIT_MS = 1000

/** Fewer bytes of one socket in a check say nothing of its delay. */
const MIN_BULK_BYTE_LENGTH = 4 * 1024

/** Nor does less than this part of all. */
const MIN_BULK_PART = 0.05

/** The time that a piece takes to leave, so that others can come in between. */
export const PIECE_MS = 4

const MIN_PIECE_BYTE_LENGTH = 8 * 1024

const MAX_PIECE_BYTE_LENGTH = 64 * 1024

/**
 * How much a late sender may catch up: the time that an event loop is busy elsewhere, or that the next chunk takes to
 * be read from the disk. What is not caught up is lost to the uplink for good; what is caught up waits in its queue for
 * no longer than this.
 */
export const BURST_MS = 40

/** What the system reports about a TCP connection. */
export interface SocketProgress {
  /** The bytes that the other side has acknowledged since the connection was made. */
  ackedByteLength: number
  /** Whether it has sent more than that. */
  isWaiting: boolean
  /** The bytes that the system has taken and not sent yet. */
  unsentByteLength: number
  /** From a byte's leaving to its acknowledgement, smoothed. */
  roundTripMs: number
}

/** What is known of a connection. */
interface Seen {
  ackedByteLength: number
  /** The shortest round trip. */
  bestMs: number
  /** How long bytes last waited, and in which check. */
  delayMs: number
  delayedIn: number
}

interface Look {
  byteLength: number
  elapsedMs: number
}

export class UplinkPace {
  readonly #seen = new WeakMap<object, Seen>()
  #lookNumber = 0
  /** The latest. */
  readonly #looks: Look[] = []
  /** What got through per second, in the meaningful checks. */
  readonly #rates: number[] = []
  #isSeeking = true
  /** The most that got through meanwhile: in one check, and in a few together. */
  #bestLook = 0
  #bestRate = 0
  /** How many checks in a row have seen that bytes wait and do not get through. */
  #stuckLooks = 0
  /** The position in the cycle. */
  #cycleLooks = 0
  /** The known rate when the cycle began. */
  #cycleCapacity = 0
  /** How often in a row more got through. */
  #grown = 0
  /** In this many checks the queue that seeking has filled is gone. */
  #drainLooks = 0
  #bytesPerSecond = Number.POSITIVE_INFINITY
  #lookedAtMs: number | undefined
  #freeAtMs = 0

  /** Infinite while nothing is held back. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** Whether the uplink's capacity is not known yet. */
  get isSeeking(): boolean {
    return this.#isSeeking
  }

  /**
   * The usual recent throughput, or while the pace is sought the highest; 0 before anything got through. The highest is
   * a third too much when delayed acknowledgements arrive together, and a scheduler that plans by it takes a full
   * uplink for one with room.
   */
  get seenBytesPerSecond(): number {
    return Math.max(this.#isSeeking ? this.#bestRate : 0, medianOf(this.#rates))
  }

  /** The length of a chunk's pieces; infinite while nothing is held back. */
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

  /** A piece leaves that was free to. */
  reserve(byteLength: number, nowMs: number): void {
    const atMs = Math.max(this.#freeAtMs, nowMs - BURST_MS)
    this.#freeAtMs = atMs + (1000 * byteLength) / this.#bytesPerSecond
  }

  /** To be called every LOOK_MS with all sockets, each identified by an object of its own. */
  look(sockets: ReadonlyMap<object, SocketProgress>, nowMs: number): void {
    if (sockets.size === 0) {
      return
    }
    if (this.#lookedAtMs === undefined) {
      this.#bytesPerSecond = FIRST_BYTES_PER_SECOND
    }
    const elapsedMs = nowMs - (this.#lookedAtMs ?? nowMs)
    const byteLength = this.#newByteLength(sockets)
    const isWaiting = [...sockets.values()].some((socket) => socket.isWaiting)
    if (byteLength < MIN_BULK_BYTE_LENGTH && isWaiting && elapsedMs > 0 && elapsedMs < MAX_WAIT_MS) {
      return
    }
    this.#lookedAtMs = nowMs
    this.#take(sockets, byteLength, elapsedMs)
    if (elapsedMs <= 0 || byteLength < MIN_BULK_BYTE_LENGTH) {
      this.#looks.length = 0
      this.#stuckLooks = 0
      return
    }
    this.#looks.push({ byteLength, elapsedMs })
    this.#looks.splice(0, this.#looks.length - RATE_LOOKS)
    const delayMs = this.#delayMs(sockets)
    const isUsed = byteLength >= (USED_PART * this.#bytesPerSecond * elapsedMs) / 1000
    const bytesPerSecond = (1000 * byteLength) / elapsedMs
    const isBeginning = this.#isSeeking && bytesPerSecond > BEGINNING * this.#bestLook
    this.#bestLook = Math.max(this.#bestLook, bytesPerSecond)
    if (this.#looks.length >= SEEN_LOOKS) {
      this.#bestRate = Math.max(this.#bestRate, this.#rateOf(SEEN_LOOKS))
    }
    this.#stuckLooks = isUsed || isBeginning || delayMs <= STANDING_MS ? 0 : this.#stuckLooks + 1
    if (this.#stuckLooks >= (this.#isSeeking ? STUCK_LOOKS : DROPPED_LOOKS)) {
      this.#isSeeking = false
      this.#drainLooks = Math.ceil(delayMs / (LOOK_MS * (1 - DRAIN_PART)))
      this.#cycleLooks = TRIED_LOOKS
      this.#rates.length = 0
      // The others may date from before it got slower.
      this.#looks.splice(0, this.#looks.length - STUCK_LOOKS)
    }
    if (this.#isSeeking) {
      this.#seek(bytesPerSecond)
    } else {
      this.#keep(delayMs, isUsed)
    }
  }

  /** The bytes acknowledged since the last check. */
  #newByteLength(sockets: ReadonlyMap<object, SocketProgress>): number {
    let sum = 0
    for (const [socket, { ackedByteLength }] of sockets) {
      sum += ackedByteLength - (this.#seen.get(socket)?.ackedByteLength ?? ackedByteLength)
    }
    return sum
  }

  #take(sockets: ReadonlyMap<object, SocketProgress>, sum: number, elapsedMs: number): void {
    this.#lookNumber++
    for (const [socket, { ackedByteLength, unsentByteLength, roundTripMs }] of sockets) {
      const seen = this.#seen.get(socket) ?? {
        ackedByteLength,
        bestMs: roundTripMs,
        delayMs: 0,
        delayedIn: Number.NEGATIVE_INFINITY
      }
      this.#seen.set(socket, seen)
      const byteLength = ackedByteLength - seen.ackedByteLength
      seen.ackedByteLength = ackedByteLength
      seen.bestMs = Math.min(seen.bestMs, roundTripMs)
      if (byteLength >= Math.max(MIN_BULK_BYTE_LENGTH, MIN_BULK_PART * sum)) {
        seen.delayMs = roundTripMs - seen.bestMs + (elapsedMs * unsentByteLength) / byteLength
        seen.delayedIn = this.#lookNumber
      }
    }
  }

  /**
   * How long bytes wait in front of the uplink. All sockets share that queue; a delay that only one sees is its
   * receiver's.
   */
  #delayMs(sockets: ReadonlyMap<object, SocketProgress>): number {
    let leastMs = Number.POSITIVE_INFINITY
    for (const socket of sockets.keys()) {
      const { delayMs = 0, delayedIn = Number.NEGATIVE_INFINITY } = this.#seen.get(socket) ?? {}
      leastMs = delayedIn > this.#lookNumber - DELAY_LOOKS ? Math.min(leastMs, delayMs) : leastMs
    }
    return Number.isFinite(leastMs) ? leastMs : 0
  }

  #seek(bytesPerSecond: number): void {
    if (bytesPerSecond >= SEEKING_PART * this.#bytesPerSecond) {
      const raised = 2 * Math.max(this.#bytesPerSecond, bytesPerSecond)
      this.#bytesPerSecond = raised > MAX_BYTES_PER_SECOND ? Number.POSITIVE_INFINITY : raised
    }
  }

  #keep(delayMs: number, isUsed: boolean): void {
    if (this.#looks.length >= SEEN_LOOKS && (isUsed || delayMs > STANDING_MS)) {
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
    this.#drainLooks = delayMs > STANDING_MS ? Math.max(0, this.#drainLooks - 1) : 0
    this.#bytesPerSecond = capacity * this.#part(delayMs)
  }

  /** Of what the uplink carries. */
  #part(delayMs: number): number {
    const part = CYCLE[this.#cycleLooks] ?? 1
    if (this.#cycleLooks < TRIED_LOOKS) {
      return part
    }
    if (this.#drainLooks > 0) {
      return DRAIN_PART
    }
    return Math.min(part, Math.max(MIN_PART, 1 - Math.max(0, delayMs - LOWERED_MS) / GAIN_MS))
  }

  /** What got through per second, in this many of the latest checks. */
  #rateOf(count: number): number {
    const looks = this.#looks.slice(-count)
    const byteLength = looks.reduce((sum, look) => sum + look.byteLength, 0)
    return (1000 * byteLength) / looks.reduce((sum, look) => sum + look.elapsedMs, 0)
  }
}

/** 0 of none. */
function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
