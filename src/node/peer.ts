/**
 * A peer's run, from its start to the swarm's end: hashes what it brings, joins, publishes, exchanges, reports, and
 * keeps serving until all are complete.
 */
import type { PrivateKey } from '@libp2p/interface'
import type { PeerConfig, PeerLimits } from '../config/peer.ts'
import { DEFAULT_CHUNK_BYTE_LENGTH, heldBytesOf } from '../core/chunks.ts'
import { messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { named } from '../core/units.ts'
import type { EngineOptions } from '../engine/options.ts'
import { SwarmState } from '../engine/swarm-state.ts'
import type { Waiting } from '../events/coordinator.ts'
import type {
  KnownBound,
  MissingFile,
  PeerEvent,
  PeerProgress,
  SwarmOutcome,
  WithoutFiles
} from '../events/peer.ts'
import { EventStream, type Onlooker, type Unstamped } from '../events/stream.ts'
import type { SwarmSecret } from '../protocols/admission/index.ts'
import type { Member, Progress, SwarmEnd } from '../protocols/coordination/index.ts'
import {
  ACTIVITY_INTERVAL_MS,
  MAX_CONTENTS_TOLD,
  MAX_SHORTFALL_LENGTH,
  MAX_WAITING_FOR,
  openBound,
  PROGRESS_INTERVAL_MS,
  toldCapacities
} from '../protocols/coordination/index.ts'
import { catalogProblem, extentOf } from '../protocols/manifest/catalog.ts'
import { type Manifest, manifestKey, type SignedManifest } from '../protocols/manifest/index.ts'
import type { Store, StoreListener } from '../store/store.ts'
import { ActivityReport } from './activity.ts'
import { Catalog } from './catalog.ts'
import { Endings } from './endings.ts'
import { Exchange, type ExchangeLimits } from './exchange/exchange.ts'
import type { Host } from './host/host.ts'
import type { PeerDoor } from './host/peer-door.ts'
import { LeftOut } from './left-out.ts'
import { Limits } from './limits.ts'
import { CoordinatorLink, type Registration } from './link/coordinator-link.ts'
import { Joining } from './link/joining.ts'
import { Mesh } from './mesh/mesh.ts'
import { Outlook } from './outlook.ts'
import { Publication } from './publication.ts'
import { Shortfalls } from './shortfalls.ts'

/** Whoever was not reached by then has been tried at every address, over slow paths too. */
const APART_AFTER_MS = 20_000

export interface PeerComponents {
  /** Not started; the peer starts and stops it. */
  host: Host
  /** The host's door. */
  door: PeerDoor
  /** The swarm's; undefined: it has none. */
  secret: SwarmSecret | undefined
  /** The coordinator's addresses, as an invitation has them, with whose key the secret is then one. */
  invitedTo?: readonly string[] | undefined
  /** Whether it listens without a secret where others can reach it, as its configuration says. */
  isOpen: boolean
  privateKey: PrivateKey
  openStore(listener: StoreListener): Promise<Store>
  /** Started before it listens, and stopped last. */
  onlooker?: Onlooker<PeerEvent> | undefined
  /** What is not as usual in its exchange: for experiments and tests. */
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
  readonly #createdAtMs: number
  readonly #link: CoordinatorLink
  readonly #joining: Joining
  readonly #mesh: Mesh
  readonly #state: SwarmState
  readonly #catalog = new Catalog()
  readonly #endings: Endings
  readonly #completed = Promise.withResolvers<SwarmOutcome>()
  readonly #members = new Map<string, Member>()
  readonly #leftOut: LeftOut
  #store: Store | undefined
  #exchange: Exchange | undefined
  #exchangeStarted: Promise<void> | undefined
  #outlook: Outlook | undefined
  #chunkByteLength = DEFAULT_CHUNK_BYTE_LENGTH
  #swarmId: Uint8Array = new Uint8Array()
  readonly #publication: Publication
  /** On this peer's own clock. */
  #registeredAtMs: number | undefined
  #rosterAtMs: number | undefined
  #apartTold = false
  /** Since when it has all that it can have, on this peer's own clock. */
  #doneAtMs: number | undefined
  #confirming = false
  #finishing: Promise<void> | undefined
  /** Of the files that are complete, how many this run did not read. */
  #checkedEarlier = 0
  readonly #shortfalls = new Shortfalls()
  #catalogKnown = false
  #ended = false
  #starting: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #reported: PeerProgress | undefined
  readonly #activity = new ActivityReport()
  #activityAtMs = Number.NEGATIVE_INFINITY
  readonly #limits: Limits

  constructor(config: PeerConfig, components: PeerComponents) {
    this.#config = config
    this.#components = components
    this.#limits = new Limits(config)
    const { host, now, random } = components
    host.services.sendQueues.setLimit(this.#limits.maxUp)
    this.#publication = new Publication({
      name: config.name,
      peerId: host.peerId.toString(),
      privateKey: components.privateKey,
      now,
      emit: (event) => this.#emit(event)
    })
    this.#leftOut = new LeftOut(host.peerId.toString())
    this.#createdAtMs = now()
    this.events.listen((event) => this.#activity.note(event))
    this.#state = new SwarmState(random)
    this.#endings = new Endings(config.peerReturnTimeoutMs)
    this.#mesh = new Mesh({
      host,
      now,
      random,
      listener: {
        onConnected: (member, connection) => {
          const { direction, remoteAddr, direct } = connection
          const address = printable(remoteAddr.toString())
          this.#emit({ event: 'peer-connected', remote: member.name, address, direction, relayed: !direct })
          this.#exchange?.onConnected(member, connection)
        },
        onDisconnected: (member) => {
          this.#noteComplete(member.peerId)
          this.#emit({ event: 'peer-disconnected', remote: member.name })
          this.#exchange?.onDisconnected(member)
        },
        onDialFailed: (member, { message, ...again }) =>
          this.#emit({ event: 'dial-failed', remote: member.name, message: printable(message), ...again })
      }
    })
    this.#link = new CoordinatorLink(
      {
        addresses: components.invitedTo ?? [config.coordinator],
        invited: components.invitedTo !== undefined,
        name: config.name,
        secret: components.secret,
        capacities: this.#limits.saidCapacities,
        joinTimeoutMs: config.joinTimeoutMs
      },
      {
        host,
        now,
        random,
        listener: {
          onUnreachable: (message, retryInMs) => this.#tellUnreachable(message, retryInMs),
          onConnected: (address) => this.#emit({ event: 'coordinator-connected', address }),
          onJoined: (registration) => this.#onJoined(registration),
          onRoster: (members) => this.#onRoster(members),
          onCatalog: (manifests) => this.#onCatalog(manifests),
          onBound: (bound) => this.#emit({ event: 'bound', ...bound }),
          onEnd: (end) => this.#onEnd(end),
          onLost: (message, reset) => this.#onCoordinatorLost(message, reset),
          onRefused: (error) => this.#fail(error)
        }
      }
    )
    this.#joining = new Joining({
      link: this.#link,
      sendQueues: host.services.sendQueues,
      timeoutMs: config.joinTimeoutMs,
      knowsCatalog: () => this.#catalogKnown,
      publish: () => this.#publish(),
      onUnreachable: (message, retryInMs) => this.#tellUnreachable(message, retryInMs),
      now,
      random
    })
    // Whoever does not ask how it ended is not to be ended by it.
    this.#completed.promise.catch(() => undefined)
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
   * Limits how much of chunks leaves and comes over all connections together, in Mbit/s, from now on and in place of
   * what was set before: what is left out is not limited.
   *
   * @throws PotluckError CONFIGURATION
   */
  setLimits(limits: PeerLimits): void {
    this.#limits.set(limits)
    this.#components.host.services.sendQueues.setLimit(this.#limits.maxUp)
    this.#exchange?.setLimits(this.#exchangeLimits)
    this.#link.setCapacities(this.#limits.saidCapacities)
    if (this.#starting !== undefined && this.#stopped === undefined) {
      this.#emit(this.#limits.event)
    }
  }

  get #exchangeLimits(): ExchangeLimits {
    const { maxUp, maxDown, saidCapacities } = this.#limits
    return { uplink: saidCapacities.uplinkBytesPerSecond, maxUp, maxDown }
  }

  /** Tells the others, writes the state, and leaves nothing open. */
  stop(reason = 'the peer was stopped'): Promise<void> {
    this.#stopped ??= this.#stop(reason).finally(() => this.#components.onlooker?.stop())
    return this.#stopped
  }

  async #start(): Promise<void> {
    const { host, openStore, onlooker } = this.#components
    const sharedByteLength = Promise.withResolvers<number>()
    this.#store = await openStore({
      onFileComplete: (...complete) => this.#onFileComplete(...complete),
      onHashing: (hashedBytes, totalBytes) => {
        sharedByteLength.resolve(totalBytes)
        this.#emit({ event: 'hashing', hashedBytes, totalBytes })
      },
      onChunksHeld: (root, chunkIndices) => this.#exchange?.engine.chunksHeld(root, chunkIndices),
      onChunkLost: (root, chunkIndex) => this.#exchange?.onChunkLost(root, chunkIndex),
      onWarning: (message) => this.#emit({ event: 'warning', message }),
      onEntryFailed: (manifest, error) => this.#onEntryFailed(manifest, error),
      onFileLost: (manifest) => this.#onFileLost(manifest),
      onContentLost: (root) => this.#exchange?.onContentLost(root),
      onFailure: (error) => this.#fail(error)
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
        'there is no secret: whoever can reach the coordinator can take part and receive all files'
      this.#emit({ event: 'warning', message })
    }
    // Both at once, so that whichever fails is told at once: a wrong address does not wait for hours of hashing.
    const hashing = this.#publication.hash(this.#store, this.#chunkByteLength)
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

  #onJoined(registration: Registration): void {
    const { chunkByteLength, expectedPeers, clockOffsetMs, multiaddrs, relay, swarmId } = registration
    const { host, now } = this.#components
    const rejoined = this.#registeredAtMs !== undefined
    if (rejoined && chunkByteLength !== this.#chunkByteLength) {
      const message = `the coordinator came back with chunks of ${chunkByteLength} bytes instead of ${this.#chunkByteLength}; start it with the chunkByteLength that it had`
      this.#fail(new PotluckError('REFUSED', message))
      return
    }
    this.#chunkByteLength = chunkByteLength
    this.#swarmId = swarmId
    this.#registeredAtMs ??= now()
    this.#mesh.useRelay(relay)
    const peerId = host.peerId.toString()
    this.#emit({ event: 'registered', peerId, multiaddrs, expectedPeers, clockOffsetMs, rejoined })
    if (rejoined) {
      this.#activity.forget()
      this.#exchange?.engine.changeAll()
    }
    if (!rejoined) {
      this.#createExchange()
    }
  }

  #createExchange(): void {
    const { host, now, engineOptions } = this.#components
    if (this.#store === undefined) {
      return
    }
    this.#exchange = new Exchange({
      host,
      store: this.#store,
      state: this.#state,
      chunkByteLength: this.#chunkByteLength,
      limits: this.#exchangeLimits,
      engineOptions,
      pace: host.services.sendQueues,
      now,
      emit: (event) => this.#emit(event),
      fileOf: (root) => this.#catalog.fileOf(root),
      nameOf: (peerId) => this.#nameOf(peerId),
      onFailure: (error) => this.#fail(error)
    })
    this.#exchangeStarted = this.#exchange.start()
    this.#outlook = new Outlook({
      peerId: host.peerId.toString(),
      members: this.#members,
      mesh: this.#mesh,
      state: this.#state,
      catalog: this.#catalog,
      exchange: this.#exchange
    })
  }

  #nameOf(peerId: string): string {
    return this.#members.get(peerId)?.name ?? peerId
  }

  #onRoster(members: Member[]): void {
    const current = members.map((member) => ({ ...member, name: printable(member.name) }))
    const peerIds = new Set(current.map(({ peerId }) => peerId))
    this.#components.door.setMembers(peerIds)
    for (const member of current) {
      this.#members.set(member.peerId, member)
    }
    this.#rosterAtMs ??= this.#components.now()
    this.#emit({ event: 'roster', members: members.map(({ leftOut: _, ...member }) => member) })
    for (const message of this.#leftOut.take(current)) {
      this.#emit({ event: 'warning', message })
    }
    this.#mesh.setMembers(current)
    for (const peerId of [...this.#members.keys()]) {
      if (!peerIds.has(peerId)) {
        this.#members.delete(peerId)
      }
    }
  }

  async #onCatalog(signed: SignedManifest[]): Promise<void> {
    const manifests = signed.map(({ manifest }) => manifest)
    try {
      await this.#exchangeStarted
      await this.#adopt(manifests)
    } catch (error) {
      this.#fail(error)
    }
  }

  async #adopt(manifests: Manifest[]): Promise<void> {
    const problem = catalogProblem([...this.#catalog.entries, ...manifests])
    if (problem !== undefined) {
      throw new PotluckError(
        'INTEGRITY',
        `the catalog cannot be stored: ${problem}; ask its origin to mend it`
      )
    }
    const odd = manifests.find(
      ({ kind, chunkByteLength }) => kind === 'file' && chunkByteLength !== this.#chunkByteLength
    )
    if (odd !== undefined) {
      throw new PotluckError(
        'INTEGRITY',
        `the coordinator sent ${printable(manifestKey(odd))} in chunks of ${odd.chunkByteLength} bytes instead of ${this.#chunkByteLength}; do not trust that coordinator, and start the swarm anew with another one`
      )
    }
    const foreign = this.#catalog
      .add(manifests, this.#config.name)
      .filter(({ origin }) => origin !== this.#config.name)
    const contents = (await this.#store?.adopt(foreign)) ?? []
    if (this.#stopped !== undefined) {
      return
    }
    this.#exchange?.begin(
      // A catalog without this peer's own files leaves these to nobody.
      contents
        .filter(({ root }) => this.#catalog.has(root))
        .map((content) => ({
          ...content,
          origin: this.#catalog.onlyOriginIdOf(content.root)
        })),
      this.#members.size - 1
    )
    this.#catalogKnown = true
    this.#emit({
      event: 'catalog',
      ...extentOf(this.#catalog.entries),
      missingFiles: this.#catalog.incomplete,
      missingBytes: this.#progress.totalBytes - this.#progress.heldBytes,
      missing: this.#missingFiles()
    })
    // At once, before anything can have arrived: the lower bound counts from what is held at the start.
    this.#reported = undefined
    this.#report()
    this.#tellCompletion()
    this.#checkComplete()
  }

  #missingFiles(): MissingFile[] {
    return [...this.#state.contents()]
      .filter(({ held }) => !held.complete)
      .map((content) => ({
        file: this.#catalog.fileOf(content.root),
        byteLength: content.byteLength,
        heldBytes: heldBytesOf(content, content.held)
      }))
  }

  #onFileComplete(...[manifest, local, checkedAtMs]: Parameters<StoreListener['onFileComplete']>): void {
    if (!this.#catalog.complete(manifest)) {
      return
    }
    const { origin, path, byteLength, md5 } = manifest
    const file = manifestKey(manifest)
    const checked = checkedAtMs === undefined ? {} : { checkedAtMs }
    this.#checkedEarlier += checkedAtMs === undefined ? 0 : 1
    this.#emit({
      event: 'file-complete',
      file,
      origin,
      byteLength,
      md5,
      elapsedMs: this.#elapsedMs,
      local,
      ...checked
    })
    if (!this.#catalog.wasReopened(manifest)) {
      this.#link.tell({ fileCompletion: { origin, path, atMs: this.#atMs } })
    }
    this.#checkComplete()
  }

  /** The run goes on without the entry: it serves the others, and ends with an error that names it. */
  #onEntryFailed(manifest: Manifest, error: PotluckError): void {
    if (!this.#catalog.fail(manifest)) {
      return
    }
    const { origin, root } = manifest
    const { code, message } = error
    const file = manifestKey(manifest)
    this.#shortfalls.add(file, error)
    this.#emit({ event: 'file-failed', file, origin, code, message })
    if (!this.#catalog.wants(root)) {
      this.#state.giveUp(root)
    }
    this.#checkComplete()
  }

  #onFileLost(manifest: Manifest): void {
    if (this.#catalog.reopen(manifest)) {
      this.#emit({ event: 'file-lost', file: manifestKey(manifest), byteLength: manifest.byteLength })
    }
  }

  /** Before this peer says that it has everything, its files are looked at once more. */
  #checkComplete(): void {
    if (!this.#hasAll || this.#confirming) {
      return
    }
    this.#confirming = true
    this.#lostFiles().then(
      () => {
        this.#confirming = false
        if (this.#hasAll) {
          this.#done()
        }
      },
      (error) => this.#fail(error)
    )
  }

  get #hasAll(): boolean {
    return this.#catalogKnown && this.#catalog.incomplete === 0 && this.#doneAtMs === undefined
  }

  /** By name, files that were complete and are not as they were published any more. */
  async #lostFiles(): Promise<string[]> {
    const lost = (await this.#store?.confirm()) ?? []
    return lost.filter((manifest) => this.#catalog.wasReopened(manifest)).map(manifestKey)
  }

  #done(): void {
    this.#doneAtMs = this.#components.now()
    this.#report()
    this.#activityAtMs = Number.NEGATIVE_INFINITY
    this.#tellActivity()
    const { receivedBytes, sentBytes } = this.#progress
    const end = { elapsedMs: this.#elapsedMs, receivedBytes, sentBytes }
    const checked = this.#checkedEarlier === 0 ? {} : { checkedEarlier: this.#checkedEarlier }
    const { count: files, code, message } = this.#shortfalls
    this.#emit(
      files === 0
        ? { event: 'peer-complete', ...end, ...checked }
        : { event: 'peer-short', ...end, files, code, message }
    )
    this.#tellCompletion()
    this.#exchange?.engine.done()
  }

  /** Tells the coordinator that nothing more is to come here: when it becomes so, and again after a rejoin. */
  #tellCompletion(): void {
    if (this.#doneAtMs === undefined) {
      return
    }
    const atMs = this.#doneAtMs + (this.#link.clockOffsetMs ?? 0)
    const done = { atMs, progress: this.#toldProgress }
    const { count: files, code, message } = this.#shortfalls
    this.#link.tell(
      files === 0
        ? { peerCompletion: done }
        : { peerShortfall: { ...done, files, code, message: message.slice(0, MAX_SHORTFALL_LENGTH) } }
    )
  }

  #onEnd({ complete, makespanMs, results, reason, bound: told }: SwarmEnd, alone?: true): void {
    if (this.#ended) {
      return
    }
    this.#ended = true
    const table = results.map(({ name, ...times }) => ({ ...times, name: printable(name) }))
    const bound: KnownBound = (told && openBound(told)) ?? {}
    const { names } = this.#leftOut
    const without: WithoutFiles = names.length === 0 ? {} : { leftOut: [...names] }
    if (complete) {
      const known = alone === undefined ? {} : { alone }
      this.#emit({ event: 'swarm-complete', makespanMs, results: table, ...bound, ...known, ...without })
    } else {
      this.#emit({ event: 'swarm-incomplete', reason: printable(reason), results: table, ...without })
    }
    const isShort = this.#shortfalls.count > 0
    if (this.#doneAtMs !== undefined && !isShort) {
      this.#finishing = this.#finish({ complete, makespanMs, results: table, ...bound })
      this.#joining.stop()
      void this.#link.stop('the swarm has ended')
    } else if (this.#doneAtMs !== undefined) {
      this.#failed(this.#shortfalls.error())
    } else {
      const why = complete ? 'it takes this peer for complete' : printable(reason)
      this.#failed(
        this.#withShortfalls(new PotluckError('INCOMPLETE', `the coordinator ended the swarm: ${why}`))
      )
    }
  }

  /** Ends the run as complete, if the files are still as this peer said. */
  async #finish(outcome: SwarmOutcome): Promise<void> {
    try {
      const lost = await this.#lostFiles()
      if (lost.length === 0) {
        this.#completed.resolve(outcome)
        return
      }
      const files = named(lost.map(printable))
      const message = `another program changed or removed ${files} after this peer had received it. Start the coordinator and all peers anew to fetch it again; a changed file is kept under another name`
      this.#failed(new PotluckError('DISK', message))
    } catch (error) {
      this.#completed.reject(error instanceof PotluckError ? error : this.#fail(error))
    }
  }

  #onCoordinatorLost(message: string, reset: boolean): void {
    if (this.#ended || this.#stopped !== undefined) {
      return
    }
    this.#emit({ event: 'coordinator-lost', message, reset })
    this.#mesh.useRelay(undefined)
    if (this.#config.onCoordinatorLost === 'exit' || (!this.#catalogKnown && !reset)) {
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
    this.#report()
    this.#tellActivity()
    this.#exchange?.tick()
    this.#mesh.tick()
    for (const peerId of this.#members.keys()) {
      this.#noteComplete(peerId)
    }
    this.#tellApart()
    this.#checkEnding()
  }

  #noteComplete(peerId: string): void {
    if (this.#catalogKnown) {
      this.#outlook?.noteComplete(peerId, this.#doneAtMs !== undefined)
    }
  }

  #report(): void {
    const progress = this.#progress
    const last = this.#reported
    if (!this.#catalogKnown || (last !== undefined && sameProgress(last, progress))) {
      return
    }
    this.#reported = progress
    this.#emit({ event: 'progress', ...progress })
    this.#link.tell({ progress: this.#toldProgress })
  }

  #tellActivity(): void {
    const nowMs = this.#components.now()
    const exchange = this.#exchange
    if (!this.#catalogKnown || exchange === undefined || nowMs - this.#activityAtMs < ACTIVITY_INTERVAL_MS) {
      return
    }
    this.#activityAtMs = nowMs
    const activity = this.#activity.next(exchange.engine.takeChanged(MAX_CONTENTS_TOLD), this.#waiting)
    if (activity !== undefined) {
      this.#link.tell({ activity })
    }
  }

  /** Why nothing comes, where this peer knows. */
  get #waiting(): Waiting | undefined {
    const state = this.#state
    if (this.#doneAtMs !== undefined) {
      return undefined
    }
    if (state.missingChunks === 0) {
      return { reason: 'checking', remotes: [] }
    }
    if (this.#exchange?.isPaused === true) {
      return { reason: 'disk-full', remotes: [] }
    }
    if (state.canProgress) {
      return undefined
    }
    const origins = new Set([...state.missing()].map(({ root }) => this.#catalog.originOf(root)))
    return { reason: 'no-source', remotes: [...origins].slice(0, MAX_WAITING_FOR) }
  }

  #checkEnding(): void {
    const outlook = this.#outlook
    if (outlook === undefined) {
      return
    }
    const doneAlone = this.#doneAtMs !== undefined && !this.#link.connected && !this.#ended
    // What was complete and is lost keeps this peer from ending well, and not from serving.
    const serves = this.#doneAtMs === undefined ? {} : { stuck: false, hopeless: false, stillMs: 0 }
    const ending = this.#endings.judge({ ...outlook.situation, ...serves, doneAlone }, this.#components.now())
    if (ending.kind === 'incomplete') {
      this.#fail(this.#withShortfalls(outlook.incompleteError(ending.silent)))
    } else if (ending.kind === 'leave') {
      this.#leave(ending.missing)
    }
  }

  /** Says once that there are members out of reach, so that nobody waits in vain for what cannot come. */
  #tellApart(): void {
    const remotes = this.#mesh.apart.map(({ name }) => name)
    const sinceMs = this.#components.now() - (this.#rosterAtMs ?? Number.POSITIVE_INFINITY)
    if (this.#apartTold || sinceMs < APART_AFTER_MS || remotes.length === 0) {
      return
    }
    this.#apartTold = true
    const alone = ![...this.#members.keys()].some((peerId) => this.#mesh.hasMet(peerId))
    this.#emit({ event: 'out-of-reach', remotes, alone, relayed: this.#mesh.relays })
  }

  #withShortfalls(error: PotluckError): PotluckError {
    return this.#shortfalls.count > 0 ? this.#shortfalls.error(error) : error
  }

  /** Ends the run as done, without a coordinator that would say so; the times are this peer's own. */
  #leave(missing: string[]): void {
    const registeredAtMs = this.#swarmTime(this.#registeredAtMs ?? 0)
    const completedAtMs = this.#swarmTime(this.#doneAtMs ?? 0)
    const end = {
      complete: missing.length === 0,
      makespanMs: completedAtMs - registeredAtMs,
      results: [{ name: this.#config.name, registeredAtMs, completedAtMs, ...this.#progress }],
      reason: `the coordinator is gone, and ${missing.join(', ')} did not get everything`
    }
    this.#onEnd(end, true)
  }

  /** Ends the run by an error; the first one counts. Returns it as people are to see it. */
  #fail(error: unknown): PotluckError {
    if (this.#stopped !== undefined && !(error instanceof PotluckError)) {
      return new PotluckError('INTERRUPTED', 'the peer was stopped while it started', { cause: error })
    }
    const failure =
      error instanceof PotluckError ? error : new PotluckError('DISK', messageOf(error), { cause: error })
    if (this.#stopped === undefined && !this.#ended) {
      this.#ended = true
      this.#failed(failure)
    }
    return failure
  }

  #failed(failure: PotluckError): void {
    this.#emit({ event: 'error', code: failure.code, message: failure.message })
    this.#completed.reject(failure)
    // What closing may still run into is told to whoever asks for it by stop().
    this.stop(failure.message).catch(() => undefined)
  }

  #throwIfStopped(): void {
    if (this.#stopped !== undefined) {
      throw new PotluckError('INTERRUPTED', 'the peer was stopped while it started')
    }
  }

  async #stop(reason: string): Promise<void> {
    const { host } = this.#components
    if (this.#finishing === undefined) {
      this.#completed.reject(new PotluckError('INTERRUPTED', reason))
    }
    this.#joining.stop()
    this.#components.door.close()
    this.#mesh.stop()
    const close = async (): Promise<void> => {
      clearInterval(this.#timer)
      await Promise.all([this.#link.stop(reason), this.#exchange?.stop(), this.#store?.close()])
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

  get #progress(): PeerProgress {
    return {
      totalBytes: this.#state.totalBytes,
      heldBytes: this.#state.heldBytes + this.#zeroBytesToCome,
      receivedBytes: this.#exchange?.engine.receivedBytes ?? 0,
      sentBytes: this.#exchange?.engine.sentBytes ?? 0
    }
  }

  /** Zeros that nobody will send, though the digests that show which they are have not come: the lower bound is without them. */
  get #zeroBytesToCome(): number {
    let sum = 0
    for (const { root, key, held } of this.#state.closedContents()) {
      sum += key === root && held.count === 0 ? this.#catalog.zeroByteLengthOf(root) : 0
    }
    return sum
  }

  get #toldProgress(): Progress {
    const { uplinkBytesPerSecond, downlinkBytesPerSecond } = this.#exchange?.engine ?? {}
    return { ...this.#progress, ...toldCapacities(uplinkBytesPerSecond, downlinkBytesPerSecond) }
  }

  /** Swarm clock; before it is known, since this peer was made. */
  get #atMs(): number {
    return this.#swarmTime(this.#components.now())
  }

  #swarmTime(ownMs: number): number {
    return ownMs + (this.#link.clockOffsetMs ?? -this.#createdAtMs)
  }

  get #elapsedMs(): number {
    return this.#components.now() - (this.#registeredAtMs ?? this.#createdAtMs)
  }

  #emit(event: Unstamped<PeerEvent>): void {
    this.events.emit({ ...event, atMs: this.#atMs, peer: this.#config.name })
  }
}

function sameProgress(a: PeerProgress, b: PeerProgress): boolean {
  return a.heldBytes === b.heldBytes && a.receivedBytes === b.receivedBytes && a.sentBytes === b.sentBytes
}
