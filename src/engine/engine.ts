/**
 * The engine of an exchange: which peers to ask for what, to serve, and to believe, and when that is over. The driver
 * reports what happens by calls, with the time. The engine issues its decisions through an `Outbox`. The driver moves
 * the bytes: the peer's (`node/exchange`), the simulator's, or the tests' closed world. Pure: no I/O, no clock, no
 * randomness other than the state's.
 */

import type { Bitfield } from '../core/bitfield.ts'
import type { Claim, PeerStatus } from '../protocols/availability/index.ts'
import {
  AWAIT_GETTERS_MS,
  HEARTBEAT_MS,
  MAX_AWAITED_GETTERS,
  STALL_TIMEOUT_MS,
  TELL_AGAIN_MS
} from './constants.ts'
import { DigestFetch, type DigestsOutcome, isDisputed } from './digest-fetch.ts'
import type { Ask, AskFailure, Downloads } from './downloads.ts'
import { News } from './news.ts'
import { type EngineOptions, engineOptions } from './options.ts'
import type { Outbox } from './outbox.ts'
import { RatePeak } from './rate-peak.ts'
import { Remote } from './remote.ts'
import { peerScheduler, type Scheduler, type SchedulerInit } from './scheduler.ts'
import { Standing } from './standing.ts'
import { Stillness } from './stillness.ts'
import type { Content, SwarmState } from './swarm-state.ts'
import type { ChunkUpload, Uploads } from './uploads.ts'

export interface EngineInit {
  /** This peer's PeerId. */
  self: string
  state: SwarmState
  /** The scheduler; by default the peers' own. */
  scheduler?: ((init: SchedulerInit) => Scheduler) | undefined
  chunkByteLength: number
  options?: Partial<EngineOptions> | undefined
  outbox: Outbox
  /** The rate at which chunks were seen to leave, in bytes per second; undefined while it is unknown. */
  uplinkSeen?(): number | undefined
  /**
   * If given, the effects of a message wait for a call of `attend`, which this requests, so that messages close
   * together are handled together. Otherwise they take effect at once.
   */
  attendSoon?: (() => void) | undefined
}

/** A content of the catalog, in its state here. */
export interface EngineContent {
  root: string
  /**
   * Equal to `root`, unless members describe the content with different lengths: then there is one for each
   * description.
   */
  key: string
  byteLength: number
  held: Bitfield
  /** The only peer that brought it; undefined when there are several. */
  origin: string | undefined
  digestsKnown: boolean
  /** Whether this peer fetches it. */
  wanted: boolean
  /** Whether this peer does without it by choice. The others learn that. */
  declined?: boolean
}

/**
 * What happened to a received chunk: stored, found corrupt, or not stored for another reason than the provider's fault.
 */
export type Outcome = 'stored' | 'false' | 'failed'

export class Engine {
  readonly state: SwarmState
  readonly options: EngineOptions
  readonly #self: string
  readonly #chunkByteLength: number
  readonly #outbox: Outbox
  readonly #init: EngineInit
  readonly #downloads: Downloads
  readonly #uploads: Uploads
  readonly #digests: DigestFetch
  readonly #news: News
  readonly #stillness = new Stillness()
  /** By PeerId, the connected peers; and what is remembered of every peer that ever was. */
  readonly #remotes = new Map<string, Remote>()
  readonly #standings = new Map<string, Standing>()
  /** Those to be asked again at the next call of `attend`. */
  readonly #due = new Set<Remote>()
  #sentTakesRequests = false
  #sentUplink = false
  #heartbeatAtMs = 0
  #hasBegun = false
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  #stopped = false
  /** Nothing more is expected here. */
  #isDone = false
  /** Contents of which this peer has more, or less, than it last reported to the coordinator. */
  readonly #changed = new Set<string>()
  /** Bytes of chunks received and sent over the network. */
  receivedBytes = 0
  sentBytes = 0
  readonly #receiving = new RatePeak()
  readonly #sending = new RatePeak()

