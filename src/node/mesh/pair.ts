/**
 * This peer and one other member: whether there is a connection, which one is in use, and how the next one is made.
 *
 * Both sides of a pair prefer the same connection: a direct one to a relayed one, then the one that the smaller PeerId
 * dialled. So a pair that dialled at the same time, or used the relay before, ends up with one connection. The side
 * that dialled another one closes it once its data has arrived.
 */
import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { Backoff } from '../../core/backoff.ts'
import { messageOf } from '../../core/errors.ts'
import type { Member } from '../../protocols/coordination/index.ts'
import { Bell } from './bell.ts'

/** How long one side leaves the dialling to the other one: a dial on a path of 50 ms. */
const DIAL_TURN_MS = 300

/** How long a direct connection is tried before a relayed one is tried as well. */
const RELAY_AFTER_MS = 1000

const FIRST_REDIAL_MS = 250

/** A pair that cannot connect costs a few sockets at this interval, as long as the run lasts. */
const MAX_REDIAL_MS = 15_000

/** For all addresses of a peer together: TCP, Noise and Yamux on a path with seconds of delay. */
const DIAL_TIMEOUT_MS = 20_000

/** Longer than the time between two crossing dials of a pair. */
const RETURN_AFTER_MS = DIAL_TIMEOUT_MS

/** The first failure in a row is reported, and then each one whose number is this many times that of the last. */
const TELL_FACTOR = 4

/** A connection that ended sooner did not work, whatever the reason: the next attempt waits as after a failed one. */
const STEADY_AFTER_MS = 5000

/** How long a replaced connection may deliver what was asked for on it. */
const LINGER_MS = 10_000

/** The same at the side that did not dial it and should not be the one to close it. */
const LONGEST_LINGER_MS = 3 * LINGER_MS

/** What a pair needs to know of a connection. */
export type PairConnection = Pick<
  Connection,
  'direct' | 'direction' | 'status' | 'timeline' | 'abort' | 'close'
>

export interface PairListener<C> {
  /** The connection to use with the member; called again when another one takes its place. */
  onConnected(member: Member, connection: C): void
  onDisconnected(member: Member): void
  /** For the first, fourth, sixteenth … failure in a row. `tries`: how many there were. */
  onDialFailed(member: Member, failure: { message: string; retryInMs: number; tries: number }): void
}

export interface PairInit<C> {
  member: Member
  /** Whether this side has the smaller PeerId. */
  isFirst: boolean
  /** Whether this side dials at once, and the other one a moment later. */
  dialsFirst(member: Member): boolean
  listener: PairListener<C>
  dial(addresses: readonly Multiaddr[], signal: AbortSignal): Promise<C>
  directAddresses(member: Member): Multiaddr[]
  relayAddresses(member: Member): Multiaddr[]
  /** Milliseconds on any steady clock. */
  now(): number
  random(): number
  signal: AbortSignal
}

/** One of the two ways to a connection, with its own attempts. */
interface Way {
  /** Before the first attempt, so that something better can come first. */
  patienceMs(): number
  readonly backoff: Backoff
  /** Rung when there may be other addresses. */
  readonly changed: Bell
  addresses(): Multiaddr[]
  isServed(): boolean
  /** Failures in a row, and the number of the next one to report. */
  tries: number
  tellAtTry: number
  attempt: AbortController | undefined
}

export class Pair<C extends PairConnection> {
  readonly #init: PairInit<C>
  readonly #direct: Way
  readonly #relayed: Way
  readonly #open = new Set<C>()
  /** Rung when the connection in use is another one, or none. */
  readonly #switched = new Bell()
  #member: Member
  #inUse: C | undefined
  #inUseSinceMs = 0
  #met = false
  #dials = false

