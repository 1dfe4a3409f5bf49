/**
 * The peer's connection to the coordinator: finds it, joins, keeps the swarm clock, passes messages, and reconnects
 * when the connection breaks.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { Backoff } from '../../core/backoff.ts'
import type { Bound } from '../../core/bound.ts'
import { MAX_CHUNK_BYTE_LENGTH, MIN_CHUNK_BYTE_LENGTH } from '../../core/chunks.ts'
import { messageOf, PotluckError } from '../../core/errors.ts'
import { printable } from '../../core/names.ts'
import { verifySignature } from '../../keys/signatures.ts'
import { askAdmission, type SwarmSecret } from '../../protocols/admission/index.ts'
import {
  type Arrivals,
  CLOCK_PROBE_INTERVAL_MS,
  CLOCK_PROBES,
  COORDINATION_VERSION,
  type CoordinatorMessage,
  type Joined,
  MAX_MANIFESTS,
  type Member,
  manifestPages,
  openBound,
  openSession,
  openSwarmEnd,
  type PeerMessage,
  type PeerSession,
  type ReportedCapacities,
  SILENCE_TIMEOUT_MS,
  type SwarmEnd
} from '../../protocols/coordination/index.ts'
import {
  checkedSwarmId,
  InvalidManifestError,
  openManifest,
  type SignedManifest
} from '../../protocols/manifest/index.ts'
import { ProtocolViolation } from '../../protocols/wire.ts'
import type { Host } from '../host/host.ts'
import { addressesToTell } from '../mesh/addresses.ts'
import { ClockOffset } from './clock-offset.ts'

const FIRST_RETRY_MS = 250
const MAX_RETRY_MS = 5000

/** One attempt to reach the coordinator. */
const DIAL_TIMEOUT_MS = 10_000

/** From the join to its answer. */
const JOIN_TIMEOUT_MS = 15_000

/** What the coordinator says of the swarm when it accepts a peer. */
export interface JoinedSwarm {
  expectedPeers: number
  chunkByteLength: number
  clockOffsetMs: number
  /** Manifests have to be signed for it; it is new when the coordinator was started from nothing. */
  swarmId: Uint8Array
  /** The addresses of this peer that the others receive. */
  multiaddrs: string[]
  /** The coordinator's address for this peer, if connections may pass through it. */
  relay: Multiaddr | undefined
}

export interface CoordinatorLinkListener {
  onUnreachable(message: string, retryInMs: number): void
  onConnected(address: string): void
  /** The coordinator accepted this peer, for the first time or again. */
  onJoined(registration: JoinedSwarm): void
  /** While some have not joined yet. */
  onArrivals(arrivals: Arrivals): void
  onRoster(members: Member[]): void
  /** The whole catalog; again after a rejoin. */
  onCatalog(manifests: SignedManifest[]): Promise<void>
  /** While the swarm runs. */
  onBound(bound: Bound): void
  onEnd(end: SwarmEnd): void
  /** The connection is lost. `reset`: it broke without a goodbye. */
  onLost(message: string, reset: boolean): void
  /**
   * The coordinator refused this peer after its join, usually because of its manifests. Or this peer refused what the
   * coordinator sent.
   */
  onRefused(error: PotluckError): void
}

export interface CoordinatorLinkInit {
  /** Where it may be: one address, or those of an invitation, each with its PeerId. */
  addresses: readonly string[]
  /** Whether they come from an invitation, whose key the secret is then. */
  invited: boolean
  name: string
  /** The secret that the coordinator must have too; undefined: none. */
  secret: SwarmSecret | undefined
  /** The configured capacity of the link; until `setCapacities`. */
  capacities: ReportedCapacities
  /** How long to try before giving up, at the first join. */
  joinTimeoutMs: number
  /** Whether it only looks at what is published, and takes no place. */
  observer?: boolean
}

export interface CoordinatorLinkComponents {
  host: Host
  listener: CoordinatorLinkListener
  /** Milliseconds on any steady clock. */
  now(): number
  random(): number
}

export class CoordinatorLink {
  readonly #init: CoordinatorLinkInit
  readonly #components: CoordinatorLinkComponents
  readonly #addresses: Multiaddr[]
  /** The same, as text for people. */
  readonly place: string
  #clock = new ClockOffset()
  readonly #stopping = new AbortController()
  #session: PeerSession | undefined
  #capacities: ReportedCapacities
  /**
   * The manifests that this peer published last, by their bytes: the catalog contains them again, and its own signature
   * needs no check.
   */
  #published = new Map<string, SignedManifest>()
  /** Manifests received until the catalog's last page. */
  #pages: SignedManifest[] = []
  /** Of the swarm that this peer joined last. */
  #swarmId: Uint8Array = new Uint8Array()
  /** When the last message was handled; undefined while one is being handled. */
  #idleSinceMs: number | undefined

