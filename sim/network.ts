/**
 * The network: peers with an uplink and a downlink, and one connection between each two of them, which carries messages
 * in each direction first in, first out.
 *
 * Connections share the links max-min fairly, approximately as long-lived TCP connections with similar round trips do.
 * The model leaves out slow start, loss, queues in routers, and windows. Rates are computed again at most once per
 * quantum: until then, a new connection uses what is free.
 *
 * A message of about a packet on an otherwise idle connection does not wait for a rate: it is sent at once, and its
 * bytes are subtracted from the next bytes of both links.
 */
import { Timer, type VirtualClock } from './clock.ts'
import { type Flow, Link, shareFairly } from './fair-share.ts'

/** TCP sends this much without waiting: ten packets (RFC 6928). */
const SHORT_BYTE_LENGTH = 14_600

/** Owed bytes are subtracted from the links over this time. */
const REPAY_MS = 100

/** On a link that owes more than this time's bytes, short messages wait for their share like all others. */
const MAX_OWED_MS = 50

/**
 * How much a connection accepts from its sender before it is sent, if the system keeps that buffer short. Linux buffers
 * up to 1 MB by itself, which is not modelled: asks then wait half a second behind chunks on a slow uplink.
 */
const SEND_BUFFER_BYTES = 128 * 1024

/** In bytes: rounding must not leave a rest that needs an event of its own. */
const ROUNDING_BYTES = 1e-3

export interface LinkCapacities {
  uplinkBytesPerSecond: number
  downlinkBytesPerSecond: number
}

/** Called when a message has arrived. */
export type Deliver = (firstByteAtMs: number) => void

interface Message {
  byteLength: number
  deliver: Deliver
  /** Until the connection has accepted all of it. */
  onTaken: (() => void) | undefined
}

/** One direction of a peer's access, and the bytes that it has carried. */
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

  /** Must be called before `used` or `capacity` change: the unused capacity has paid what was owed. */
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

  /** Whether a short message may be sent at once. */
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
  /** For the first message in the queue, and when its transmission began. */
  leftBytes = 0
  begunAtMs = 0
  settledAtMs = 0
  readonly timer: Timer
  /** The latest delivery: none may arrive before it. */
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

  /** Bytes that must leave before the connection accepts all of one more message; undefined when it has all. */
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

  /** The callbacks for the messages that it has accepted by now. */
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

  /** Adds the next peer; peers are numbered from 0. */
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
   * Adds a message to the connection's queue. Messages arrive in order.
   *
   * @param onTaken when the connection has accepted its last byte, for a message that is not short
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

  /** Enough of the queue has left that a message was accepted, or the first one is on its way: the next one follows. */
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

  /** Schedules a computation of the rates one quantum after the last one, or now if that has passed. */
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
      // Exactly, because the rounding errors of a million changes would add up.
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

  /** Subtracts the bytes that have left since the last time. */
  #settle(direction: Direction): void {
    const { nowMs } = this.#clock
    direction.leftBytes -= direction.rate * (nowMs - direction.settledAtMs)
    direction.settledAtMs = nowMs
  }

  /** Sets the time at which the first message will have left, or another one will be accepted. */
  #expect(direction: Direction): void {
    const { leftBytes, untilTakenBytes = leftBytes, rate, timer } = direction
    const nextBytes = Math.min(leftBytes, untilTakenBytes)
    const left = nextBytes < ROUNDING_BYTES ? 0 : nextBytes
    const restMs = rate > 0 && this.#active.has(direction) ? left / rate : Number.POSITIVE_INFINITY
    this.#clock.set(timer, this.#clock.nowMs + restMs)
  }
}
