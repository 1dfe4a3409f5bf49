/**
 * The exchange: asks providers for the chunks that are missing, has them verified and stored, tells everyone of each,
 * and serves what is held. It decides nothing about order; the picker does.
 */
import type { Connection, Libp2p } from '@libp2p/interface'
import type { ChunkFailure, PeerEvent } from '../../events/peer.ts'
import type { Unstamped } from '../../events/stream.ts'
import { AvailabilityService, type Claim } from '../../protocols/availability/index.ts'
import { Bitfield } from '../../protocols/bitfield.ts'
import { type ChunkAnswer, ChunkService } from '../../protocols/chunk/index.ts'
import { chunkCountOf } from '../../protocols/chunks.ts'
import type { Member } from '../../protocols/coordination/index.ts'
import { DigestsService } from '../../protocols/digests/index.ts'
import { messageOf, PotluckError } from '../../protocols/errors.ts'
import { type ContentState, DiskFullError, type Store } from '../store/store.ts'
import { BufferPool } from './buffer-pool.ts'
import {
  DISK_FULL_PAUSE_MS,
  MAX_CORRUPT_CHUNKS,
  MAX_DIGESTS_IN_FLIGHT,
  MAX_IN_FLIGHT_BYTES,
  MAX_IN_FLIGHT_PER_PROVIDER,
  MIN_IN_FLIGHT_PER_PROVIDER,
  RETRY_AFTER_MS,
  STALL_TIMEOUT_MS
} from './constants.ts'
import { pickChunk } from './picker.ts'
import { type ExchangeServices, Provider } from './provider.ts'
import { RatePeak } from './rate-peak.ts'
import type { ChunkRef, SwarmState } from './swarm-state.ts'

export interface ExchangeComponents {
  host: Libp2p
  store: Store
  state: SwarmState
  chunkByteLength: number
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

export class Exchange {
  readonly #components: ExchangeComponents
  readonly #services: ExchangeServices
  readonly #providers = new Map<string, Provider>()
  readonly #pool: BufferPool
  readonly #maxInFlight: number
  readonly #stopping = new AbortController()
  readonly #ready = Promise.withResolvers<void>()
  readonly #digestsInFlight = new Set<string>()
  readonly #corruptChunks = new Map<string, number>()
  #inFlight = 0
  /** Nothing is asked for before this time: there was no room for it. */
  #pausedUntilMs = 0
  /** Bytes of chunks that came, and went, over the network. */
  receivedBytes = 0
  sentBytes = 0
  readonly #receiving = new RatePeak()
  readonly #sending = new RatePeak()

