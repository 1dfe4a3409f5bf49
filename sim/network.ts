/**
 * The network: peers with an uplink and a downlink, and between two of them one connection, which carries what it is
 * handed in each direction first in, first out.
 *
 * Connections share the links max-min fairly, as long-lived TCP connections of like round trips do about. What is not
 * modelled: slow start, loss, queues in routers, windows. Rates are computed anew at most once a quantum: meanwhile a
 * connection that begins takes what nobody uses.
 *
 * A message of a packet or so on a connection that carries nothing else does not wait for a rate: it goes at once, and
 * both links owe its bytes, which the next bytes to be shared are fewer by.
 */
import { Timer, type VirtualClock } from './clock.ts'
import { type Flow, Link, shareFairly } from './fair-share.ts'

/** What TCP sends without waiting: ten packets (RFC 6928). */
const SHORT_BYTE_LENGTH = 14_600

/** What is owed is taken from the links over this time. */
const REPAY_MS = 100

/** A link that owes more than this time's bytes lets short messages wait for their share like all others. */
const MAX_OWED_MS = 50

/**
 * What a connection takes of its sender before it is on its way, where the system keeps that short. Linux takes up to
 * 1 MB by itself, which is not modelled: asks then wait half a second behind chunks on a slow uplink.
 */
const SEND_BUFFER_BYTES = 128 * 1024

/** Of a byte: rounding must not leave a rest that takes an event of its own. */
const ROUNDING_BYTES = 1e-3

export interface LinkCapacities {
  uplinkBytesPerSecond: number
  downlinkBytesPerSecond: number
}

/** What follows when a message is there. */
export type Deliver = (firstByteAtMs: number) => void

interface Message {
  byteLength: number
  deliver: Deliver
  /** Until the connection has taken all of it. */
  onTaken: (() => void) | undefined
}

/** One direction of a peer's access, and what it has carried. */
class AccessLink extends Link {
  capacity: number
  /** The sum of the flows' rates. */
  used = 0
  #owedBytes = 0
  #settledAtMs = 0

  constructor(order: number, capacity: number) {
    super(order, capacity)
    this.capacity = capacity
  }

  /** To be called before `used` or `capacity` change: what was not used has paid what was owed. */
  settle(nowMs: number): void {
    const paid = Math.max(0, this.capacity - this.used) * (nowMs - this.#settledAtMs)
    this.#owedBytes = Math.max(0, this.#owedBytes - paid)
    this.#settledAtMs = nowMs
    this.available = this.capacity - this.#owedBytes / REPAY_MS
  }

  owe(byteLength: number, nowMs: number): void {
    this.settle(nowMs)
    this.#owedBytes += byteLength
  }

  get owing(): boolean {
    return this.#owedBytes > 0
  }

  /** Whether a short message may go at once. */
  takesShort(nowMs: number): boolean {
    this.settle(nowMs)
    return this.capacity > 0 && this.#owedBytes <= this.capacity * MAX_OWED_MS
  }

  get spare(): number {
    return Math.max(0, this.available - this.used)
  }
}

/** One direction of a connection. */
export class Direction implements Flow {
  readonly uplink: AccessLink
  readonly downlink: AccessLink
  readonly latencyMs: number
  fairRate = 0
  rate = 0
  readonly queue: Message[] = []
  /** Of the first message in the queue, and when it began to be sent. */
  leftBytes = 0
  begunAtMs = 0
  settledAtMs = 0
  readonly timer: Timer
  /** The latest delivery: none may come before it. */
  deliveryMs = 0
  open = true

  constructor(ends: {
    uplink: AccessLink
    downlink: AccessLink
    latencyMs: number
    onProgress(direction: Direction): void
  }) {
    this.uplink = ends.uplink
    this.downlink = ends.downlink
    this.latencyMs = ends.latencyMs
    this.timer = new Timer(() => ends.onProgress(this))
  }

  /** Bytes that have to leave before the connection takes all of one more message; undefined when it has all. */
  get untilTakenBytes(): number | undefined {
    let bytes = this.leftBytes - SEND_BUFFER_BYTES
    for (const [index, { byteLength, onTaken }] of this.queue.entries()) {
      bytes += index === 0 ? 0 : byteLength
      if (onTaken !== undefined) {
        return Math.max(0, bytes)
      }
    }
    return undefined
  }

