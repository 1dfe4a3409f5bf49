/**
 * The exchange: the engine's driver in a peer. It opens streams to the others and accepts theirs, carries out on them
 * what the engine decides, has chunks verified and stored, and reports all this in events.
 */
import type { Connection, Libp2p } from '@libp2p/interface'
import { Bitfield } from '../../core/bitfield.ts'
import { chunkCountOf } from '../../core/chunks.ts'
import { messageOf } from '../../core/errors.ts'
import { MAX_FALSEHOODS } from '../../engine/constants.ts'
import type { DigestsOutcome } from '../../engine/digest-fetch.ts'
import type { Ask, AskFailure } from '../../engine/downloads.ts'
import { Engine, type Outcome } from '../../engine/engine.ts'
import type { EngineOptions } from '../../engine/options.ts'
import type { Outbox } from '../../engine/outbox.ts'
import type { Remote } from '../../engine/remote.ts'
import type { Content, SwarmState } from '../../engine/swarm-state.ts'
import type { ChunkFailure, PeerEvent } from '../../events/peer.ts'
import type { Unstamped } from '../../events/stream.ts'
import { AvailabilityService, type Claim } from '../../protocols/availability/index.ts'
import { type ChunkAnswer, ChunkService, type Pace, type ReceivedChunk } from '../../protocols/chunk/index.ts'
import type { Member } from '../../protocols/coordination/index.ts'
import { DigestsService } from '../../protocols/digests/index.ts'
import type { ContentState, Store } from '../../store/store.ts'
import { ChunkBuffers } from './chunk-buffers.ts'
import { LimitedIntake } from './intake.ts'
import { RemoteStreams } from './remote-streams.ts'
import { StoreFaults } from './store-faults.ts'
import { Uploader } from './uploader.ts'

export interface ExchangeInit {
  host: Libp2p
  store: Store
  state: SwarmState
  chunkByteLength: number
  limits: ExchangeLimits
  engineOptions?: Partial<EngineOptions> | undefined
  /** How fast chunks may leave. */
  pace: Pace
  /** Milliseconds on any steady clock. */
  now(): number
  emit(event: Unstamped<PeerEvent>): void
  /** The name of a content for people: `<origin>/<path>`. */
  fileOf(root: string): string
  /** The name of a peer for people. */
  nameOf(peerId: string): string
  /** The store failed; the peer cannot go on. */
  onFatal(error: Error): void
}

/** A content's state in the store, and what the catalog says of it. */
export interface ExchangeContent extends ContentState {
  /** The only peer that brought it; undefined when there are several. */
  origin: string | undefined
  /** Whether this peer does without it by choice. */
  declined: boolean
}

/** In bytes per second; undefined: not configured. */
export interface ExchangeLimits {
  /** The configured capacity of the uplink, including the limit. */
  uplink: number | undefined
  /** Limits of how fast chunks leave, and are taken in. The pace applies the first. */
  maxUp: number | undefined
  maxDown: number | undefined
}

export class Exchange {
  readonly engine: Engine
  readonly #init: ExchangeInit
  /** Accepts the streams that others open. */
  readonly #services: readonly [AvailabilityService, ChunkService, DigestsService]
  readonly #remotes = new Map<string, RemoteStreams>()
  readonly #uploader: Uploader
  readonly #buffers: ChunkBuffers
  readonly #intake: LimitedIntake
  readonly #stopping = new AbortController()
  readonly #ready = Promise.withResolvers<void>()
  readonly #storeFaults: StoreFaults
  #newsTimer: ReturnType<typeof setTimeout> | undefined