  constructor(init: CoordinatorLinkInit, components: CoordinatorLinkComponents) {
    this.#init = init
    this.#capacities = init.capacities
    this.#components = components
    this.#addresses = init.addresses.map((address) => multiaddr(address))
    this.place = init.invited
      ? init.addresses.map((address) => address.replace(/\/p2p\/.*/, '')).join(' or ')
      : init.addresses.join(' or ')
  }

  /** The difference from the own clock to swarm time; undefined before the first join. */
  get clockOffsetMs(): number | undefined {
    return this.#clock.offsetMs
  }

  get connected(): boolean {
    return this.#session !== undefined
  }

  /**
   * Tries until the coordinator answers, and each has proved to the other that it has the swarm's secret.
   *
   * @throws PotluckError COORDINATOR_UNREACHABLE after `timeoutMs`, REFUSED when the secrets differ, or it accepts only
   * others
   */
  async connect(timeoutMs = this.#init.joinTimeoutMs): Promise<Connection> {
    const { listener, now, random } = this.#components
    const { signal } = this.#stopping
    const backoff = new Backoff({ firstMs: FIRST_RETRY_MS, limitMs: MAX_RETRY_MS, random })
    const deadlineMs = now() + timeoutMs
    while (true) {
      signal.throwIfAborted()
      try {
        const leftMs = Math.max(1, Math.ceil(deadlineMs - now()))
        const timeout = AbortSignal.timeout(Math.min(DIAL_TIMEOUT_MS, leftMs))
        const either = AbortSignal.any([signal, timeout])
        const connection = await this.#dial(either)
        await this.#askAdmission(connection, either)
        listener.onConnected(this.#init.invited ? connection.remoteAddr.toString() : this.place)
        return connection
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof PotluckError) {
          throw error
        }
        this.#checkIdentity(error)
        const retryInMs = backoff.nextMs()
        if (now() + retryInMs > deadlineMs) {
          throw new PotluckError(
            'COORDINATOR_UNREACHABLE',
            `no coordinator answers at ${this.place} (${reasonOf(error)}); ${this.#cure('start it')}`,
            { cause: error }
          )
        }
        listener.onUnreachable(reasonOf(error), retryInMs)
        await sleep(retryInMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    }
  }

  /**
   * Joins over a connection: sets the clock, then asks for a place. Messages are received from then on.
   *
   * @throws PotluckError REFUSED, or COORDINATOR_LOST when the connection breaks meanwhile
   */
  async join(connection: Connection): Promise<void> {
    const timeout = AbortSignal.timeout(JOIN_TIMEOUT_MS)
    const signal = AbortSignal.any([this.#stopping.signal, timeout])
    let session: PeerSession | undefined
    const abort = (): void => session?.hangUp(new Error('the join was given up'))
    signal.addEventListener('abort', abort, { once: true })
    try {
      session = await openSession(connection, signal)
      const messages = session.received()
      const clock = new ClockOffset()
      for (let probe = 0; probe < CLOCK_PROBES; probe++) {
        await this.#probe(session)
        this.#takeClock(await next(messages), clock)
      }
      const { name, observer = false } = this.#init
      const capacities = this.#capacities
      const multiaddrs = addressesToTell(this.#components.host.getMultiaddrs())
      const join = observer
        ? { version: COORDINATION_VERSION, name, multiaddrs: [], observer }
        : { version: COORDINATION_VERSION, name, multiaddrs, ...capacities }
      await session.send({ join })
      const { relay, ...joined } = this.#takeJoined(await next(messages), clock)
      if (observer && joined.observer !== true) {
        throw new PotluckError(
          'REFUSED',
          `the coordinator at ${this.place} is of an earlier release, which gives a dry run a place in the swarm; install the same release on both`
        )
      }
      this.#clock = clock
      this.#session = session
      this.#swarmId = joined.swarmId
      if (this.#capacities !== capacities) {
        this.tell({ capacities: this.#capacities })
      }
      // Parts that an earlier session began to send.
      this.#pages = []
      this.#published = new Map()
      this.#components.listener.onJoined({
        ...joined,
        multiaddrs,
        relay: relay ? connection.remoteAddr : undefined
      })
      void this.#receive(session, messages)
    } catch (error) {
      session?.abort(new Error('the join failed'))
      if (error instanceof PotluckError) {
        throw error
      }
      this.#stopping.signal.throwIfAborted()
      throw new PotluckError(
        'COORDINATOR_LOST',
        `the connection to the coordinator at ${this.place} broke while joining (${reasonOf(error)}); start this peer again`,
        { cause: error }
      )
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Sends all manifests. Rejects when there is no connection or it breaks; `onLost` reports what follows. */
  async publish(manifests: SignedManifest[]): Promise<void> {
    const session = this.#session
    if (session === undefined) {
      throw new Error('the connection to the coordinator is down')
    }
    this.#published = new Map(manifests.map((signed) => [textOf(signed.bytes), signed]))
    for (const page of manifestPages(manifests)) {
      await session.send({ manifests: page })
    }
  }

  /** Sends a message if there is a connection; what is lost with it is sent again after the rejoin. */
  tell(message: Partial<PeerMessage>): void {
    const session = this.#session
    session?.send(message).catch((error: Error) => session.abort(error))
  }

  /** The configured capacity of the link from now on. */
  setCapacities(capacities: ReportedCapacities): void {
    this.#capacities = capacities
    this.tell({ capacities })
  }

  /** Says goodbye, if there is a connection, and stops trying. */
  async stop(reason: string): Promise<void> {
    const session = this.#session
    this.#session = undefined
    if (session !== undefined) {
      await session.send({ leave: { reason } }, AbortSignal.timeout(500)).catch(() => undefined)
      await session.close()
    }
    this.#stopping.abort(new PotluckError('INTERRUPTED', reason))
  }

  async #askAdmission(connection: Connection, signal: AbortSignal): Promise<void> {
    const { secret, invited } = this.#init
    const peerId = this.#components.host.peerId.toString()
    try {
      await askAdmission({ connection, secret, invited: invited && secret !== undefined, peerId, signal })
    } catch (error) {
      // The next attempt must use a connection of its own.
      connection.abort(new Error('not admitted'))
      if (error instanceof PotluckError) {
        throw error
      }
      if (error instanceof Error && error.name === 'UnsupportedProtocolError') {
        throw new PotluckError(
          'REFUSED',
          `what answers at ${this.place} is no coordinator of this version; ${this.#cure('install the same release on both')}`,
          { cause: error }
        )
      }
      throw new Error(`it ended the connection before it admitted this peer: ${reasonOf(error)}`, {
        cause: error
      })
    }
  }

  async #receive(session: PeerSession, messages: AsyncGenerator<CoordinatorMessage>): Promise<void> {
    this.#idleSinceMs = this.#components.now()
    const probing = setInterval(() => {
      if (this.#components.now() - (this.#idleSinceMs ?? Number.POSITIVE_INFINITY) > SILENCE_TIMEOUT_MS) {
        session.hangUp(new Error(`it was silent for ${SILENCE_TIMEOUT_MS / 1000} s`))
      }
      this.#probe(session).catch((error: Error) => session.abort(error))
    }, CLOCK_PROBE_INTERVAL_MS)
    let ending = { message: 'the connection was closed without a goodbye', reset: true }
    try {
      for await (const message of messages) {
        if (message.leave !== undefined) {
          ending = { message: printable(message.leave.reason), reset: false }
          break
        }
        this.#idleSinceMs = undefined
        await this.#take(message)
        this.#idleSinceMs = this.#components.now()
      }
    } catch (error) {
      ending = { message: reasonOf(error), reset: true }
    } finally {
      clearInterval(probing)
      session.abort(new Error('the session is over'))
    }
    if (this.#session === session) {
      this.#session = undefined
      this.#components.listener.onLost(ending.message, ending.reset)
    }
  }

  async #take(message: CoordinatorMessage): Promise<void> {
    const { listener } = this.#components
    this.#takeClock(message, this.#clock)
    if (message.arrivals !== undefined) {
      listener.onArrivals(message.arrivals)
    }
    if (message.roster !== undefined) {
      listener.onRoster(message.roster.members)
    }
    if (message.catalog !== undefined) {
      const { manifests, last } = message.catalog
      for (const signed of await this.#openPage(manifests)) {
        this.#pages.push(signed)
      }
      if (this.#pages.length > MAX_MANIFESTS) {
        throw new Error('a catalog without end')
      }
      if (last) {
        await listener.onCatalog(this.#pages.splice(0))
      }
    }
    if (message.refusal !== undefined) {
      listener.onRefused(refusedError(message.refusal))
    }
    const { efficiency, ...bound } = (message.bound && openBound(message.bound)) ?? {}
    if ('boundMs' in bound) {
      listener.onBound(bound)
    }
    if (message.swarmEnd !== undefined) {
      listener.onEnd(openSwarmEnd(message.swarmEnd))
    }
  }

  /** No longer deals with a coordinator that changes what others have signed; reported once per page. */
  async #openPage(page: Uint8Array<ArrayBuffer>[]): Promise<SignedManifest[]> {
    try {
      return await Promise.all(
        page.map(
          (bytes) => this.#published.get(textOf(bytes)) ?? openManifest(bytes, this.#swarmId, verifySignature)
        )
      )
    } catch (error) {
      if (error instanceof InvalidManifestError) {
        this.#components.listener.onRefused(
          new PotluckError(
            'INTEGRITY',
            `the coordinator sent a manifest that is not what a peer of this swarm has signed (${error.message}); do not trust that coordinator; start a new swarm with another one`,
            { cause: error }
          )
        )
      }
      throw error
    }
  }

  /** Dials several addresses all at once: one may swallow packets, or lead to another machine from here. */
  async #dial(signal: AbortSignal): Promise<Connection> {
    const { host } = this.#components
    const [first] = this.#addresses
    return first === undefined || this.#init.invited
      ? await host.services.reach.dial(this.#addresses, signal)
      : await host.dial(first, { signal })
  }

  /** Advice for when the coordinator is not found. */
  #cure(first: string): string {
    return this.#init.invited
      ? `${first}, open its port where a firewall closes it, or ask for its current invitation`
      : `${first}, or correct the address with --coordinator`
  }

  /** If other nodes answer at each of the addresses, waiting does not turn them into the coordinator. */
  #checkIdentity(error: unknown): void {
    const { cause } = error instanceof Error ? error : {}
    const reasons: unknown[] = this.#init.invited && cause instanceof AggregateError ? cause.errors : [error]
    const others = reasons.map(
      (reason) => /Payload identity key (\S+) does not match/.exec(messageOf(reason))?.[1]
    )
    if (others.every((other) => other !== undefined)) {
      throw new PotluckError(
        'COORDINATOR_UNREACHABLE',
        this.#init.invited
          ? `another coordinator answers at ${this.place} than the one that made this invitation, or a new start of it; ask for its current invitation`
          : `another node answers at ${this.place}: it is ${others[0]}; correct the address with --coordinator`,
        { cause: error }
      )
    }
  }

  async #probe(session: PeerSession): Promise<void> {
    await session.send({ clockProbe: { sentAtMs: this.#components.now() } })
  }

  #takeClock({ clockReply }: CoordinatorMessage, clock: ClockOffset): void {
    const { sentAtMs = Number.NaN, atMs = Number.NaN } = clockReply ?? {}
    if (Number.isFinite(sentAtMs) && Number.isFinite(atMs)) {
      clock.add({ sentAtMs, swarmAtMs: atMs, receivedAtMs: this.#components.now() })
    }
  }

  #takeJoined(message: CoordinatorMessage, { offsetMs }: ClockOffset): Joined & { clockOffsetMs: number } {
    if (message.refusal !== undefined) {
      throw refusedError(message.refusal)
    }
    if (message.joined === undefined || offsetMs === undefined) {
      throw new Error('it did not answer the join')
    }
    const swarmId = checkedSwarmId(message.joined.swarmId)
    checkChunkByteLength(message.joined.chunkByteLength)
    return { ...message.joined, swarmId, clockOffsetMs: offsetMs }
  }
}

/** Shares are read one chunk at a time: with chunks of 4 GiB a whole file would be in memory. */
function checkChunkByteLength(chunkByteLength: number): void {
  if (chunkByteLength < MIN_CHUNK_BYTE_LENGTH || chunkByteLength > MAX_CHUNK_BYTE_LENGTH) {
    throw new ProtocolViolation(`it divides files into chunks of ${chunkByteLength} bytes`)
  }
}

async function next(messages: AsyncGenerator<CoordinatorMessage>): Promise<CoordinatorMessage> {
  const result = await messages.next()
  if (result.done === true) {
    throw new Error('it closed the connection')
  }
  return result.value
}

function refusedError({ message }: { message: string }): PotluckError {
  return new PotluckError('REFUSED', `the coordinator refused this peer: ${printable(message)}`)
}

/** A short reason for a person: an abort by a timer does not say what it waited for. */
function reasonOf(error: unknown): string {
  return error instanceof DOMException && error.name === 'TimeoutError'
    ? 'no answer in time'
    : messageOf(error)
}

/** The same text for the same bytes. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
