/**
 * The exchange: asks providers for the chunks that are missing, has them verified and stored, tells everyone of each,
 * and serves what is held. What to ask of whom, and whom to serve first, the scheduler decides (`downloads.ts`,
 * `uploads.ts`).
 */
import type { Connection, Libp2p } from '@libp2p/interface'
import type { ChunkFailure, PeerEvent } from '../../events/peer.ts'
import type { Unstamped } from '../../events/stream.ts'
import { AvailabilityService, type Claim, type UploadStatus } from '../../protocols/availability/index.ts'
import { Bitfield } from '../../protocols/bitfield.ts'
import { type ChunkAnswer, ChunkService, type Pace } from '../../protocols/chunk/index.ts'
import { chunkCountOf } from '../../protocols/chunks.ts'
import type { Member } from '../../protocols/coordination/index.ts'
import { DigestsService } from '../../protocols/digests/index.ts'
import { messageOf } from '../../protocols/errors.ts'
import type { ContentState, Store } from '../store/store.ts'
import { Blame } from './blame.ts'
import { BufferPool } from './buffer-pool.ts'
import {
  AWAIT_GETTERS_MS,
  HEARTBEAT_MS,
  MAX_AWAITED_GETTERS,
  MAX_FALSEHOODS,
  MAX_IN_FLIGHT_BYTES,
  MAX_IN_FLIGHT_CHUNKS,
  STALL_TIMEOUT_MS
} from './constants.ts'
import { DigestAsks } from './digest-asks.ts'
import { Disputes } from './disputes.ts'
import { type Ask, type AskFailure, Downloads } from './downloads.ts'
import { LimitedIntake } from './intake.ts'
import { type ExchangeServices, Provider } from './provider.ts'
import { RatePeak } from './rate-peak.ts'
import { Stillness } from './stillness.ts'
import { StoreFaults } from './store-faults.ts'
import type { Content, SwarmState } from './swarm-state.ts'
import { Uploader } from './uploader.ts'
import { Uploads } from './uploads.ts'

export interface ExchangeComponents {
  host: Libp2p
  store: Store
  state: SwarmState
  chunkByteLength: number
  limits: ExchangeLimits
  /** How fast chunks may leave. */
  pace: Pace
  /** Milliseconds on any steady clock. */
  now(): number
  emit(event: Unstamped<PeerEvent>): void
  /** What people call a content: `<origin>/<path>`. */
  fileOf(root: string): string
  /** What people call a peer. */
  nameOf(peerId: string): string
  /** The store failed; the peer cannot go on. */
  onFailure(error: Error): void
}

/** In bytes per second; undefined where nothing is said. */
export interface ExchangeLimits {
  /** What the uplink is said to carry, the limit included. */
  uplink: number | undefined
  /** Chunks leave, and are taken in, no faster. The first is held by the pace. */
  maxUp: number | undefined
  maxDown: number | undefined
}

export class Exchange {
  readonly #components: ExchangeComponents
  readonly #self: string
  readonly #services: ExchangeServices
  readonly #providers = new Map<string, Provider>()
  readonly #downloads: Downloads
  readonly #uploads: Uploads
  readonly #uploader: Uploader
  readonly #pool: BufferPool
  readonly #intake: LimitedIntake
  readonly #stopping = new AbortController()
  readonly #ready = Promise.withResolvers<void>()
  readonly #digestAsks: DigestAsks
  readonly #disputes = new Disputes()
  readonly #storeFaults: StoreFaults
  readonly #blame = new Blame()
  readonly #stillness = new Stillness()
  /** By content, those who refused a chunk because they cannot read it, by their PeerIds. */
  readonly #unreadable = new Map<string, Set<string>>()
  #toldTakingRequests = false
  #toldUplink = false
  /** Nothing more is to come here. */
  #isDone = false
  /** Peers that said the same of themselves, by their PeerIds. */
  readonly #done = new Set<string>()
  #heartbeatAtMs = 0
  /** Contents of which more, or less, is held than was last told to the coordinator. */
  readonly #changed = new Set<string>()
  /** Bytes of chunks that came, and went, over the network. */
  receivedBytes = 0
  sentBytes = 0
  readonly #receiving = new RatePeak()
  readonly #sending = new RatePeak()