  constructor(init: ExchangeInit) {
    this.#init = init
    const { host, store, state, now, pace, chunkByteLength, limits, engineOptions } = init
    const self = host.peerId.toString()
    this.engine = new Engine({
      self,
      state,
      chunkByteLength,
      options: engineOptions,
      outbox: this.#outbox(),
      uplinkSeen: () => pace.seenBytesPerSecond
    })
    this.#buffers = new ChunkBuffers(chunkByteLength, this.engine.options.maxInFlight)
    this.#storeFaults = new StoreFaults({
      ...init,
      engine: this.engine,
      buffers: this.#buffers,
      signal: this.#stopping.signal
    })
    this.#intake = new LimitedIntake(now)
    this.setLimits(limits)
    this.#uploader = new Uploader({
      engine: this.engine,
      now,
      read: (...asked) => this.#storeFaults.read(...asked),
      release: (bytes) => this.#buffers.release(bytes),
      onSent: (getter, chunk, byteLength, elapsedMs) => this.#onSent(getter, chunk, byteLength, elapsedMs)
    })
    this.#services = [
      new AvailabilityService({
        host,
        listener: {
          ready: () => this.#ready.promise,
          onHoldings: (remote, claims) => this.#onHoldings(remote, claims),
          onHaves: (remote, root, chunkIndices) => this.engine.onHaves(remote, root, chunkIndices, now()),
          onStatus: (remote, status) => this.engine.onStatus(remote, status, now()),
          onHoldingsAsked: (remote) => this.engine.onHoldingsAsked(remote, now())
        }
      }),
      new ChunkService({ host, handler: this.#uploader, pace }),
      new DigestsService({ host, source: store })
    ]
    this.#ready.promise.catch(() => undefined)
  }

  /** By name, the peers that are no longer asked for anything because they sent corrupt data. */
  get banned(): string[] {
    return this.engine.banned.map((peerId) => this.#init.nameOf(peerId))
  }

  /** Whether nothing is asked for at the moment, because the disk was full. */
  get isPaused(): boolean {
    return this.engine.isPaused(this.#init.now())
  }

  /** From now on. */
  setLimits(limits: ExchangeLimits): void {
    this.engine.setLimits(limits)
    this.#intake.setLimit(limits.maxDown)
  }

  /** Accepts streams from others. */
  async start(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.start()))
  }

  /** Sends the last news, and ends every stream. */
  async stop(): Promise<void> {
    clearTimeout(this.#newsTimer)
    this.engine.tellNews()
    this.engine.stop()
    this.#stopping.abort()
    this.#ready.reject(new Error('the exchange was stopped'))
    this.#intake.stop()
    await Promise.all([
      ...[...this.#remotes.values()].map((streams) => streams.close()),
      ...this.#services.map((service) => service.stop())
    ])
  }

  /**
   * The catalog is known: takes what the store knows of its contents, and starts. May be called again with more.
   *
   * @param members how many others are expected to connect
   */
  begin(contents: ExchangeContent[], members: number): void {
    const { chunkByteLength, now } = this.#init
    const known = contents.map((content) => {
      const chunkCount = chunkCountOf({ byteLength: content.byteLength, chunkByteLength })
      return { ...content, held: Bitfield.fromBytes(content.held, chunkCount) }
    })
    this.engine.begin(known, members, now())
    this.#ready.resolve()
    this.engine.attendAll(now())
  }

  onConnected(member: Member, connection: Connection): void {
    const { now, state } = this.#init
    const { engine } = this
    const { peerId } = member
    const streams = new RemoteStreams({
      member,
      connection,
      signal: this.#stopping.signal,
      allocate: () => this.#buffers.take(),
      release: (buffer) => this.#buffers.give(buffer),
      byteLengthOf: (root, chunkIndex) => {
        const chunk = state.chunkOf(root, chunkIndex)
        return chunk !== undefined && state.contentOf(chunk).open ? state.refOf(chunk).byteLength : undefined
      },
      onFirstByte: (elapsedMs, waitedMs) => engine.onFirstByte(peerId, elapsedMs - waitedMs),
      onBytes: (byteLength) => engine.onBytes(peerId, byteLength, now()),
      onDigests: (byteLength) => engine.onDigestsReply(peerId, byteLength, now()),
      // A new connection starts with the whole picture again.
      onUnheard: () => this.#giveUp(streams, new Error('it closed our availability stream')),
      intake: this.#intake,
      now
    })
    this.#remotes.set(peerId, streams)
    engine.connected(peerId, now())
    void this.#greet(streams)
  }

  onDisconnected({ peerId }: Member): void {
    this.#remotes.delete(peerId)
    this.engine.disconnected(peerId, this.#init.now())
  }

  /** The store found a chunk on disk that has changed. */
  onChunkLost(root: string, chunkIndex: number): void {
    this.engine.chunkLost(root, chunkIndex, this.#init.now())
  }

  /** The store has no file with the content any more. */
  onContentLost(root: string): void {
    this.engine.contentLost(root, this.#init.now())
  }

  /** To be called about once per second: asks again when a rest is over, and ends connections that are silent. */
  tick(): void {
    this.engine.tick(this.#init.now(), this.#uploader.stalledMs())
  }

  /** Carries out what the engine decides. */
  #outbox(): Outbox {
    const { state } = this.#init
    return {
      ask: (ask) => void this.#fetch(ask),
      takeBack: (remote, chunk) => {
        const { root, chunkIndex } = state.refOf(chunk)
        this.#remotes.get(remote)?.cancel(root, chunkIndex)
      },
      askDigests: (remote, content) => void this.#fetchDigests(remote, content),
      send: (reply) => this.#uploader.send(reply),
      refuse: (_getter, id, reason) => this.#uploader.refuse(id, reason),
      tellHoldings: (remote, content) => {
        const announcer = this.#remotes.get(remote)?.announcer
        if (content === undefined) {
          announcer?.tellAll(() => state.holdings())
        } else {
          announcer?.tellHolding(content)
        }
      },
      askHoldings: (remote) => this.#remotes.get(remote)?.announcer?.askHoldings(),
      tellNews: (remote, news, status) => this.#remotes.get(remote)?.announcer?.tellNews(news, status),
      tellSoon: (afterMs) => {
        clearTimeout(this.#newsTimer)
        if (!this.#stopping.signal.aborted) {
          this.#newsTimer = setTimeout(() => this.engine.tellNews(), afterMs)
        }
      },
      endChunkStreams: (remote) => this.#remotes.get(remote)?.giveUpChunks(),
      endDigestStream: (remote) => this.#remotes.get(remote)?.giveUpDigests(),
      disconnect: (remote, silentMs) => this.#disconnect(remote, silentMs),
      banned: (remote) =>
        this.#init.emit({
          event: 'peer-banned',
          remote: this.#init.nameOf(remote),
          message: `it sent corrupt data ${MAX_FALSEHOODS} times, so this peer no longer fetches from it`
        })
    }
  }

  /** Tells a new remote what is here. Before the catalog is known there is nothing to tell. */
  async #greet(streams: RemoteStreams): Promise<void> {
    try {
      await this.#ready.promise
      await streams.openAnnouncer()
      if (this.#remotes.get(streams.peerId) === streams) {
        this.engine.greet(streams.peerId)
      }
    } catch (error) {
      this.#giveUp(streams, error instanceof Error ? error : new Error(messageOf(error)))
    }
  }

  #disconnect(remote: string, silentMs: number): void {
    const streams = this.#remotes.get(remote)
    if (streams !== undefined) {
      this.#init.emit({ event: 'peer-stalled', remote: streams.member.name, silentMs })
      // The end of the connection calls the engine.
      const error = new Error(`no data either way for ${Math.round(silentMs / 1000)} s`)
      queueMicrotask(() => this.#giveUp(streams, error))
    }
  }

  /** Ends the connection to a remote that is useless in its present state; the mesh makes a new one. */
  #giveUp(streams: RemoteStreams, error: Error): void {
    const isCurrent = this.#remotes.get(streams.peerId) === streams
    if (!this.#stopping.signal.aborted && isCurrent) {
      streams.abort(error)
    }
  }

  #onHoldings(remote: string, claims: Claim[]): void {
    const { now, emit, nameOf } = this.#init
    const news = this.engine.onHoldings(remote, claims, now())
    if (news !== undefined) {
      emit({ event: 'availability', from: nameOf(remote), ...news })
    }
  }

  #onSent(getter: string, chunk: number, byteLength: number, elapsedMs: number): void {
    const { state, emit, fileOf, nameOf } = this.#init
    const { root, chunkIndex } = state.refOf(chunk)
    emit({ event: 'chunk-sent', file: fileOf(root), chunkIndex, to: nameOf(getter), byteLength, elapsedMs })
  }

  /** The life of one ask: requested → received → verified → stored, or failed. */
  async #fetch(ask: Ask): Promise<void> {
    const { state, now, emit, fileOf, nameOf } = this.#init
    const askedAtMs = now()
    const wanted = ask.kind === 'chunk' ? state.refOf(ask.chunk) : undefined
    if (wanted !== undefined) {
      const { root, chunkIndex } = wanted
      emit({ event: 'chunk-requested', file: fileOf(root), chunkIndex, from: nameOf(ask.provider.id) })
    }
    let answer: ChunkAnswer | undefined
    try {
      answer = await this.#remotes.get(ask.provider.id)?.ask(wanted)
    } catch {
      // The stream has ended; the connection's end, or the next ask, shows more.
    }
    if (answer?.status === 'ok') {
      await this.#settle(ask, answer, askedAtMs)
    } else {
      this.#onFailed(ask, answer?.status ?? 'stream-closed')
    }
  }

  #onFailed(ask: Ask, reason: AskFailure): void {
    if (ask.kind === 'chunk') {
      this.#tellFailure(ask, ask.chunk, reason)
    }
    this.engine.failed(ask, reason, this.#init.now())
  }

  #tellFailure({ provider }: Ask, chunk: number, reason: ChunkFailure): void {
    const { state, emit, fileOf, nameOf } = this.#init
    if (!this.#stopping.signal.aborted) {
      const { root, chunkIndex } = state.refOf(chunk)
      emit({ event: 'chunk-failed', file: fileOf(root), chunkIndex, from: nameOf(provider.id), reason })
    }
  }

  /** Receives a chunk: has it verified and stored. */
  async #settle(ask: Ask, answer: ReceivedChunk, askedAtMs: number): Promise<void> {
    const { root, chunkIndex, byteLength } = answer.chunk
    const { state, store, now, emit, fileOf, nameOf } = this.#init
    const chunk = ask.kind === 'chunk' ? ask.chunk : state.chunkOf(root, chunkIndex)
    if (chunk === undefined) {
      this.#buffers.give(answer.buffer)
      this.#onFailed(ask, 'stream-closed')
      return
    }
    const { key, chunkCount } = state.contentOf(chunk)
    this.engine.arrived(ask, chunk, byteLength, now())
    let failure: ChunkFailure | undefined
    try {
      const outcome = await this.#buffers.write(answer.buffer, (buffer) =>
        store.writeChunk(key, chunkIndex, buffer, byteLength)
      )
      failure = outcome.stored ? undefined : 'corrupt'
      if (outcome.settled !== undefined) {
        this.engine.proven(chunk, Bitfield.fromBytes(outcome.settled.held, chunkCount))
      }
    } catch (error) {
      failure = this.#storeFaults.chunkFailureOf(error)
    }
    if (failure === undefined) {
      const again = state.holds(chunk) ? ({ again: true } as const) : {}
      const elapsedMs = now() - askedAtMs
      const from = nameOf(ask.provider.id)
      emit({ event: 'chunk-stored', file: fileOf(root), chunkIndex, from, byteLength, elapsedMs, ...again })
    } else {
      this.#tellFailure(ask, chunk, failure)
      if (failure === 'corrupt') {
        this.#complain(ask.provider, answer)
      }
    }
    this.engine.settled(ask, chunk, outcomeOf(failure), now())
  }

  /** Before the chunk is asked for again: its provider then checks it. */
  #complain(provider: Remote, answer: ReceivedChunk): void {
    this.#remotes.get(provider.id)?.complain(answer, () => this.engine.admitted(provider))
  }

  async #fetchDigests(remote: string, content: Content): Promise<void> {
    const { now } = this.#init
    let outcome: DigestsOutcome
    try {
      outcome = await this.#takeDigests(remote, content)
    } catch (error) {
      outcome = this.#storeFaults.take(error) ? 'own' : 'unknown'
      if (outcome === 'unknown') {
        this.#tellDigestsFailure(remote, content.root, messageOf(error))
      }
    }
    this.engine.digestsCame(remote, content, outcome, now())
  }

  /** @throws Error when they do not arrive, or the store fails */
  async #takeDigests(remote: string, { root, key, chunkCount }: Content): Promise<DigestsOutcome> {
    const { store, now, emit, nameOf } = this.#init
    const startedAtMs = now()
    const digests = await this.#remotes.get(remote)?.digests(root, chunkCount)
    if (digests === undefined) {
      this.#tellDigestsFailure(remote, root, 'it does not know them')
      return 'unknown'
    }
    if (!(await store.setDigests(key, digests))) {
      this.#tellDigestsFailure(remote, root, 'they do not hash to the root')
      return 'false'
    }
    const elapsedMs = now() - startedAtMs
    emit({ event: 'digests', root, from: nameOf(remote), chunks: chunkCount, elapsedMs })
    return 'true'
  }

  #tellDigestsFailure(remote: string, root: string, message: string): void {
    const { emit, nameOf } = this.#init
    if (!this.#stopping.signal.aborted) {
      emit({ event: 'digests-failed', root, from: nameOf(remote), message })
    }
  }
}

function outcomeOf(failure: ChunkFailure | undefined): Outcome {
  if (failure === undefined) {
    return 'stored'
  }
  return failure === 'corrupt' ? 'false' : 'failed'
}
