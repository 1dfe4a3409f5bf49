/**
 * The engine of an exchange: whom to ask for what, whom to serve, whom to believe, and when that is over. What happens
 * goes in as calls, with the time; what it decides leaves through an `Outbox`. A driver moves the bytes: the peer's
 * (`node/exchange`), the simulator's, the tests' closed world. Pure: no I/O, no clock, no randomness but the state's.
 */

import type { Bitfield } from '../core/bitfield.ts'
import type { Claim, PeerStatus } from '../protocols/availability/index.ts'
import { AWAIT_GETTERS_MS, HEARTBEAT_MS, MAX_AWAITED_GETTERS, STALL_TIMEOUT_MS } from './constants.ts'
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
  /** The peers' own, unless given. */
  scheduler?: ((init: SchedulerInit) => Scheduler) | undefined
  chunkByteLength: number
  options?: Partial<EngineOptions> | undefined
  outbox: Outbox
  /** How fast chunks were seen to leave, in bytes per second; undefined while that is not known. */
  uplinkSeen?(): number | undefined
  /**
   * Where given, what a message brings about waits for a call of `attend`, which this asks for: for what happens within a
   * while together. Otherwise it is brought about at once.
   */
  attendSoon?: (() => void) | undefined
}

/** A content of the catalog, as it is here. */
export interface EngineContent {
  root: string
  /** `root`, but where members describe it with different lengths: then one for each description. */
  key: string
  byteLength: number
  held: Bitfield
  /** The only peer that brought it; undefined when there are several. */
  origin: string | undefined
  digestsKnown: boolean
  /** Whether it is to be fetched. */
  wanted: boolean
  /** Whether it is not because this peer does without it by choice, which the others are told. */
  declined?: boolean
}