  /** What is to be called for the messages that it has taken by now. */
  take(): (() => void)[] {
    const taken: (() => void)[] = []
    let bytes = this.leftBytes - SEND_BUFFER_BYTES
    for (const [index, message] of this.queue.entries()) {
      bytes += index === 0 ? 0 : message.byteLength
      if (bytes > ROUNDING_BYTES) {
        break
      }
      if (message.onTaken !== undefined) {
        taken.push(message.onTaken)
        message.onTaken = undefined
      }
    }
    return taken
  }
}

export class Network {
  readonly #clock: VirtualClock
  readonly #quantumMs: number
  readonly #uplinks: AccessLink[] = []
  readonly #downlinks: AccessLink[] = []
  readonly #links: AccessLink[] = []
  readonly #active = new Set<Direction>()
  readonly #sharing: Timer
  #sharedAtMs = Number.NEGATIVE_INFINITY

  constructor(clock: VirtualClock, quantumMs: number) {
    this.#clock = clock
    this.#quantumMs = quantumMs
    this.#sharing = new Timer(() => this.#share())
  }

  /** Adds the next peer; they are numbered from 0. */
  addPeer(capacities: LinkCapacities): void {
    const uplink = new AccessLink(this.#links.length, capacities.uplinkBytesPerSecond / 1000)
    const downlink = new AccessLink(this.#links.length + 1, capacities.downlinkBytesPerSecond / 1000)
    this.#uplinks.push(uplink)
    this.#downlinks.push(downlink)
    this.#links.push(uplink, downlink)
  }

  /** From now on the peer's links have other capacities. */
  setCapacities(peer: number, capacities: Partial<LinkCapacities>): void {
    const { uplinkBytesPerSecond, downlinkBytesPerSecond } = capacities
    this.#setCapacity(this.#uplinks[peer], uplinkBytesPerSecond)
    this.#setCapacity(this.#downlinks[peer], downlinkBytesPerSecond)
    this.#shareWithin(0)
  }

  /** The direction of a new connection from one peer to another. */
  open(from: number, to: number, latencyMs: number): Direction {
    const uplink = this.#uplinks[from]
    const downlink = this.#downlinks[to]
    if (uplink === undefined || downlink === undefined) {
      throw new RangeError(`no connection from peer ${from} to peer ${to}`)
    }
    return new Direction({
      uplink,
      downlink,
      latencyMs,
      onProgress: (direction) => this.#onProgress(direction)
    })
  }

  /** Nothing more is sent or delivered. */
  close(direction: Direction): void {
    direction.open = false
    direction.queue.length = 0
    this.#deactivate(direction)
  }

  /**
   * Hands a message to the connection. It is delivered behind all that it was handed before.
   *
   * @param onTaken when the connection has taken its last byte, for a message that is not a short one
   */
  send(direction: Direction, byteLength: number, deliver: Deliver, onTaken?: () => void): void {
    if (!direction.open) {
      return
    }
    const { nowMs } = this.#clock
    const { uplink, downlink, queue } = direction
    const short = queue.length === 0 && byteLength <= SHORT_BYTE_LENGTH
    if (short && uplink.takesShort(nowMs) && downlink.takesShort(nowMs)) {
      uplink.owe(byteLength, nowMs)
      downlink.owe(byteLength, nowMs)
      this.#shareWithin(REPAY_MS)
      direction.begunAtMs = nowMs
      this.#deliver(direction, nowMs + byteLength / Math.min(uplink.capacity, downlink.capacity), deliver)
      return
    }
    queue.push({ byteLength, deliver, onTaken })
    if (queue.length === 1) {
      this.#activate(direction, byteLength)
    } else {
      this.#settle(direction)
      this.#expect(direction)
    }
  }

  #setCapacity(link: AccessLink | undefined, bytesPerSecond: number | undefined): void {
    if (link !== undefined && bytesPerSecond !== undefined) {
      link.settle(this.#clock.nowMs)
      link.capacity = bytesPerSecond / 1000
    }
  }

  /** So much of the queue has left that a message was taken, or the first one is on its way: the next one follows. */
  #onProgress(direction: Direction): void {
    this.#settle(direction)
    const taken = direction.take()
    const [first, next] = direction.queue
    if (first !== undefined && direction.leftBytes < ROUNDING_BYTES) {
      direction.queue.shift()
      this.#deliver(direction, this.#clock.nowMs, first.deliver)
      direction.begunAtMs = this.#clock.nowMs
      direction.leftBytes = next?.byteLength ?? 0
    }
    if (direction.queue.length === 0) {
      this.#deactivate(direction)
    } else {
      this.#expect(direction)
    }
    for (const onTaken of taken) {
      onTaken()
    }
  }

  #deliver(direction: Direction, sentAtMs: number, deliver: Deliver): void {
    const { latencyMs } = direction
    const firstByteAtMs = direction.begunAtMs + latencyMs
    direction.deliveryMs = Math.max(direction.deliveryMs, sentAtMs + latencyMs)
    this.#clock.at(direction.deliveryMs, () => {
      if (direction.open) {
        deliver(firstByteAtMs)
      }
    })
  }

  #activate(direction: Direction, byteLength: number): void {
    const { uplink, downlink } = direction
    direction.leftBytes = byteLength
    direction.begunAtMs = this.#clock.nowMs
    direction.settledAtMs = this.#clock.nowMs
    this.#active.add(direction)
    uplink.flows.add(direction)
    downlink.flows.add(direction)
    this.#setRate(direction, Math.min(uplink.spare, downlink.spare))
    this.#shareWithin(this.#quantumMs)
  }

  #deactivate(direction: Direction): void {
    if (this.#active.delete(direction)) {
      this.#setRate(direction, 0)
      direction.uplink.flows.delete(direction)
      direction.downlink.flows.delete(direction)
      this.#shareWithin(this.#quantumMs)
    }
  }

  /** Has the rates computed anew at most so long after the last time, or now if that is over. */
  #shareWithin(quantumMs: number): void {
    const atMs = Math.max(this.#clock.nowMs, this.#sharedAtMs + quantumMs)
    if (this.#active.size > 0 && !(this.#sharing.pending && this.#sharing.key <= atMs)) {
      this.#clock.set(this.#sharing, atMs)
    }
  }

  #share(): void {
    const { nowMs } = this.#clock
    this.#sharedAtMs = nowMs
    let owing = false
    const links = this.#links.filter((link) => link.flows.size > 0)
    for (const link of links) {
      link.settle(nowMs)
      owing ||= link.owing
    }
    shareFairly(links)
    for (const direction of this.#active) {
      if (direction.rate !== direction.fairRate) {
        this.#setRate(direction, direction.fairRate)
      }
    }
    for (const link of links) {
      // Exactly, lest the roundings of a million changes add up.
      link.used = link.available - link.left
    }
    if (owing) {
      this.#shareWithin(REPAY_MS)
    }
  }

  #setRate(direction: Direction, rate: number): void {
    const { nowMs } = this.#clock
    const { uplink, downlink } = direction
    this.#settle(direction)
    uplink.settle(nowMs)
    downlink.settle(nowMs)
    uplink.used += rate - direction.rate
    downlink.used += rate - direction.rate
    direction.rate = rate
    this.#expect(direction)
  }

  /** Takes off what has left since the last time. */
  #settle(direction: Direction): void {
    const { nowMs } = this.#clock
    direction.leftBytes -= direction.rate * (nowMs - direction.settledAtMs)
    direction.settledAtMs = nowMs
  }

  /** Sets the time at which the first message will have left, or another one be taken. */
  #expect(direction: Direction): void {
    const { leftBytes, untilTakenBytes = leftBytes, rate, timer } = direction
    const nextBytes = Math.min(leftBytes, untilTakenBytes)
    const left = nextBytes < ROUNDING_BYTES ? 0 : nextBytes
    const restMs = rate > 0 && this.#active.has(direction) ? left / rate : Number.POSITIVE_INFINITY
    this.#clock.set(timer, this.#clock.nowMs + restMs)
  }
}
