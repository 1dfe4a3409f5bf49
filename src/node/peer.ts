/**
 * A peer, from its start to its end: opens its store, listens, hashes its shares, joins and publishes, runs
 * (`peer-run.ts`), and leaves nothing open.
 */
import type { PrivateKey } from '@libp2p/interface'
import type { PeerConfig, PeerLimits } from '../config/peer.ts'
import { DEFAULT_CHUNK_BYTE_LENGTH } from '../core/chunks.ts'
import { messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import type { EngineOptions } from '../engine/options.ts'
import type { PeerEvent, SwarmOutcome } from '../events/peer.ts'
import { EventStream, type Onlooker, type Unstamped } from '../events/stream.ts'
import type { SwarmSecret } from '../protocols/admission/index.ts'
import { PROGRESS_INTERVAL_MS } from '../protocols/coordination/index.ts'
import type { SignedManifest } from '../protocols/manifest/index.ts'
import type { Store, StoreListener } from '../store/store.ts'
import { choiceOf } from './choice.ts'
import type { ExchangeLimits } from './exchange/exchange.ts'
import type { Host } from './host/host.ts'
import type { PeerDoor } from './host/peer-door.ts'
import { Limits } from './limits.ts'
import { CoordinatorLink, type JoinedSwarm } from './link/coordinator-link.ts'
import { Joining } from './link/joining.ts'
import { Mesh } from './mesh/mesh.ts'
import { type Asking, PeerRun } from './peer-run.ts'
import { Publication } from './publication.ts'
import { RunClock } from './run-clock.ts'

export interface PeerComponents {
  /** Not started; the peer starts and stops it. */
  host: Host
  /** The host's door. */
  door: PeerDoor
  /** The swarm's; undefined: it has none. */
  secret: SwarmSecret | undefined
  /** The coordinator's addresses from an invitation, whose key the secret is then. */
  invitedTo?: readonly string[] | undefined
  /** Whether it listens without a secret where others can reach it, as its configuration says. */
  isOpen: boolean
  privateKey: PrivateKey
  openStore(listener: StoreListener): Promise<Store>
  /** If a person can be asked whether to fetch as much as there is. */
  asking?: Omit<Asking, 'above'> | undefined
  /** Started before it listens, and stopped last. */
  onlooker?: Onlooker<PeerEvent> | undefined
  /** Unusual options of its exchange, for experiments and tests. */
  engineOptions?: Partial<EngineOptions> | undefined
  /** Milliseconds on any steady clock. */
  now(): number
  /** From 0 up to and not including 1. */
  random(): number
}

export class Peer {
  readonly events = new EventStream<PeerEvent>()
  readonly #config: PeerConfig
  readonly #components: PeerComponents
  readonly #limits: Limits
  readonly #clock: RunClock
  readonly #publication: Publication
  readonly #mesh: Mesh
  readonly #link: CoordinatorLink
  readonly #joining: Joining
  readonly #run: PeerRun
  readonly #completed = Promise.withResolvers<SwarmOutcome>()
  #store: Store | undefined
  #swarmId: Uint8Array = new Uint8Array()
  #ending = false
  #starting: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(config: PeerConfig, components: PeerComponents) {
    this.#config = config
    this.#components = components
    const { host, now } = components
    this.#limits = new Limits(config)
    host.services.sendQueues.setLimit(this.#limits.maxUp)
    this.#clock = new RunClock({ now, offsetMs: () => this.#link.clockOffsetMs })
    this.#publication = new Publication({
      name: config.name,
      peerId: host.peerId.toString(),
      privateKey: components.privateKey,
      now,
      emit: (event) => this.#emit(event)
    })
    this.#mesh = this.#createMesh()
    this.#link = this.#createLink()
    this.#joining = this.#createJoining()
    this.#run = this.#createRun()
    this.events.listen((event) => this.#run.reporting.note(event))
    // A caller that does not ask how it ended must not crash because of it.
    this.#completed.promise.catch(() => undefined)
  }

  #createMesh(): Mesh {
    return new Mesh({
      ...this.#components,
      listener: {
        onConnected: (member, connection) => {
          const { direction, remoteAddr, direct } = connection
          const address = printable(remoteAddr.toString())
          this.#emit({ event: 'peer-connected', remote: member.name, address, direction, relayed: !direct })
          this.#run.onConnected(member, connection)
        },
        onDisconnected: (member) => this.#run.onDisconnected(member),
        onDialFailed: (member, { message, ...again }) =>
          this.#emit({ event: 'dial-failed', remote: member.name, message: printable(message), ...again })
      }
    })
  }

  #createLink(): CoordinatorLink {
    const { invitedTo, secret } = this.#components
    const { name, coordinator, joinTimeoutMs } = this.#config
    return new CoordinatorLink(
      {
        addresses: invitedTo ?? [coordinator],
        invited: invitedTo !== undefined,
        name,
        secret,
        capacities: this.#limits.configuredCapacities,
        joinTimeoutMs
      },
      {
        ...this.#components,
        listener: {
          onUnreachable: (message, retryInMs) => this.#tellUnreachable(message, retryInMs),
          onConnected: (address) => this.#emit({ event: 'coordinator-connected', address }),
          onJoined: (registration) => this.#onJoined(registration),
          onArrivals: ({ names, ...arrivals }) =>
            this.#emit({ event: 'arrivals', ...arrivals, names: names.map(printable) }),
          onRoster: (members) => this.#run.onRoster(members),
          onCatalog: (manifests) => this.#onCatalog(manifests),
          onBound: (bound) => this.#emit({ event: 'bound', ...bound }),
          onEnd: (end) => this.#run.onEnd(end),
          onLost: (message, reset) => this.#onCoordinatorLost(message, reset),
          onRefused: (error) => this.#fail(error)
        }
      }
    )
  }

  #createJoining(): Joining {
    const { host, now, random } = this.#components
    return new Joining({
      link: this.#link,
      sendQueues: host.services.sendQueues,
      timeoutMs: this.#config.joinTimeoutMs,
      knowsCatalog: () => this.#run.knowsCatalog,
      publish: () => this.#publish(),
      onUnreachable: (message, retryInMs) => this.#tellUnreachable(message, retryInMs),
      now,
      random
    })
  }

  #createRun(): PeerRun {
    const { name, peerReturnTimeoutMs } = this.#config
    const { host, door, random, engineOptions } = this.#components
    return new PeerRun({
      name,
      peerReturnTimeoutMs,
      host,
      door,
      mesh: this.#mesh,
      link: this.#link,
      clock: this.#clock,
      engineOptions,
      chooses: choiceOf(this.#config),
      asking: this.#asking,
      random,
      emit: (event) => this.#emit(event),
      listener: {
        onEnding: (outcome) => {
          this.#ending = true
          outcome.then(this.#completed.resolve, this.#completed.reject)
          this.#joining.stop()
          void this.#link.stop('the swarm has ended')
        },
        onShort: (error) => this.#failed(error),
        onFatal: (error) => this.#fail(error)
      }
    })
  }

  get #asking(): Asking | undefined {
    const { asking } = this.#components
    return asking && { ...asking, above: this.#config.askAbove }
  }

  /** Resolves when this peer has registered and published. @throws PotluckError */
  async start(): Promise<void> {
    this.#starting ??= this.#start()
    try {
      await this.#starting
    } catch (error) {
      throw this.#fail(error)
    }
  }

  /** How the swarm ended, once this peer has everything. Rejects with PotluckError when it does not get there. */
  completed(): Promise<SwarmOutcome> {
    return this.#completed.promise
  }

  /**
   * Limits the upload and download rate of chunks over all connections together, in Mbit/s, from now on and replacing
   * earlier limits: an absent one is no limit.
   *
   * @throws PotluckError CONFIGURATION
   */
  setLimits(limits: PeerLimits): void {
    this.#limits.set(limits)
    this.#components.host.services.sendQueues.setLimit(this.#limits.maxUp)
    this.#run.setLimits(this.#exchangeLimits)
    this.#link.setCapacities(this.#limits.configuredCapacities)
    if (this.#starting !== undefined && this.#stopped === undefined) {
      this.#emit(this.#limits.event)
    }
  }

  get #exchangeLimits(): ExchangeLimits {
    const { maxUp, maxDown, configuredCapacities } = this.#limits
    return { uplink: configuredCapacities.uplinkBytesPerSecond, maxUp, maxDown }
  }

  /** Says goodbye to the others, writes the state, and leaves nothing open. */
  stop(reason = 'the peer was stopped'): Promise<void> {
    this.#stopped ??= this.#stop(reason).finally(() => this.#components.onlooker?.stop())
    return this.#stopped
  }

  async #start(): Promise<void> {
    const { host, openStore, onlooker } = this.#components
    const sharedByteLength = Promise.withResolvers<number>()
    this.#store = await openStore({
      onFileComplete: (...complete) => this.#run.onFileComplete(...complete),
      onHashing: (hashedBytes, totalBytes) => {
        sharedByteLength.resolve(totalBytes)
        this.#emit({ event: 'hashing', hashedBytes, totalBytes })
      },
      onChunksHeld: (root, chunkIndices) => this.#run.onChunksHeld(root, chunkIndices),
      onChunkLost: (root, chunkIndex) => this.#run.onChunkLost(root, chunkIndex),
      onWarning: (message) => this.#emit({ event: 'warning', message }),
      onEntryFailed: (manifest, error) => this.#run.onEntryFailed(manifest, error),
      onMovedAside: (path, movedTo) => this.#emit({ event: 'moved-aside', path, movedTo }),
      onFileLost: (manifest) => this.#run.onFileLost(manifest),
      onContentLost: (root) => this.#run.onContentLost(root),
      onFatal: (error) => this.#fail(error)
    })
    this.#throwIfStopped()
    const news = (await onlooker?.start(this.events)) ?? []
    this.#throwIfStopped()
    await host.start()
    this.#throwIfStopped()
    const multiaddrs = host.getMultiaddrs().map(String)
    this.#emit({ event: 'started', peerId: host.peerId.toString(), multiaddrs })
    for (const event of news) {
      this.#emit(event)
    }
    if (this.#limits.maxUp !== undefined || this.#limits.maxDown !== undefined) {
      this.#emit(this.#limits.event)
    }
    if (this.#components.isOpen) {
      const message =
        'there is no secret: anyone who can reach the coordinator can join and receive all files'
      this.#emit({ event: 'warning', message })
    }
    // Both at once, so that the first failure shows at once: a wrong address does not wait for hours of hashing.
    const hashing = this.#publication.hash(this.#store, DEFAULT_CHUNK_BYTE_LENGTH)
    hashing.then(sharedByteLength.resolve, () => sharedByteLength.resolve(0))
    const [, connection] = await Promise.all([hashing, this.#joining.connect(sharedByteLength.promise)])
    await this.#joining.join(connection)
    this.#throwIfStopped()
    this.#emit(this.#publication.event)
    this.#timer = setInterval(() => this.#tick(), PROGRESS_INTERVAL_MS)
  }

  async #publish(): Promise<void> {
    if (this.#store !== undefined) {
      await this.#publication.sign(this.#store, this.#swarmId, this.#chunkByteLength)
    }
    await this.#link.publish(this.#publication.manifests)
  }

  /** As in the coordinator's join. */
  get #chunkByteLength(): number {
    return this.#run.chunkByteLength ?? DEFAULT_CHUNK_BYTE_LENGTH
  }

  #onJoined(registration: JoinedSwarm): void {
    const { chunkByteLength, expectedPeers, clockOffsetMs, multiaddrs, relay, swarmId } = registration
    const rejoined = !this.#clock.register()
    if (rejoined && chunkByteLength !== this.#chunkByteLength) {
      const message = `the coordinator came back with chunks of ${chunkByteLength} bytes instead of ${this.#chunkByteLength}; start it with the chunkByteLength that it had`
      this.#fail(new PotluckError('REFUSED', message))
      return
    }
    this.#swarmId = swarmId
    this.#mesh.useRelay(relay)
    const peerId = this.#components.host.peerId.toString()
    this.#emit({ event: 'registered', peerId, multiaddrs, expectedPeers, clockOffsetMs, rejoined })
    if (rejoined) {
      this.#run.reporting.onRejoined()
    } else if (this.#store !== undefined) {
      this.#run.begin(this.#store, chunkByteLength, this.#exchangeLimits)
    }
  }

  async #onCatalog(signed: SignedManifest[]): Promise<void> {
    try {
      await this.#run.onCatalog(signed.map(({ manifest }) => manifest))
    } catch (error) {
      this.#fail(error)
    }
  }

  #onCoordinatorLost(message: string, reset: boolean): void {
    if (this.#run.ended || this.#stopped !== undefined) {
      return
    }
    this.#emit({ event: 'coordinator-lost', message, reset })
    this.#mesh.useRelay(undefined)
    if (this.#config.onCoordinatorLost === 'exit' || (!this.#run.knowsCatalog && !reset)) {
      this.#fail(this.#joining.lostError(message))
    } else {
      this.#joining.rejoin().catch((error) => this.#fail(error))
    }
  }

  #tellUnreachable(message: string, retryInMs: number): void {
    const address = this.#link.place
    this.#emit({ event: 'coordinator-unreachable', address, message: printable(message), retryInMs })
  }

  #tick(): void {
    this.#mesh.tick()
    this.#run.tick()
  }

  /** Ends the run with an error; the first one counts. Returns the error to show to people. */
  #fail(error: unknown): PotluckError {
    if (this.#stopped !== undefined && !(error instanceof PotluckError)) {
      return new PotluckError('INTERRUPTED', 'the peer was stopped while it started', { cause: error })
    }
    const failure =
      error instanceof PotluckError ? error : new PotluckError('DISK', messageOf(error), { cause: error })
    if (this.#stopped === undefined && !this.#run.ended) {
      this.#run.end()
      this.#failed(failure)
    }
    return failure
  }

  #failed(failure: PotluckError): void {
    this.#emit({ event: 'error', code: failure.code, message: failure.message })
    this.#completed.reject(failure)
    // stop() reports the failures of closing to its callers.
    this.stop(failure.message).catch(() => undefined)
  }

  #throwIfStopped(): void {
    if (this.#stopped !== undefined) {
      throw new PotluckError('INTERRUPTED', 'the peer was stopped while it started')
    }
  }

  async #stop(reason: string): Promise<void> {
    const { host } = this.#components
    if (!this.#ending) {
      this.#completed.reject(new PotluckError('INTERRUPTED', reason))
    }
    this.#joining.stop()
    this.#components.door.close()
    this.#mesh.stop()
    const close = async (): Promise<void> => {
      clearInterval(this.#timer)
      await Promise.all([this.#link.stop(reason), this.#run.stop(), this.#store?.close()])
    }
    try {
      await close()
      // A start that was under way may have opened something since.
      await this.#starting?.catch(() => undefined)
      await close()
    } finally {
      await host.stop()
      this.#emit({ event: 'stopped', reason })
    }
  }

  #emit(event: Unstamped<PeerEvent>): void {
    this.events.emit({ ...event, atMs: this.#clock.atMs, peer: this.#config.name })
  }
}