  constructor(components: ExchangeComponents) {
    this.#components = components
    const { host, store, now, chunkByteLength } = components
    this.#maxInFlight = Math.max(
      MAX_IN_FLIGHT_PER_PROVIDER,
      Math.floor(MAX_IN_FLIGHT_BYTES / chunkByteLength)
    )
    this.#pool = new BufferPool(chunkByteLength, this.#maxInFlight)
    this.#services = {
      availability: new AvailabilityService({
        host,
        listener: {
          ready: () => this.#ready.promise,
          onHoldings: (remote, claims) => this.#onHoldings(remote, claims),
          onHaves: (remote, root, chunkIndices) => this.#onHaves(remote, root, chunkIndices)
        }
      }),
      chunk: new ChunkService({
        host,
        now,
        source: {
          read: (getter, root, chunkIndex) => this.#read(getter, root, chunkIndex),
          onSent: (getter, root, chunkIndex, byteLength, elapsedMs) => {
            this.sentBytes += byteLength
            this.#sending.add(byteLength, now())
            const { emit, fileOf, nameOf } = this.#components
            const to = nameOf(getter)
            emit({ event: 'chunk-sent', file: fileOf(root), chunkIndex, to, byteLength, elapsedMs })
          }
        }
      }),
      digests: new DigestsService({ host, source: store })
    }
    this.#ready.promise.catch(() => undefined)
  }

  /** The most that went out for a while; undefined until it has been measured. */
  get uplinkBytesPerSecond(): number | undefined {
    return this.#sending.bytesPerSecond
  }

  /** The most that came in for a while; undefined until it has been measured. */
  get downlinkBytesPerSecond(): number | undefined {
    return this.#receiving.bytesPerSecond
  }

  /** Accepts streams from others. */
  async start(): Promise<void> {
    await Promise.all(Object.values(this.#services).map((service) => service.start()))
  }

  /** Tells what is left to tell, and ends every stream. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#ready.reject(new Error('the exchange was stopped'))
    await Promise.all([
      ...[...this.#providers.values()].map((provider) => provider.close()),
      ...Object.values(this.#services).map((service) => service.stop())
    ])
  }

  /** The catalog is known: takes what the store knows of its contents, and starts. May be called again with more. */
  begin(contents: (ContentState & { byteLength: number })[]): void {
    const { state, chunkByteLength } = this.#components
    for (const content of contents) {
      const extent = { byteLength: content.byteLength, chunkByteLength }
      const held = Bitfield.fromBytes(content.held, chunkCountOf(extent))
      state.addContent(content.root, extent, held)
      if (content.digestsKnown) {
        state.open(content.root)
      }
    }
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
    const { now } = this.#components
    const provider = new Provider({
      member,
      connection,
      services: this.#services,
      signal: this.#stopping.signal,
      allocate: () => this.#pool.take(),
      // A new connection starts with the whole picture again.
      onUnheard: () => this.#giveUp(provider, new Error('it does not listen to what is held here')),
      now
    })
    this.#providers.set(member.peerId, provider)
    void this.#greet(provider)
  }

  onDisconnected(member: Member): void {
    this.#providers.delete(member.peerId)
    this.#components.state.removeRemote(member.peerId)
    this.#pumpAll()
  }

  /** The store found a chunk on disk that is no longer what it was. */
  onChunkLost(root: string, chunkIndex: number): void {
    this.#components.state.lose(root, chunkIndex)
    this.#pumpAll()
  }

  /** To be called about once a second: asks again where a rest is over, and ends connections that are silent. */
  tick(): void {
    for (const provider of [...this.#providers.values()]) {
      const { silentMs } = provider
      if (silentMs > STALL_TIMEOUT_MS) {
        this.#components.emit({ event: 'peer-stalled', remote: provider.member.name, silentMs })
        this.#giveUp(provider, new Error(`nothing came for ${Math.round(silentMs / 1000)} s`))
      }
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
    if (!this.#providers.has(remote) || this.#isBanned(remote)) {
      return
    }
    let files = 0
    let chunks = 0
    for (const { root, complete, bitfield } of claims) {
      if (state.setHoldings(remote, root, complete, bitfield)) {
        files++
        chunks += state.remoteCount(remote, root)
      }
    }
    emit({ event: 'availability', from: nameOf(remote), files, chunks })
    this.#pumpAll()
  }

  #onHaves(remote: string, root: string, chunkIndices: number[]): void {
    const { state } = this.#components
    const provider = this.#providers.get(remote)
    if (provider === undefined || this.#isBanned(remote)) {
      return
    }
    for (const chunkIndex of chunkIndices) {
      state.addHave(remote, root, chunkIndex)
    }
    this.#pump(provider)
  }

  async #read(
    getter: string,
    root: string,
    chunkIndex: number
  ): Promise<{ status: 'ok'; bytes: Uint8Array } | { status: 'not-held' | 'unreadable' }> {
    const { state, store, emit, fileOf } = this.#components
    const serving = this.#providers.has(getter) && !this.#stopping.signal.aborted
    if (!serving || !state.holds(root, chunkIndex)) {
      return { status: 'not-held' }
    }
    try {
      return { status: 'ok', bytes: await store.readChunk(root, chunkIndex) }
    } catch (error) {
      emit({ event: 'chunk-unreadable', file: fileOf(root), chunkIndex, message: messageOf(error) })
      return { status: 'unreadable' }
    }
  }

  #isCurrent(provider: Provider): boolean {
    return this.#providers.get(provider.peerId) === provider
  }

  #pumpAll(): void {
    for (const provider of this.#providers.values()) {
      this.#pump(provider)
    }
  }

  /** Asks the provider for as much as it has room for. */
  #pump(provider: Provider): void {
    const { state, now } = this.#components
    const usable = this.#isCurrent(provider) && !this.#isBanned(provider.peerId)
    const waiting = now() < Math.max(provider.restUntilMs, this.#pausedUntilMs)
    if (!usable || this.#stopping.signal.aborted || waiting) {
      return
    }
    this.#fetchDigests(provider)
    // Many providers share what may be in flight, so that none takes it all.
    const share = Math.max(MIN_IN_FLIGHT_PER_PROVIDER, Math.ceil(this.#maxInFlight / this.#providers.size))
    const limit = Math.min(MAX_IN_FLIGHT_PER_PROVIDER, share)
    while (provider.inFlight < limit && this.#inFlight < this.#maxInFlight) {
      const chunk = pickChunk(state, provider.peerId)
      if (chunk === undefined) {
        return
      }
      state.request(chunk.root, chunk.chunkIndex)
      this.#inFlight++
      provider.inFlight++
      void this.#fetch(provider, chunk)
    }
  }

  /** One chunk's life: requested → received → verified → stored, or released for somebody else. */
  async #fetch(provider: Provider, chunk: ChunkRef): Promise<void> {
    const { state, now, emit, fileOf } = this.#components
    const { root, chunkIndex } = chunk
    const requestedAtMs = now()
    const from = provider.member.name
    const file = fileOf(root)
    emit({ event: 'chunk-requested', file, chunkIndex, from })
    let reason: ChunkFailure | undefined = 'stream-closed'
    try {
      const answer = await provider.request(chunk)
      reason = await this.#settle(provider, chunk, answer)
    } catch (error) {
      if (this.#storeFailed(error)) {
        reason = 'disk-full'
      }
    }
    const wasFull = this.#inFlight >= this.#maxInFlight
    this.#inFlight--
    provider.inFlight--
    if (reason === undefined) {
      const elapsedMs = now() - requestedAtMs
      emit({ event: 'chunk-stored', file, chunkIndex, from, byteLength: chunk.byteLength, elapsedMs })
      this.#pump(provider)
      if (wasFull) {
        this.#pumpAll()
      }
      return
    }
    state.release(root, chunkIndex)
    if (!this.#stopping.signal.aborted) {
      emit({ event: 'chunk-failed', file, chunkIndex, from, reason })
    }
    if (reason === 'stream-closed') {
      provider.restUntilMs = now() + RETRY_AFTER_MS
    }
    this.#pumpAll()
  }

  /** Takes an answer in. Returns why it is none, or undefined when the chunk is stored. */
  async #settle(provider: Provider, chunk: ChunkRef, answer: ChunkAnswer): Promise<ChunkFailure | undefined> {
    const { state, store, now } = this.#components
    const { root, chunkIndex, byteLength } = chunk
    if (answer.status !== 'ok') {
      state.dropHave(provider.peerId, root, chunkIndex)
      return answer.status
    }
    this.receivedBytes += byteLength
    this.#receiving.add(byteLength, now())
    const { stored, buffer } = await store.writeChunk(root, chunkIndex, answer.buffer, byteLength)
    this.#pool.give(buffer)
    if (!stored) {
      this.#blame(provider)
      return 'corrupt'
    }
    if (state.store(root, chunkIndex)) {
      for (const other of this.#providers.values()) {
        other.announce(root, chunkIndex)
      }
    }
    return undefined
  }

  /** Whether it was the store: a full disk pauses receiving, anything else ends the run. */
  #storeFailed(error: unknown): boolean {
    const { now, emit, onFailure } = this.#components
    if (error instanceof DiskFullError) {
      if (now() >= this.#pausedUntilMs) {
        this.#pausedUntilMs = now() + DISK_FULL_PAUSE_MS
        emit({ event: 'disk-full', message: error.message, retryInMs: DISK_FULL_PAUSE_MS })
      }
      return true
    }
    if (error instanceof PotluckError) {
      onFailure(error)
      return true
    }
    return false
  }

  #blame(provider: Provider): void {
    const { peerId, member } = provider
    const count = (this.#corruptChunks.get(peerId) ?? 0) + 1
    this.#corruptChunks.set(peerId, count)
    if (count === MAX_CORRUPT_CHUNKS) {
      this.#components.state.removeRemote(peerId)
      this.#components.emit({
        event: 'peer-banned',
        remote: member.name,
        message: `it sent ${count} chunks with false bytes; nothing more is asked of it`
      })
    }
  }

  #isBanned(peerId: string): boolean {
    return (this.#corruptChunks.get(peerId) ?? 0) >= MAX_CORRUPT_CHUNKS
  }

  /** Asks the provider for the digests of contents that cannot be asked for without. */
  #fetchDigests(provider: Provider): void {
    const { state } = this.#components
    if (this.#digestsInFlight.size >= MAX_DIGESTS_IN_FLIGHT) {
      return
    }
    for (const { root, chunkCount } of state.closedContents()) {
      if (!this.#digestsInFlight.has(root) && state.remoteCount(provider.peerId, root) > 0) {
        this.#digestsInFlight.add(root)
        void this.#fetchDigestsOf(provider, root, chunkCount)
      }
      if (this.#digestsInFlight.size >= MAX_DIGESTS_IN_FLIGHT) {
        return
      }
    }
  }

  async #fetchDigestsOf(provider: Provider, root: string, chunkCount: number): Promise<void> {
    const { state, store, now, emit } = this.#components
    const startedAtMs = now()
    const from = provider.member.name
    try {
      const digests = await provider.digests(root, chunkCount)
      if (digests === undefined || !(await store.setDigests(root, digests))) {
        throw new Error(digests === undefined ? 'it does not know them' : 'they do not hash to the root')
      }
      emit({ event: 'digests', root, from, chunks: chunkCount, elapsedMs: now() - startedAtMs })
      state.open(root)
    } catch (error) {
      if (!this.#storeFailed(error) && !this.#stopping.signal.aborted) {
        emit({ event: 'digests-failed', root, from, message: messageOf(error) })
      }
      provider.restUntilMs = now() + RETRY_AFTER_MS
    } finally {
      this.#digestsInFlight.delete(root)
    }
    this.#pumpAll()
  }
}