/** What became of a chunk that came: stored, found false, or not stored for no fault of the provider's. */
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
  /** By PeerId, those that are connected; and of all that ever were, what is remembered of them. */
  readonly #remotes = new Map<string, Remote>()
  readonly #standings = new Map<string, Standing>()
  /** Those to be asked anew at the next call of `attend`. */
  readonly #due = new Set<Remote>()
  #sentTakesRequests = false
  #sentUplink = false
  #heartbeatAtMs = 0
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  #stopped = false
  /** Nothing more is to come here. */
  #isDone = false
  /** Contents of which more, or less, is held than was last told to the coordinator. */
  readonly #changed = new Set<string>()
  /** Bytes of chunks that came, and went, over the network. */
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

  /** PeerIds of those of whom nothing more is asked because they sent false bytes. */
  get banned(): string[] {
    return [...this.#standings].flatMap(([id, { blame }]) => (blame.isBanned ? [id] : []))
  }

  /** For how long nothing has moved although somebody could send what is missing here. */
  get stillMs(): number {
    return this.#stillness.stillMs
  }

  /** For how long nothing has come here or to others. */
  get quietMs(): number {
    return this.#stillness.quietMs
  }

  /** The most that went out for a while, in bytes per second; undefined until it has been measured. */
  get uplinkBytesPerSecond(): number | undefined {
    return this.#sending.bytesPerSecond
  }

  /** The most that came in for a while, in bytes per second; undefined until it has been measured. */
  get downlinkBytesPerSecond(): number | undefined {
    return this.#receiving.bytesPerSecond
  }

  /** What others plan by. */
  get status(): PeerStatus {
    return { ...this.#uploads.status(), ...(this.#isDone ? { done: true } : {}) }
  }

  /** Nothing more is to come here: the others are told, and need not wait for this peer. */
  done(): void {
    this.#isDone = true
    this.#news.addStatus(false)
  }

  /** Whether the peer said that nothing more is to come to it. */
  isDoneAt(id: string): boolean {
    return this.#standings.get(id)?.done === true
  }

  /** A peer as it is connected. */
  remote(id: string): Remote | undefined {
    return this.#remotes.get(id)
  }

  /** PeerIds of those who are connected and refused a chunk of the content because they cannot read it. */
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

  /** Contents of which more, or less, is held than at the last call; so many at the most, others at the next. */
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

  /** All that is held, but for what this peer alone brought, counts as changed. */
  changeAll(): void {
    for (const { root, held, origin } of this.state.contents()) {
      if (held.count > 0 && origin !== this.#self) {
        this.#changed.add(root)
      }
    }
  }

  /**
   * From now on, in bytes per second; undefined where nothing is said.
   *
   * @param uplink what the uplink is said to carry
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
   * The catalog is known, or more of it. `attend` begins the exchange, once those who are connected are told.
   *
   * @param members how many others are to be connected
   */
  begin(contents: Iterable<EngineContent>, members: number, nowMs: number): void {
    const { state } = this
    if (members <= MAX_AWAITED_GETTERS) {
      this.#uploads.awaitGetters(members, nowMs + AWAIT_GETTERS_MS)
    }
    for (const { root, key, byteLength, held, origin, digestsKnown, wanted, declined } of contents) {
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
      if (remote.greeted) {
        this.#news.greet(remote)
      }
    }
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

  /** Nothing more is asked of anyone, and nobody is served. */
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

  /** The remote can be told what is held here. Nothing is told before `begin`. */
  greet(id: string): void {
    const remote = this.#remotes.get(id)
    if (remote !== undefined) {
      this.#news.greet(remote)
    }
  }

  /** Tells what is news: to be called when the outbox was asked to, and before `stop`. */
  tellNews(): void {
    this.#news.tell()
  }

  /** The driver says of each ask that the remote owes that it `failed`. */
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

  /** Chunks of a content are here that need not be fetched: its digests are known now. */
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

  /** A chunk is not here any more. */
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
   * To be called once or twice a second: asks again where a rest is over, and ends what is silent.
   *
   * @param untakenMs of each getter that takes nothing of what waits for it, for how long
   */
  tick(nowMs: number, untakenMs: ReadonlyMap<string, number> = new Map()): void {
    this.#uploads.expire(nowMs)
    const waitsForDisk = this.isPaused(nowMs) || this.#downloads.waitsForDisk
    this.#stillness.look(this.state.missingChunks > 0 && this.state.canProgress && !waitsForDisk, nowMs)
    const beats = nowMs - this.#heartbeatAtMs > HEARTBEAT_MS
    this.#heartbeatAtMs = beats ? nowMs : this.#heartbeatAtMs
    this.#news.addStatus(beats)
    for (const remote of [...this.#remotes.values()]) {
      if (remote.digestsSilentMs(nowMs) > STALL_TIMEOUT_MS) {
        // Its news may go on, and a chunk may wait there for long; digests wait for nothing.
        this.#outbox.endDigestStream(remote.id)
      }
      // Whoever reads nothing would keep what waits for it in memory, and with others like it all that may leave.
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

  /** Serves, and asks whoever is due anew. */
  attend(nowMs: number): void {
    this.#serve(nowMs)
    const due = [...this.#due]
    this.#due.clear()
    for (const remote of due) {
      this.#pump(remote, nowMs)
    }
  }

  /** Serves, and asks everybody anew: at once, or with what else happens within a while. */
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

  // What others tell.

  /** @returns what is claimed now, when it is more than the remote ever told */
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
    // Of several claims of one content the last is what counts, and the others are to cost nothing.
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
    // A remote may take back what it told and tell it again for ever.
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

  // What others ask for.

  /** How many asks of a getter wait here. */
  waitingOf(getter: string): number {
    const remote = this.#remotes.get(getter)
    return remote === undefined ? 0 : this.#uploads.waitingOf(remote)
  }

  /** @param chunk undefined when there is none such */
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

  /** The getter wants it no more. Nothing happens where it is answered already. */
  askTakenBack(getter: string, id: number, nowMs: number): void {
    if (this.askDropped(getter, id)) {
      this.#outbox.refuse(getter, id, 'cancelled')
    }
    this.#serve(nowMs)
  }

  /** The stream that it came on is over: nobody waits for an answer. @returns whether it waited for one */
  askDropped(getter: string, id: number): boolean {
    const remote = this.#remotes.get(getter)
    return remote !== undefined && this.#uploads.cancel(remote, id)
  }

  /** A chunk has left, or the stream that it was to take is over. */
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
      // What is read from may be closed by now. The end of the stream answers.
      this.#uploads.onTaken(reply, nowMs)
    }
  }

  /** Bytes of a chunk have left. */
  sent(byteLength: number, nowMs: number): void {
    this.sentBytes += byteLength
    this.#sending.add(byteLength, nowMs)
  }

  // What comes of asks.

  /** Bytes came that the remote was asked for. */
  onBytes(id: string, byteLength: number, nowMs: number): void {
    const remote = this.#remotes.get(id)
    remote?.heard(nowMs)
    // What comes of one in doubt shows nothing before it is seen to be of use.
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

  /** Nothing came of an ask. */
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

  /** A chunk came, and is to be verified and stored. The next ask need not wait for that. */
  arrived(ask: Ask, chunk: number, byteLength: number, nowMs: number): void {
    this.receivedBytes += byteLength
    this.#receiving.add(byteLength, nowMs)
    this.#downloads.arrived(ask, chunk, byteLength, nowMs)
    this.#pump(ask.provider, nowMs)
  }

  /**
   * It is known which description of a content is true: the one of this chunk.
   *
   * @param held what is here of it; an earlier run may have left some
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

  /** What became of a chunk that `arrived`. @returns whether it was missing and is held now */
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

  /** The provider of a false chunk says that its disk spoilt it. */
  admitted({ standing }: Remote): void {
    standing.blame.admit()
  }

  /** Some digests came, of however many. */
  onDigestsReply(id: string, byteLength: number, nowMs: number): void {
    const remote = this.#remotes.get(id)
    if (remote !== undefined) {
      remote.digestsAtMs = nowMs
    }
    this.onBytes(id, byteLength, nowMs)
  }

  /** What came of asking for the digests of a content; with `true`, this peer can check its chunks from now on. */
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

  /** The remote that a message came from; undefined for one that nothing is to be believed of. */
  #heard(id: string, nowMs: number): Remote | undefined {
    const remote = this.#remotes.get(id)
    remote?.spoke(nowMs)
    return remote?.standing.blame.isBanned === true ? undefined : remote
  }

  #serves(getter: Remote | undefined): getter is Remote {
    return getter !== undefined && !this.#stopped
  }

  /** Serves, and asks the remote anew. */
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

  /** Sends what is to be sent, and tells the others when that changes what they may ask. */
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