  constructor(init: EngineInit) {
    this.#init = init
    const { state, self, scheduler = peerScheduler, chunkByteLength, outbox } = init
    this.state = state
    this.#self = self
    this.#chunkByteLength = chunkByteLength
    this.#outbox = outbox
    this.options = engineOptions(chunkByteLength, init.options)
    const { maxInFlight } = this.options
    const { downloads, uploads } = scheduler({ state, self, chunkByteLength, maxInFlight })
    this.#downloads = downloads
    this.#uploads = uploads
    this.#digests = new DigestFetch(state, outbox)
    this.#news = new News({
      state,
      outbox,
      options: this.options,
      remotes: this.#remotes,
      status: () => this.status
    })
  }

  /** PeerIds of peers that are asked for nothing more because they sent corrupt data. */
  get banned(): string[] {
    return [...this.#standings].flatMap(([id, { blame }]) => (blame.isBanned ? [id] : []))
  }

  /** For how long nothing has moved although a peer could send what is missing here. */
  get stillMs(): number {
    return this.#stillness.stillMs
  }

  /** For how long nothing has moved here or at others. */
  get quietMs(): number {
    return this.#stillness.quietMs
  }

  /** The highest upload rate over a while, in bytes per second; undefined until it has been measured. */
  get uplinkBytesPerSecond(): number | undefined {
    return this.#sending.bytesPerSecond
  }

  /** The highest download rate over a while, in bytes per second; undefined until it has been measured. */
  get downlinkBytesPerSecond(): number | undefined {
    return this.#receiving.bytesPerSecond
  }

  /** The status, by which others plan. */
  get status(): PeerStatus {
    return { ...this.#uploads.status(), ...(this.#isDone ? { done: true } : {}) }
  }

  /**
   * Whether nothing more is expected here. The others learn this, and need not wait for a peer that is done. A larger
   * catalog may end it.
   */
  setDone(isDone: boolean): void {
    this.#isDone = isDone
    this.#news.addStatus(false)
  }

  /** Whether the peer said that it expects no more data. */
  isDoneAt(id: string): boolean {
    return this.#standings.get(id)?.done === true
  }

  /** A connected peer. */
  remote(id: string): Remote | undefined {
    return this.#remotes.get(id)
  }

  /** PeerIds of connected peers that refused a chunk of the content because they cannot read it. */
  unreadableAt(root: string): string[] {
    return [...this.#remotes.values()].flatMap(({ id, unreadable }) => (unreadable.has(root) ? [id] : []))
  }

  /** Whether nothing is asked for at the moment. */
  isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntilMs
  }

  /** Nothing is asked for until then; serving goes on. */
  pauseUntil(untilMs: number): void {
    this.#pausedUntilMs = untilMs
  }

  /**
   * Contents of which this peer has more, or less, than at the last call; at most this many, the others at the next
   * call.
   */
  takeChanged(limit: number): Content[] {
    const contents: Content[] = []
    for (const root of this.#changed) {
      const content = this.state.content(root)
      this.#changed.delete(root)
      if (content !== undefined && contents.push(content) >= limit) {
        break
      }
    }
    return contents
  }

  /** Everything that this peer has counts as changed, except what it alone brought. */
  changeAll(): void {
    for (const { root, held, origin } of this.state.contents()) {
      if (held.count > 0 && origin !== this.#self) {
        this.#changed.add(root)
      }
    }
  }

  /**
   * Sets the limits from now on, in bytes per second; undefined: no limit.
   *
   * @param uplink the configured capacity of the uplink
   */
  setLimits(limits: {
    uplink: number | undefined
    maxUp: number | undefined
    maxDown: number | undefined
  }): void {
    this.#uploads.limit(limits.maxUp, limits.uplink)
    this.#downloads.limit(limits.maxDown)
  }

  /**
   * Adds the catalog, or more of it when a late peer brings files. `attend` begins the exchange, once the connected
   * peers know what is here.
   *
   * @param members how many others are expected to connect
   */
  begin(contents: Iterable<EngineContent>, members: number, nowMs: number): void {
    const { state } = this
    if (members <= MAX_AWAITED_GETTERS) {
      this.#uploads.awaitGetters(members, nowMs + AWAIT_GETTERS_MS)
    }
    let isMore = false
    for (const { root, key, byteLength, held, origin, digestsKnown, wanted, declined } of contents) {
      isMore ||= this.#hasBegun && state.candidates(root).length === 0
      const isDisputed = key !== root
      const extent = { byteLength, chunkByteLength: this.#chunkByteLength }
      state.addContent(root, extent, held, isDisputed ? undefined : origin, key)
      if (held.count > 0 && origin !== this.#self) {
        this.#changed.add(root)
      }
      if (digestsKnown && !isDisputed) {
        state.open(root)
      }
      if (declined === true) {
        state.decline(root)
      } else if (wanted) {
        state.want(root)
      } else if (!held.complete) {
        state.giveUp(root)
      }
    }
    this.#uploads.refresh()
    for (const remote of this.#remotes.values()) {
      // What it announced of contents that were not known here was ignored.
      remote.missedClaims ||= isMore
      if (remote.greeted) {
        this.#greet(remote)
      }
    }
    this.#hasBegun = true
  }

  /** This peer wants what it did without, and fetches it from now on. */
  want(roots: Iterable<string>, nowMs: number): void {
    for (const root of roots) {
      this.state.want(root)
      const content = this.state.content(root)
      if (content?.open === true) {
        this.#news.addContent(content)
      }
    }
    this.attendAll(nowMs)
  }

  /** Asks for nothing more, and serves no one. */
  stop(): void {
    this.#stopped = true
  }

  connected(id: string, nowMs: number): void {
    this.#forget(id)
    const standing = this.#standings.get(id) ?? new Standing()
    const remote = new Remote(id, nowMs, standing)
    this.#standings.set(id, standing)
    this.#remotes.set(id, remote)
    this.#downloads.add(remote)
    this.#uploads.add(remote)
  }

  /** The remote can now receive what this peer has. Nothing is sent before `begin`. */
  greet(id: string): void {
    const remote = this.#remotes.get(id)
    if (remote !== undefined) {
      this.#greet(remote)
    }
  }

  #greet(remote: Remote): void {
    remote.asksHoldings = false
    this.#news.greet(remote)
    if (remote.missedClaims) {
      remote.missedClaims = false
      this.#outbox.askHoldings(remote.id)
    }
  }

  /** Sends the news: to be called when the outbox was asked to, and before `stop`. */
  tellNews(): void {
    this.#news.tell()
  }

  /** The driver reports each ask that the remote owes as `failed`. */
  disconnected(id: string, nowMs: number): void {
    this.#forget(id)
    this.attendAll(nowMs)
  }

  #forget(id: string): void {
    const remote = this.#remotes.get(id)
    if (remote !== undefined) {
      this.#due.delete(remote)
      this.#remotes.delete(id)
      this.#downloads.remove(remote)
      this.#digests.remove(remote)
      this.state.forget(remote.holdings)
      this.#uploads.remove(remote)
    }
  }

  /** Chunks of a content are here without being fetched: its digests are known now. */
  chunksHeld(root: string, chunkIndices: readonly number[]): void {
    const { state } = this
    state.open(root)
    for (const chunkIndex of chunkIndices) {
      const chunk = state.chunkOf(root, chunkIndex)
      if (chunk !== undefined && state.store(chunk)) {
        this.#changed.add(root)
      }
    }
    this.#stillness.onMoved()
  }

  /** A chunk is no longer here. */
  chunkLost(root: string, chunkIndex: number, nowMs: number): void {
    const chunk = this.state.chunkOf(root, chunkIndex)
    if (chunk !== undefined) {
      this.state.lose(chunk)
      this.#changed.add(root)
      this.attendAll(nowMs)
    }
  }

  /** Nothing of a content is here any more. */
  contentLost(root: string, nowMs: number): void {
    const content = this.state.content(root)
    if (content !== undefined) {
      for (let chunkIndex = 0; chunkIndex < content.chunkCount; chunkIndex++) {
        this.state.lose(content.firstChunk + chunkIndex)
      }
      this.#changed.add(root)
      this.attendAll(nowMs)
    }
  }

  /**
   * To be called once or twice per second: asks again when a rest is over, and ends what is silent.
   *
   * @param untakenMs for each getter that does not read what waits for it, for how long
   */
  tick(nowMs: number, untakenMs: ReadonlyMap<string, number> = new Map()): void {
    this.#uploads.expire(nowMs)
    const waitsForDisk = this.isPaused(nowMs) || this.#downloads.waitsForDisk
    this.#stillness.look(this.state.missingChunks > 0 && this.state.canProgress && !waitsForDisk, nowMs)
    const beats = nowMs - this.#heartbeatAtMs > HEARTBEAT_MS
    this.#heartbeatAtMs = beats ? nowMs : this.#heartbeatAtMs
    this.#news.addStatus(beats)
    for (const remote of [...this.#remotes.values()]) {
      this.#tellAgain(remote, nowMs)
      if (remote.digestsSilentMs(nowMs) > STALL_TIMEOUT_MS) {
        // Its news may go on, and a chunk may wait there for long; digests never have to wait.
        this.#outbox.endDigestStream(remote.id)
      }
      // Chunks for a getter that reads nothing would stay in memory; together with similar getters it would use all
      // that may leave.
      const silentMs = Math.max(remote.silentMs(nowMs), untakenMs.get(remote.id) ?? 0)
      if (silentMs > STALL_TIMEOUT_MS) {
        this.#outbox.disconnect(remote.id, silentMs)
      }
    }
    for (const { id } of this.#downloads.obstructing) {
      this.#outbox.endChunkStreams(id)
    }
    this.attendAll(nowMs)
  }

  /** Serves, and asks those that are due again. */
  attend(nowMs: number): void {
    this.#serve(nowMs)
    const due = [...this.#due]
    this.#due.clear()
    for (const remote of due) {
      this.#pump(remote, nowMs)
    }
  }

  /** Serves, and asks everyone again: at once, or together with other events close by. */
  attendAll(nowMs: number): void {
    const { attendSoon } = this.#init
    if (attendSoon === undefined) {
      this.#serve(nowMs)
      for (const remote of this.#remotes.values()) {
        this.#pump(remote, nowMs)
      }
    } else {
      for (const remote of this.#remotes.values()) {
        this.#due.add(remote)
      }
      attendSoon()
    }
  }

  // What others announce.

  /** @returns what is claimed now, if it is more than the remote ever announced */
  onHoldings(
    id: string,
    claims: readonly Claim[],
    nowMs: number
  ): { files: number; chunks: number } | undefined {
    const { state } = this
    const remote = this.#heard(id, nowMs)
    if (remote === undefined) {
      return undefined
    }
    const { holdings, standing } = remote
    const contents: Content[] = []
    let chunks = 0
    // Of several claims of one content only the last counts, and the others must cost nothing.
    const last = new Map(claims.map((claim) => [claim.root, claim]))
    for (const { root, complete, bitfield, declined } of last.values()) {
      const candidates = state.candidates(root)
      const count = state.setHoldings(holdings, root, complete, bitfield, declined)
      if (count !== undefined) {
        for (const content of candidates) {
          contents.push(content)
        }
        chunks += count
      }
    }
    if (contents.length === 0) {
      return undefined
    }
    const isMore = this.#stillness.onHeld(standing, holdings.count)
    this.#uploads.onHoldings(contents)
    this.attendAll(nowMs)
    // A remote could withdraw what it announced and announce it again for ever.
    return isMore ? { files: contents.length, chunks } : undefined
  }

  onHaves(id: string, root: string, chunkIndices: readonly number[], nowMs: number): void {
    const remote = this.#heard(id, nowMs)
    if (remote === undefined) {
      return
    }
    for (const { key } of this.state.candidates(root)) {
      for (const chunkIndex of chunkIndices) {
        const chunk = this.state.chunkOf(key, chunkIndex)
        if (chunk !== undefined) {
          this.#onHave(remote, chunk, nowMs)
        }
      }
    }
    this.#stillness.onHeld(remote.standing, remote.holdings.count)
    this.#attend(remote, nowMs)
  }

  onStatus(id: string, status: PeerStatus, nowMs: number): void {
    const remote = this.#heard(id, nowMs)
    if (remote !== undefined) {
      this.#stillness.onFresh(remote.standing, status.freshChunks)
      remote.standing.done = status.done === true
      this.#uploads.setStatus(remote, status)
      this.#downloads.setStatus(remote, status.freshChunks, status.takesRequests)
      this.#attend(remote, nowMs)
    }
  }

  /** The remote ignored announcements of contents that it did not know, and knows more of them now. */
  onHoldingsAsked(id: string, nowMs: number): void {
    const remote = this.#heard(id, nowMs)
    if (remote !== undefined) {
      remote.asksHoldings = true
      this.#tellAgain(remote, nowMs)
    }
  }

  /** All holdings take many bytes, and a remote may ask for them without need: they are sent at most once per while. */
  #tellAgain(remote: Remote, nowMs: number): void {
    if (remote.asksHoldings && remote.greeted && nowMs - remote.toldAgainAtMs >= TELL_AGAIN_MS) {
      remote.toldAgainAtMs = nowMs
      this.#greet(remote)
    }
  }

  // What others ask for.

  /** How many asks of a getter wait here. */
  waitingOf(getter: string): number {
    const remote = this.#remotes.get(getter)
    return remote === undefined ? 0 : this.#uploads.waitingOf(remote)
  }

  /** @param chunk undefined when there is no such chunk */
  askedFor(getter: string, id: number, chunk: number | undefined, nowMs: number): void {
    const remote = this.#remotes.get(getter)
    if (chunk === undefined || !this.state.holds(chunk) || !this.#serves(remote)) {
      this.#outbox.refuse(getter, id, 'not-held')
    } else {
      this.#uploads.ask(remote, id, chunk, nowMs)
    }
    this.#serve(nowMs)
  }

  /** For any chunk that only this peer has. */
  askedForAny(getter: string, id: number, nowMs: number): void {
    const remote = this.#remotes.get(getter)
    if (this.#serves(remote)) {
      this.#uploads.ask(remote, id, undefined, nowMs)
    } else {
      this.#outbox.refuse(getter, id, 'none-fresh')
    }
    this.#serve(nowMs)
  }

  /** The getter no longer wants it. Nothing happens if it is answered already. */
  askTakenBack(getter: string, id: number, nowMs: number): void {
    if (this.askDropped(getter, id)) {
      this.#outbox.refuse(getter, id, 'cancelled')
    }
    this.#serve(nowMs)
  }

  /** The stream of the ask has ended, so no one waits for an answer. @returns whether the ask was waiting */
  askDropped(getter: string, id: number): boolean {
    const remote = this.#remotes.get(getter)
    return remote !== undefined && this.#uploads.cancel(remote, id)
  }

  /** A chunk has left, or its stream has ended. */
  taken(reply: ChunkUpload, nowMs: number): void {
    this.#uploads.onTaken(reply, nowMs)
    this.#serve(nowMs)
  }

  /** A chunk that was to be sent cannot be read. */
  unreadable(reply: ChunkUpload, nowMs: number): void {
    const { id } = reply.getter
    if (this.#serves(this.#remotes.get(id))) {
      this.#uploads.unreadable(reply, nowMs)
      this.#outbox.refuse(id, reply.id, 'unreadable')
      this.#serve(nowMs)
    } else {
      // The files may be closed by now. The end of the stream answers the ask.
      this.#uploads.onTaken(reply, nowMs)
    }
  }

  /** Bytes of a chunk have left. */
  sent(byteLength: number, nowMs: number): void {
    this.sentBytes += byteLength
    this.#sending.add(byteLength, nowMs)
  }

  // The results of asks.

  /** Bytes arrived that the remote was asked for. */
  onBytes(id: string, byteLength: number, nowMs: number): void {
    const remote = this.#remotes.get(id)
    remote?.heard(nowMs)
    // Bytes from a remote in doubt show nothing until they turn out to be useful.
    if (remote?.standing.asProvider.isDoubtful === false) {
      this.#stillness.onBytes(byteLength)
    }
  }

  /** @param elapsedMs from the ask to the first byte of its answer, without the wait at the provider */
  onFirstByte(id: string, elapsedMs: number): void {
    const remote = this.#remotes.get(id)
    if (remote !== undefined) {
      this.#downloads.onFirstByte(remote, elapsedMs)
    }
  }

  /** An ask brought nothing. */
  failed(ask: Ask, reason: AskFailure, nowMs: number): void {
    this.#downloads.failed(ask, reason, nowMs)
    if (ask.kind === 'chunk') {
      const { standing, unreadable } = ask.provider
      this.#digests.onUnproven(standing, ask.chunk, nowMs)
      if (reason === 'unreadable') {
        unreadable.add(this.state.contentOf(ask.chunk).root)
      }
    }
    this.attendAll(nowMs)
  }

  /** A chunk arrived, and will be verified and stored. The next ask need not wait for that. */
  arrived(ask: Ask, chunk: number, byteLength: number, nowMs: number): void {
    this.receivedBytes += byteLength
    this.#receiving.add(byteLength, nowMs)
    this.#downloads.arrived(ask, chunk, byteLength, nowMs)
    this.#pump(ask.provider, nowMs)
  }

  /**
   * The true description of a content is known: the one of this chunk.
   *
   * @param held which of its chunks are here; an earlier run may have left some
   */
  proven(provedBy: number, held: Bitfield): void {
    const { state } = this
    const content = state.contentOf(provedBy)
    state.settle(content.key)
    for (const chunkIndex of held.held()) {
      if (content.firstChunk + chunkIndex !== provedBy) {
        state.store(content.firstChunk + chunkIndex)
      }
    }
    this.#news.addContent(content)
  }

  /** The result for a chunk that `arrived`. @returns whether it was missing and is here now */
  settled(ask: Ask, chunk: number, outcome: Outcome, nowMs: number): boolean {
    const wasFull = this.#downloads.full
    const isNews = this.#downloads.settled(ask, chunk, outcome === 'stored', nowMs)
    if (isNews) {
      this.#changed.add(this.state.contentOf(chunk).root)
      this.#stillness.onMoved()
      if (ask.kind === 'slot') {
        this.#uploads.onFirstCopy(chunk)
      }
      this.#news.addChunk(chunk)
    }
    if (outcome !== 'stored') {
      this.#digests.onUnproven(ask.provider.standing, chunk, nowMs)
    }
    if (outcome === 'false') {
      this.#onFalsehood(ask.provider.id, ask.provider.standing)
    }
    if (wasFull) {
      this.attendAll(nowMs)
    } else {
      this.#pump(ask.provider, nowMs)
    }
    return isNews
  }

  /** The provider of a corrupt chunk says that its disk corrupted it. */
  admitted({ standing }: Remote): void {
    standing.blame.admit()
  }

  /** Some digests arrived, of however many. */
  onDigestsReply(id: string, byteLength: number, nowMs: number): void {
    const remote = this.#remotes.get(id)
    if (remote !== undefined) {
      remote.digestsAtMs = nowMs
    }
    this.onBytes(id, byteLength, nowMs)
  }

  /** The result of asking for the digests of a content; with `true`, this peer can verify its chunks from now on. */
  digestsCame(id: string, content: Content, outcome: DigestsOutcome, nowMs: number): void {
    const standing = this.#standings.get(id)
    if (standing === undefined) {
      return
    }
    this.#digests.settled(this.#remotes.get(id), standing, content, outcome, nowMs)
    if (outcome === 'true' && !isDisputed(content)) {
      this.#news.addContent(content)
    } else if (outcome === 'false' && !isDisputed(content)) {
      this.#onFalsehood(id, standing)
    }
    this.attendAll(nowMs)
  }

  #onHave(remote: Remote, chunk: number, nowMs: number): void {
    if (this.state.addHave(remote.holdings, chunk)) {
      this.#uploads.onHave(remote, chunk, nowMs)
    } else {
      this.#downloads.onClaimedAgain(remote, chunk)
    }
  }

  /** The remote that sent a message; undefined for one that is not believed. */
  #heard(id: string, nowMs: number): Remote | undefined {
    const remote = this.#remotes.get(id)
    remote?.spoke(nowMs)
    return remote?.standing.blame.isBanned === true ? undefined : remote
  }

  #serves(getter: Remote | undefined): getter is Remote {
    return getter !== undefined && !this.#stopped
  }

  /** Serves, and asks the remote again. */
  #attend(remote: Remote, nowMs: number): void {
    const { attendSoon } = this.#init
    if (attendSoon === undefined) {
      this.#serve(nowMs)
      this.#pump(remote, nowMs)
    } else {
      this.#due.add(remote)
      attendSoon()
    }
  }

  /** Sends what is due, and informs the others if that changes what they may ask. */
  #serve(nowMs: number): void {
    const seen = this.#init.uplinkSeen?.()
    if (seen !== undefined) {
      this.#uploads.onUplinkSeen(seen)
    }
    for (let reply = this.#uploads.next(nowMs); reply !== undefined; reply = this.#uploads.next(nowMs)) {
      if ('refusal' in reply) {
        this.#outbox.refuse(reply.getter.id, reply.id, reply.refusal)
      } else {
        this.#outbox.send(reply)
      }
    }
    const { takesRequests, knowsUplink } = this.#uploads
    if (takesRequests !== this.#sentTakesRequests || knowsUplink !== this.#sentUplink) {
      this.#sentTakesRequests = takesRequests
      this.#sentUplink = knowsUplink
      this.#news.addStatus(false)
    }
  }

  /** Asks the remote for as much as it has room for. */
  #pump(remote: Remote, nowMs: number): void {
    const isUsable = this.#remotes.get(remote.id) === remote && !remote.standing.blame.isBanned
    if (!isUsable || this.#stopped || this.isPaused(nowMs)) {
      return
    }
    remote.willOwe(nowMs)
    this.#digests.ask(remote, nowMs)
    for (const ask of this.#downloads.plan(remote, nowMs)) {
      if (ask.kind === 'cancel') {
        this.#outbox.takeBack(ask.provider.id, ask.chunk)
      } else {
        this.#outbox.ask(ask)
      }
    }
  }

  #onFalsehood(id: string, standing: Standing): void {
    if (standing.blame.add()) {
      const remote = this.#remotes.get(id)
      if (remote !== undefined) {
        this.state.forget(remote.holdings)
      }
      this.#outbox.banned(id)
    }
  }
}