  constructor(init: PairInit<C>) {
    this.#init = init
    this.#member = init.member
    const way = (extraMs: number, addresses: () => Multiaddr[], isServed: () => boolean): Way => ({
      patienceMs: () => extraMs + (init.dialsFirst(this.#member) ? 0 : DIAL_TURN_MS),
      addresses,
      isServed,
      backoff: new Backoff({ firstMs: FIRST_REDIAL_MS, limitMs: MAX_REDIAL_MS, random: init.random }),
      changed: new Bell(),
      tries: 0,
      tellAtTry: 1,
      attempt: undefined
    })
    this.#direct = way(
      0,
      () => init.directAddresses(this.#member),
      () => this.#inUse?.direct === true
    )
    this.#relayed = way(
      RELAY_AFTER_MS,
      () => init.relayAddresses(this.#member),
      () => this.#inUse !== undefined
    )
  }

  get member(): Member {
    return this.#member
  }

  /** Whether a connection is in use. */
  get connected(): boolean {
    return this.#inUse !== undefined
  }

  /** Whether there ever was one. */
  get met(): boolean {
    return this.#met
  }

  /** Whether this side dials; the other one may in any case. */
  get dials(): boolean {
    return this.#dials
  }

  /** Dials from now on whenever there is no connection, or only a relayed one. */
  dial(): void {
    if (!this.#dials) {
      this.#dials = true
      for (const way of [this.#direct, this.#relayed]) {
        this.#keep(way).catch(() => {
          // Only the abort at the mesh's end gets here.
        })
      }
    }
  }

  /** Takes the member's present data from the roster. New addresses are tried at once. */
  update(member: Member): void {
    const changed = member.multiaddrs.join() !== this.#member.multiaddrs.join()
    this.#member = member
    if (changed) {
      this.#renew(this.#direct)
    }
  }

  /** The relay appeared, or disappeared. */
  relayChanged(): void {
    this.#renew(this.#relayed)
  }

  /** A connection with the member was made, by either side. */
  add(connection: C): void {
    if (connection.status !== 'open' || this.#open.has(connection)) {
      return
    }
    this.#open.add(connection)
    const { listener } = this.#init
    const current = this.#inUse
    if (current === undefined) {
      this.#use(connection)
    } else if (isReturn(connection, current)) {
      // The peer has forgotten what this one announced on the other connection.
      listener.onDisconnected(this.#member)
      this.#use(connection)
      for (const other of this.#open) {
        if (other !== connection) {
          other.abort(new Error('the peer came back on another connection'))
        }
      }
    } else if (this.#rank(connection) > this.#rank(current)) {
      this.#use(connection)
      this.#retire(current)
    } else {
      this.#retire(connection)
    }
  }

  /** A connection with the member has ended. */
  remove(connection: C): void {
    this.#open.delete(connection)
    if (connection !== this.#inUse) {
      return
    }
    if (this.#init.now() - this.#inUseSinceMs >= STEADY_AFTER_MS) {
      this.#direct.backoff.reset()
      this.#relayed.backoff.reset()
    }
    this.#inUse = undefined
    const [next] = [...this.#open]
      .filter(({ status }) => status === 'open')
      .sort((a, b) => this.#rank(b) - this.#rank(a))
    if (next !== undefined) {
      this.#use(next)
      return
    }
    this.#init.listener.onDisconnected(this.#member)
    this.#switched.ring()
  }

  #use(connection: C): void {
    this.#inUse = connection
    this.#inUseSinceMs = this.#init.now()
    this.#met = true
    // The connection is the result of this attempt, which ends by itself in a moment; aborting it now would end the
    // connection.
    const own = connection.direct ? this.#direct : this.#relayed
    for (const way of [this.#direct, this.#relayed]) {
      if (way.isServed()) {
        way.tries = 0
        way.tellAtTry = 1
        if (way !== own || connection.direction === 'inbound') {
          way.attempt?.abort(new Error('there is a connection'))
        }
      }
    }
    this.#init.listener.onConnected(this.#member, connection)
    this.#switched.ring()
  }

  /** Equal at both sides: direct before relayed, then that of the smaller PeerId. */
  #rank({ direct, direction }: C): number {
    const byFirst = (direction === 'outbound') === this.#init.isFirst
    return (direct ? 2 : 0) + (byFirst ? 1 : 0)
  }

  /** Closes an unused connection, once what is under way on it had time to arrive. */
  #retire(connection: C): void {
    const { signal } = this.#init
    const close = async (): Promise<void> => {
      const lingerMs = connection.direction === 'outbound' ? LINGER_MS : LONGEST_LINGER_MS
      await new Bell().wait(lingerMs, signal)
      if (connection !== this.#inUse && connection.status === 'open') {
        await connection.close()
      }
    }
    close().catch(() => {
      if (!signal.aborted) {
        connection.abort(new Error('another connection is in use'))
      }
    })
  }

  #renew(way: Way): void {
    way.backoff.reset()
    way.tries = 0
    way.tellAtTry = 1
    way.changed.ring()
  }

  async #keep(way: Way): Promise<void> {
    const { signal } = this.#init
    let waitMs = way.patienceMs()
    while (!signal.aborted) {
      if (way.isServed()) {
        await this.#switched.wait(Number.POSITIVE_INFINITY, signal)
        waitMs = Math.max(way.patienceMs(), this.#restMs(way))
        continue
      }
      const addresses = way.addresses()
      if (waitMs > 0 || addresses.length === 0) {
        await way.changed.wait(addresses.length === 0 ? Number.POSITIVE_INFINITY : waitMs, signal)
        waitMs = 0
        continue
      }
      waitMs = await this.#try(way, addresses)
    }
  }

  /** After a connection that ended at once there is a wait; after one that worked for a while there is none. */
  #restMs(way: Way): number {
    return this.#init.now() - this.#inUseSinceMs < STEADY_AFTER_MS ? way.backoff.nextMs() : 0
  }

  /** Dials once. Returns how long to wait before the next time. */
  async #try(way: Way, addresses: Multiaddr[]): Promise<number> {
    const { dial, signal, listener } = this.#init
    const attempt = new AbortController()
    way.attempt = attempt
    const timeout = AbortSignal.timeout(DIAL_TIMEOUT_MS)
    let message = 'the connection ended at once'
    try {
      await dial(addresses, AbortSignal.any([signal, attempt.signal, timeout]))
    } catch (error) {
      message = messageOf(error)
    } finally {
      way.attempt = undefined
    }
    signal.throwIfAborted()
    if (way.isServed()) {
      return 0
    }
    const retryInMs = way.backoff.nextMs()
    way.tries++
    if (way.tries === way.tellAtTry) {
      way.tellAtTry *= TELL_FACTOR
      listener.onDialFailed(this.#member, { message, retryInMs, tries: way.tries })
    }
    return retryInMs
  }
}

/**
 * Whether the peer made a connection because the one in use is dead at its end: otherwise it would have used that. Two
 * that were made at about the same time are both alive, and a direct one after a relayed one is an improvement.
 */
function isReturn(made: PairConnection, inUse: PairConnection): boolean {
  const isBetter = made.direct && !inUse.direct
  return (
    !isBetter && made.direction === 'inbound' && made.timeline.open - inUse.timeline.open > RETURN_AFTER_MS
  )
}