  constructor(components: ExchangeComponents) {
    this.#components = components
    this.#self = components.host.peerId.toString()
    const { host, store, state, now, pace, chunkByteLength, limits } = components
    const maxInFlight = Math.max(MAX_IN_FLIGHT_CHUNKS, Math.floor(MAX_IN_FLIGHT_BYTES / chunkByteLength))
    this.#storeFaults = new StoreFaults({ ...components, signal: this.#stopping.signal })
    this.#pool = new BufferPool(chunkByteLength, maxInFlight)
    this.#downloads = new Downloads({ state, chunkByteLength, maxInFlight })
    this.#digestAsks = new DigestAsks(state, this.#downloads)
    this.#uploads = new Uploads({
      state,
      self: this.#self,
      chunkByteLength,
      uplinkBytesPerSecond: limits.uplink
    })
    this.#intake = new LimitedIntake(now)
    this.setLimits(limits)
    this.#uploader = new Uploader({
      state,
      uploads: this.#uploads,
      now,
      serves: (getter) => this.#providers.has(getter) && !this.#stopping.signal.aborted,
      read: (chunk) => this.#storeFaults.read(chunk),
      onSent: (getter, chunk, byteLength, elapsedMs) => this.#onSent(getter, chunk, byteLength, elapsedMs)
    })
    this.#services = {
      availability: new AvailabilityService({
        host,
        listener: {
          ready: () => this.#ready.promise,
          onHoldings: (remote, claims) => this.#onHoldings(remote, claims),
          onHaves: (remote, root, chunkIndices) => this.#onHaves(remote, root, chunkIndices),
          onStatus: (remote, status) => this.#onStatus(remote, status)
        }
      }),
      chunk: new ChunkService({ host, handler: this.#uploader, pace }),
      digests: new DigestsService({ host, source: store })
    }
    this.#ready.promise.catch(() => undefined)
  }

  /** By name, those of whom nothing more is asked because they sent false bytes. */
  get banned(): string[] {
    return this.#blame.banned.map((peerId) => this.#components.nameOf(peerId))
  }

  /** For how long nothing has moved although somebody could send what is missing here. */
  get stillMs(): number {
    return this.#stillness.stillMs
  }

  /** For how long nothing has come here or to others. */
  get quietMs(): number {
    return this.#stillness.quietMs
  }

  /** Those who are connected and refused a chunk of the content because they cannot read it, by their PeerIds. */
  unreadableAt(root: string): string[] {
    return [...(this.#unreadable.get(root) ?? [])]
  }

  /** The most that went out for a while; undefined until it has been measured. */
  get uplinkBytesPerSecond(): number | undefined {
    return this.#sending.bytesPerSecond
  }

  /** The most that came in for a while; undefined until it has been measured. */
  get downlinkBytesPerSecond(): number | undefined {
    return this.#receiving.bytesPerSecond
  }

  /** Whether nothing is asked for at the moment, because there was no room for it. */
  get isPaused(): boolean {
    return this.#storeFaults.isPaused(this.#components.now())
  }

  /** Contents of which more, or less, is held than at the last call; so many at the most, others at the next. */
  takeChanged(limit: number): Content[] {
    const contents: Content[] = []
    for (const root of this.#changed) {
      const content = this.#components.state.content(root)
      this.#changed.delete(root)
      if (content !== undefined && contents.push(content) >= limit) {
        break
      }
    }
    return contents
  }

  /** Nothing more is to come here: tells the others, which need not wait for this peer. */
  onDone(): void {
    this.#isDone = true
    for (const provider of this.#providers.values()) {
      provider.announceStatus()
    }
  }

  /** Whether the peer said that nothing more is to come there. */
  isDoneAt(peerId: string): boolean {
    return this.#done.has(peerId)
  }

  /** All that is held, but for what this peer alone brought, counts as changed. */
  changeAll(): void {
    for (const { root, held, origin } of this.#components.state.contents()) {
      if (held.count > 0 && origin !== this.#self) {
        this.#changed.add(root)
      }
    }
  }

  /** From now on. */
  setLimits({ uplink, maxUp, maxDown }: ExchangeLimits): void {
    this.#uploads.limit(maxUp, uplink)
    this.#downloads.limit(maxDown)
    this.#intake.setLimit(maxDown)
  }

  /** Accepts streams from others. */
  async start(): Promise<void> {
    await Promise.all(Object.values(this.#services).map((service) => service.start()))
  }

  /** Tells what is left to tell, and ends every stream. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#ready.reject(new Error('the exchange was stopped'))
    this.#intake.stop()
    await Promise.all([
      ...[...this.#providers.values()].map((provider) => provider.close()),
      ...Object.values(this.#services).map((service) => service.stop())
    ])
  }

  /**
   * The catalog is known: takes what the store knows of its contents, and starts. May be called again with more.
   *
   * @param members how many others are to be connected
   */
  begin(contents: (ContentState & { origin: string | undefined })[], members: number): void {
    const { state, chunkByteLength, now } = this.#components
    if (members <= MAX_AWAITED_GETTERS) {
      this.#uploads.awaitGetters(members, now() + AWAIT_GETTERS_MS)
    }
    for (const content of contents) {
      const extent = { byteLength: content.byteLength, chunkByteLength }
      const held = Bitfield.fromBytes(content.held, chunkCountOf(extent))
      const isDisputed = content.key !== content.root
      state.addContent(content.root, extent, held, isDisputed ? undefined : content.origin, content.key)
      if (held.count > 0 && content.origin !== this.#self) {
        this.#changed.add(content.root)
      }
      if (content.digestsKnown && !isDisputed) {
        state.open(content.root)
      }
      if (!content.wanted && !held.complete) {
        state.giveUp(content.root)
      }
    }
    this.#uploads.refresh()
    this.#ready.resolve()
    for (const provider of this.#providers.values()) {
      // One that is not greeted yet waits for #ready.
      if (provider.greeted) {
        void this.#greet(provider)
      }
    }
    this.#pumpAll()
  }

  onConnected(member: Member, connection: Connection): void {
    const { now, state } = this.#components
    const { peerId } = member
    const provider = new Provider({
      member,
      connection,
      services: this.#services,
      signal: this.#stopping.signal,
      allocate: () => this.#pool.take(),
      byteLengthOf: (root, chunkIndex) => {
        const chunk = state.chunkOf(root, chunkIndex)
        return chunk !== undefined && state.contentOf(chunk).open ? state.refOf(chunk).byteLength : undefined
      },
      onFirstByte: (elapsedMs, waitedMs) => this.#downloads.onFirstByte(peerId, elapsedMs - waitedMs),
      onBytes: (byteLength) => this.#onBytes(peerId, byteLength),
      onDigests: () => this.#digestAsks.onReply(peerId, now()),
      // A new connection starts with the whole picture again.
      onUnheard: () => this.#giveUp(provider, new Error('it does not listen to what is held here')),
      status: () => ({ ...this.#uploads.status(), ...(this.#isDone ? { done: true } : {}) }),
      intake: this.#intake,
      now
    })
    this.#providers.set(peerId, provider)
    this.#downloads.addProvider(peerId)
    this.#uploads.addGetter(peerId)
    void this.#greet(provider)
  }

  onDisconnected({ peerId }: Member): void {
    const { state } = this.#components
    this.#providers.delete(peerId)
    this.#downloads.removeProvider(peerId)
    state.removeRemote(peerId)
    this.#uploads.removeGetter(peerId)
    for (const peerIds of this.#unreadable.values()) {
      // It may come back with the file as it was.
      peerIds.delete(peerId)
    }
    this.#pumpAll()
  }

  /** The store has chunks of a content whose digests it got just now: they need not be fetched. */
  onChunksHeld(root: string, chunkIndices: readonly number[]): void {
    const { state } = this.#components
    state.open(root)
    for (const chunkIndex of chunkIndices) {
      const chunk = state.chunkOf(root, chunkIndex)
      if (chunk !== undefined && state.store(chunk)) {
        this.#changed.add(root)
      }
    }
    this.#stillness.onMoved()
  }

  /** The store found a chunk on disk that is no longer what it was. */
  onChunkLost(root: string, chunkIndex: number): void {
    const { state } = this.#components
    const chunk = state.chunkOf(root, chunkIndex)
    if (chunk !== undefined) {
      state.lose(chunk)
      this.#changed.add(root)
      this.#pumpAll()
    }
  }

  /** The store has no file with the content any more. */
  onContentLost(root: string): void {
    const { state } = this.#components
    const content = state.content(root)
    if (content !== undefined) {
      for (let chunkIndex = 0; chunkIndex < content.chunkCount; chunkIndex++) {
        state.lose(content.firstChunk + chunkIndex)
      }
      this.#changed.add(root)
      this.#pumpAll()
    }
  }

  /** To be called about once a second: asks again where a rest is over, and ends connections that are silent. */
  tick(): void {
    const { now, emit, state } = this.#components
    const nowMs = now()
    this.#uploads.expire(nowMs)
    const isPaused = this.#storeFaults.isPaused(nowMs)
    const waitsForDisk = isPaused || this.#downloads.waitsForDisk
    this.#stillness.look(state.missingChunks > 0 && state.canProgress && !waitsForDisk, nowMs)
    const beats = nowMs - this.#heartbeatAtMs > HEARTBEAT_MS
    this.#heartbeatAtMs = beats ? nowMs : this.#heartbeatAtMs
    const stalledMs = this.#uploader.stalledMs()
    for (const provider of [...this.#providers.values()]) {
      provider.announceStatus(beats)
      if (provider.digestsSilentMs > STALL_TIMEOUT_MS) {
        // Its news may go on, and a chunk may wait there for long; digests wait for nothing.
        provider.giveUpDigests()
      }
      // Whoever reads nothing would keep what waits for it in memory, and with others like it all that may leave.
      const silentMs = Math.max(provider.silentMs, stalledMs.get(provider.peerId) ?? 0)
      if (silentMs > STALL_TIMEOUT_MS) {
        emit({ event: 'peer-stalled', remote: provider.member.name, silentMs })
        this.#giveUp(provider, new Error(`nothing came or went for ${Math.round(silentMs / 1000)} s`))
      }
    }
    for (const peerId of this.#downloads.obstructing) {
      this.#providers.get(peerId)?.giveUpChunks()
    }
    this.#pumpAll()
  }

  /** Tells a new provider what is held here. Before the catalog is known there is nothing to tell. */
  async #greet(provider: Provider): Promise<void> {
    try {
      await this.#ready.promise
      await provider.greet(this.#components.state.holdings())
    } catch (error) {
      this.#giveUp(provider, error instanceof Error ? error : new Error(messageOf(error)))
    }
  }

  /** Ends the connection to a provider that is of no use as it is; the mesh makes a new one. */
  #giveUp(provider: Provider, error: Error): void {
    if (!this.#stopping.signal.aborted && this.#isCurrent(provider)) {
      provider.abort(error)
    }
  }

  #onHoldings(remote: string, claims: Claim[]): void {
    const { state, emit, nameOf } = this.#components
    if (this.#heard(remote) === undefined) {
      return
    }
    const contents: Content[] = []
    let chunks = 0
    // Of several claims of one content the last is what counts, and the others are to cost nothing.
    const last = new Map(claims.map((claim) => [claim.root, claim]))
    for (const { root, complete, bitfield } of last.values()) {
      const candidates = state.candidates(root)
      const count = state.setHoldings(remote, root, complete, bitfield)
      if (count !== undefined) {
        for (const content of candidates) {
          contents.push(content)
        }
        chunks += count
      }
    }
    const { length: files } = contents
    if (files === 0) {
      return
    }
    const isMore = this.#stillness.onHeld(remote, state.remoteCount(remote))
    this.#uploads.onHoldings(contents)
    if (isMore) {
      // A remote may take back what it told and tell it again for ever.
      emit({ event: 'availability', from: nameOf(remote), files, chunks })
    }
    this.#pumpAll()
  }

  #onHaves(remote: string, root: string, chunkIndices: number[]): void {
    const { state, now } = this.#components
    const provider = this.#heard(remote)
    if (provider === undefined) {
      return
    }
    for (const { key } of state.candidates(root)) {
      for (const chunkIndex of chunkIndices) {
        const chunk = state.chunkOf(key, chunkIndex)
        if (chunk !== undefined && state.addHave(remote, chunk)) {
          this.#uploads.onHave(remote, chunk, now())
        } else if (chunk !== undefined) {
          this.#downloads.onToldAgain(remote, chunk)
        }
      }
    }
    this.#stillness.onHeld(remote, state.remoteCount(remote))
    this.#serve()
    this.#pump(provider)
  }

  #onStatus(remote: string, status: UploadStatus): void {
    const provider = this.#heard(remote)
    if (provider !== undefined) {
      this.#stillness.onFresh(remote, status.freshChunks)
      if (status.done === true) {
        this.#done.add(remote)
      } else {
        this.#done.delete(remote)
      }
      this.#uploads.setStatus(remote, status)
      this.#downloads.setStatus(remote, status.freshChunks, status.takesRequests)
      this.#serve()
      this.#pump(provider)
    }
  }

  /** The peer that a message came from; undefined for one that nothing is to be believed of. */
  #heard(remote: string): Provider | undefined {
    const provider = this.#providers.get(remote)
    provider?.onNews()
    return this.#blame.isBanned(remote) ? undefined : provider
  }

  /** What comes of one in doubt shows nothing before it is seen to be of use. */
  #onBytes(remote: string, byteLength: number): void {
    if (!this.#downloads.isDoubtful(remote)) {
      this.#stillness.onBytes(byteLength)
    }
  }

  #onSent(getter: string, chunk: number, byteLength: number, elapsedMs: number): void {
    const { state, emit, fileOf, nameOf } = this.#components
    const { root, chunkIndex } = state.refOf(chunk)
    this.sentBytes += byteLength
    this.#sending.add(byteLength, this.#components.now())
    emit({ event: 'chunk-sent', file: fileOf(root), chunkIndex, to: nameOf(getter), byteLength, elapsedMs })
  }

  #isCurrent(provider: Provider): boolean {
    return this.#providers.get(provider.peerId) === provider
  }

  /** Sends what is to be sent, and tells the others when that changes what they may ask. */
  #serve(): void {
    this.#uploads.onUplinkSeen(this.#components.pace.seenBytesPerSecond)
    this.#uploader.pump()
    const { takesRequests, uplinkBytesPerSecond } = this.#uploads.status()
    const knowsUplink = uplinkBytesPerSecond !== undefined
    if (takesRequests !== this.#toldTakingRequests || knowsUplink !== this.#toldUplink) {
      this.#toldTakingRequests = takesRequests
      this.#toldUplink = knowsUplink
      for (const provider of this.#providers.values()) {
        provider.announceStatus()
      }
    }
  }

  #pumpAll(): void {
    this.#serve()
    for (const provider of this.#providers.values()) {
      this.#pump(provider)
    }
  }

  /** Asks the provider for as much as it has room for. */
  #pump(provider: Provider): void {
    const { now } = this.#components
    const usable = this.#isCurrent(provider) && !this.#blame.isBanned(provider.peerId)
    if (!usable || this.#stopping.signal.aborted || this.isPaused) {
      return
    }
    this.#fetchDigests(provider)
    for (const ask of this.#downloads.plan(provider.peerId, now())) {
      if (ask.kind === 'cancel') {
        this.#cancel(ask)
      } else {
        void this.#fetch(provider, ask)
      }
    }
  }

  #cancel({ provider, chunk }: Extract<Ask, { kind: 'cancel' }>): void {
    const { root, chunkIndex } = this.#components.state.refOf(chunk)
    this.#providers.get(provider)?.cancel(root, chunkIndex)
  }

  /** One ask's life: requested → received → verified → stored, or released for somebody else. */
  async #fetch(provider: Provider, ask: Exclude<Ask, { kind: 'cancel' }>): Promise<void> {
    const { state, now, emit, fileOf } = this.#components
    const askedAtMs = now()
    const from = provider.member.name
    const wanted = ask.kind === 'chunk' ? state.refOf(ask.chunk) : undefined
    if (wanted !== undefined) {
      const { root, chunkIndex } = wanted
      emit({ event: 'chunk-requested', file: fileOf(root), chunkIndex, from })
    }
    let answer: ChunkAnswer | undefined
    try {
      answer = await provider.ask(wanted)
    } catch {
      // The stream is over; the connection's end, or the next ask, tells more.
    }
    if (answer?.status === 'ok') {
      await this.#settle(provider, ask, answer, askedAtMs)
    } else {
      this.#onFailure(provider, ask, answer?.status ?? 'stream-closed')
      this.#pumpAll()
    }
  }

  #onFailure(provider: Provider, ask: Exclude<Ask, { kind: 'cancel' }>, reason: AskFailure): void {
    const { state, now, emit, fileOf } = this.#components
    this.#downloads.failed(ask, reason, now())
    if (ask.kind !== 'chunk') {
      return
    }
    const { root, chunkIndex } = state.refOf(ask.chunk)
    this.#onUnproven(provider, ask.chunk)
    if (reason === 'unreadable') {
      const peerIds = this.#unreadable.get(root) ?? new Set()
      this.#unreadable.set(root, peerIds.add(provider.peerId))
    }
    if (!this.#stopping.signal.aborted) {
      emit({ event: 'chunk-failed', file: fileOf(root), chunkIndex, from: provider.member.name, reason })
    }
  }

  /** Takes a chunk in: verifies and stores it, and tells all others. */
  async #settle(
    provider: Provider,
    ask: Exclude<Ask, { kind: 'cancel' }>,
    { chunk: { root, chunkIndex, byteLength }, buffer }: Extract<ChunkAnswer, { status: 'ok' }>,
    askedAtMs: number
  ): Promise<void> {
    const { state, store, now, emit, fileOf } = this.#components
    const chunk = ask.kind === 'chunk' ? ask.chunk : state.chunkOf(root, chunkIndex)
    if (chunk === undefined) {
      this.#onFailure(provider, ask, 'stream-closed')
      return
    }
    const content = state.contentOf(chunk)
    this.receivedBytes += byteLength
    this.#receiving.add(byteLength, now())
    this.#downloads.arrived(ask, chunk, byteLength, now())
    // The next ask need not wait for the disk.
    this.#pump(provider)
    const from = provider.member.name
    const file = fileOf(root)
    let failure: ChunkFailure | undefined
    try {
      const outcome = await store.writeChunk(content.key, chunkIndex, buffer, byteLength)
      this.#pool.give(outcome.buffer)
      failure = outcome.stored ? undefined : 'corrupt'
      if (outcome.settled !== undefined) {
        this.#onProven(chunk, outcome.settled)
      }
    } catch (error) {
      failure = this.#storeFaults.chunkFailureOf(error)
    }
    const wasFull = this.#downloads.full
    const isNews = this.#downloads.settled(ask, chunk, failure === undefined, now())
    if (isNews) {
      this.#changed.add(root)
      this.#stillness.onMoved()
      if (ask.kind === 'slot') {
        this.#uploads.onFirstCopy(chunk)
      }
      for (const other of this.#providers.values()) {
        other.announce(root, chunkIndex)
      }
    }
    if (failure === undefined) {
      const again = isNews ? {} : ({ again: true } as const)
      emit({
        event: 'chunk-stored',
        file,
        chunkIndex,
        from,
        byteLength,
        elapsedMs: now() - askedAtMs,
        ...again
      })
    } else if (!this.#stopping.signal.aborted) {
      emit({ event: 'chunk-failed', file, chunkIndex, from, reason: failure })
    }
    if (failure !== undefined) {
      this.#onUnproven(provider, chunk)
    }
    if (failure === 'corrupt') {
      this.#onFalsehood(provider)
    }
    if (wasFull) {
      this.#pumpAll()
    } else {
      this.#pump(provider)
    }
  }

  /** It is known which description of a content is true; an earlier run may have left more of it here. */
  #onProven(provedBy: number, { held }: ContentState): void {
    const { state } = this.#components
    const content = state.contentOf(provedBy)
    state.settle(content.key)
    for (const chunkIndex of Bitfield.fromBytes(held, content.chunkCount).held()) {
      if (content.firstChunk + chunkIndex !== provedBy) {
        state.store(content.firstChunk + chunkIndex)
      }
    }
    for (const other of this.#providers.values()) {
      other.announceAll([content])
    }
  }

  /** The chunk did not come, or was false: where it was to prove a description, another one has its turn. */
  #onUnproven({ peerId }: Provider, chunk: number): void {
    const { state, now } = this.#components
    const content = state.contentOf(chunk)
    if (content.key !== content.root) {
      this.#disputes.onFailure(peerId, content, now())
      state.close(content.key)
    }
  }

  /** The provider sent false bytes. */
  #onFalsehood({ peerId, member }: Provider): void {
    if (this.#blame.add(peerId)) {
      this.#components.state.removeRemote(peerId)
      this.#components.emit({
        event: 'peer-banned',
        remote: member.name,
        message: `it sent false bytes ${MAX_FALSEHOODS} times; nothing more is asked of it`
      })
    }
  }

  /** Asks the provider for the digests of contents that cannot be asked for without. */
  #fetchDigests(provider: Provider): void {
    const { now } = this.#components
    const mayTry = (content: Content): boolean => this.#mayTry(provider, content)
    for (const content of this.#digestAsks.plan(provider.peerId, now(), mayTry)) {
      void this.#fetchDigestsOf(provider, content)
    }
  }

  /** Whether the description of a disputed content may be tried with the provider now. */
  #mayTry({ peerId }: Provider, content: Content): boolean {
    const { state, now } = this.#components
    const candidates = state.candidates(content.root)
    for (const { key, open, firstChunk, chunkCount } of candidates) {
      const last = firstChunk + chunkCount - 1
      if (open && !state.isRequested(last) && state.copies(last) === 0) {
        // Whoever was to prove it is gone.
        state.close(key)
      }
    }
    const isTried = candidates.some(({ open }) => open)
    const provable = candidates.filter((one) => state.remoteCount(peerId, one) > 0)
    return !isTried && this.#disputes.mayTry(peerId, content, provable, now())
  }

  async #fetchDigestsOf(provider: Provider, content: Content): Promise<void> {
    const { state, now, emit } = this.#components
    const { root, key, held } = content
    const isDisputed = key !== root
    let isFault = false
    try {
      // A single chunk is its own proof.
      if (!isDisputed || content.chunkCount > 1) {
        await this.#takeDigestsOf(provider, content)
      }
      state.open(key)
      for (const other of isDisputed ? [] : this.#providers.values()) {
        // That this peer can take its chunks.
        other.announceAll([{ root, held }])
      }
    } catch (error) {
      const isOwn = this.#storeFaults.take(error)
      isFault = !isOwn && !isDisputed
      if (!isOwn && !this.#stopping.signal.aborted) {
        emit({ event: 'digests-failed', root, from: provider.member.name, message: messageOf(error) })
      }
      if (isDisputed) {
        this.#disputes.onFailure(provider.peerId, content, now())
      }
    } finally {
      this.#digestAsks.settled(provider.peerId, root, isFault, now())
    }
    this.#pumpAll()
  }

  /** @throws Error when they do not come, or are not those of the content */
  async #takeDigestsOf(provider: Provider, { root, key, chunkCount }: Content): Promise<void> {
    const { store, now, emit } = this.#components
    const startedAtMs = now()
    const digests = await provider.digests(root, chunkCount)
    if (digests === undefined) {
      throw new Error('it does not know them')
    }
    if (!(await store.setDigests(key, digests))) {
      // Of a content that is not as long as it is said to be, nobody can have the digests.
      if (key === root) {
        this.#onFalsehood(provider)
      }
      throw new Error('they do not hash to the root')
    }
    emit({
      event: 'digests',
      root,
      from: provider.member.name,
      chunks: chunkCount,
      elapsedMs: now() - startedAtMs
    })
  }
}
