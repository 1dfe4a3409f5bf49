/**
 * The getter's half of the scheduler: what to ask of which provider, and when.
 *
 * It asks an origin that has first copies to give for any of them, by open slots: the origin alone decides which chunk
 * goes to which getter, so no two peers fetch the same first copy. It asks all others for the chunks with the fewest
 * copies first. Pure: the caller reports what happened, with the time, and gets back what to ask.
 */
import {
  DEPTH_ROUND_TRIPS,
  LATE_MIN_MS,
  LIMITED_CHUNKS_PER_PROVIDER,
  LIMITED_IN_FLIGHT_MS,
  LIMITED_PROVIDERS,
  MAX_DEPTH,
  MAX_EXPECTED_MS,
  MAX_SMALL_PER_CHUNK,
  MAX_STORING_BYTES,
  MAX_STORING_CHUNKS,
  MIN_DEPTH,
  PROMISE_MS,
  RESERVED_PART,
  ROUND_TRIP_WEIGHT,
  SLOWEST_BYTES_PER_SECOND,
  SPARE_SLOTS,
  STALE_WEIGHT,
  STEAL_FACTOR,
  STUCK_COUNT_MS,
  USUAL_LENGTH_WEIGHT
} from './constants.ts'
import { type Asked, isLate, type Provider } from './provider.ts'
import type { Remote } from './remote.ts'
import type { SwarmState } from './swarm-state.ts'

/** `chunk`: this one. `slot`: any that only the provider has. The provider is the connection at that time. */
export type Ask = NamedAsk | { kind: 'slot'; provider: Remote }

interface NamedAsk {
  kind: 'chunk'
  provider: Remote
  chunk: number
}

/** The chunk is no longer wanted, unless its answer has begun. */
export interface Cancel {
  kind: 'cancel'
  provider: Remote
  chunk: number
}

/**
 * Why an ask brought no chunk: not there or unreadable; `busy`, the provider gives first copies only; `none-fresh`, it
 * has no first copy left; taken back; the stream ended.
 */
export type AskFailure = 'not-held' | 'unreadable' | 'busy' | 'none-fresh' | 'cancelled' | 'stream-closed'

export interface DownloadsInit {
  state: SwarmState
  chunkByteLength: number
  /**
   * Chunks asked for and not yet stored, open slots included, over all providers. This is a hard limit, even if
   * providers are silent.
   */
  maxInFlight: number
}

export class Downloads {
  readonly #init: DownloadsInit
  readonly #remotes = new Set<Remote>()
  /** For chunks asked of more than one provider, or asked again: how many asks are under way. */
  readonly #asks = new Map<number, number>()
  /** Chunks and slots asked for and not yet settled. */
  #inFlight = 0
  /** Those of them that are here and not stored yet. */
  #storing = 0
  readonly #maxStoring: number
  #limitBytesPerSecond = Number.POSITIVE_INFINITY
  /** The usual length of recent chunks. */
  #usualByteLength: number
  /** The part of what is in flight that is not expected to arrive; and when that was counted. */
  #stuck = 0
  #stuckAtMs = Number.NEGATIVE_INFINITY
  /** Chunks that were taken back, the provider that they are reserved for, and until when. */
  readonly #promised = new Map<number, { remote: Remote; untilMs: number }>()
  /** Before this no provider can have been silent for long. */
  #silentFromMs = Number.POSITIVE_INFINITY

  constructor(init: DownloadsInit) {
    this.#init = init
    this.#usualByteLength = init.chunkByteLength
    this.#maxStoring = Math.max(MAX_STORING_CHUNKS, Math.floor(MAX_STORING_BYTES / init.chunkByteLength))
  }

  /** Whether nothing more may be asked for until something is settled. */
  get full(): boolean {
    // Asks that are never answered must not take the place of others; yet all of them may still be answered at once.
    const isUsed = this.#inFlight - this.#stuck >= this.#maxInFlight
    return isUsed || this.#isExhausted || this.waitsForDisk
  }

  /** Providers that leave asks waiting while nothing more may be asked for: their streams must end to make room. */
  get obstructing(): Remote[] {
    return this.#isExhausted ? [...this.#remotes].filter(({ provider }) => provider.stuck > 0) : []
  }

  get #isExhausted(): boolean {
    return this.#inFlight >= this.#init.maxInFlight
  }

  /** Whether that is because too many received bytes wait for the disk. */
  get waitsForDisk(): boolean {
    return this.#storing >= this.#maxStoring
  }

  /** Sets the limit of what is taken in per second, over all providers; undefined: no limit. */
  limit(bytesPerSecond: number | undefined): void {
    this.#limitBytesPerSecond = bytesPerSecond ?? Number.POSITIVE_INFINITY
  }

  /** What may be in flight from providers that answer; the rest is reserved for when some do not. */
  get #maxInFlight(): number {
    const { maxInFlight, chunkByteLength } = this.#init
    const soon = (this.#limitBytesPerSecond * LIMITED_IN_FLIGHT_MS) / 1000 / chunkByteLength
    const least = LIMITED_CHUNKS_PER_PROVIDER * Math.min(this.#remotes.size, LIMITED_PROVIDERS)
    const most = maxInFlight - Math.floor(maxInFlight * RESERVED_PART)
    return Math.min(most, Math.max(least, Math.floor(soon)))
  }

  add(remote: Remote): void {
    this.#remotes.add(remote)
  }

  /** `failed` settles its asks one by one, before or after this call. */
  remove(remote: Remote): void {
    this.#unstick(remote.provider)
    this.#remotes.delete(remote)
  }

  /** A provider announces how many first copies it has left, and whether it takes requests besides. */
  setStatus({ provider }: Remote, freshChunks: number, takesRequests: boolean): void {
    provider.fresh = freshChunks > 0
    provider.takesRequests = takesRequests
  }

  /** A provider announces a chunk again that it was known to have. */
  onClaimedAgain({ provider }: Remote, chunk: number): void {
    const asked = provider.asked.get(chunk)
    if (asked !== undefined) {
      asked.claimedAgain = true
    }
  }

  /**
   * What to ask of a provider now. Each ask for a chunk or a slot counts as made; `arrived` and `settled`, or `failed`,
   * must follow.
   */
  plan(remote: Remote, nowMs: number): (Ask | Cancel)[] {
    const { provider, standing } = remote
    const asks: (Ask | Cancel)[] = []
    if (standing.asProvider.rests(nowMs)) {
      return asks
    }
    this.#countStuck(nowMs)
    const { isDoubtful } = standing.asProvider
    const depth = isDoubtful ? 1 : this.#depthOf(provider, nowMs)
    // Open slots that wait for their turn must not take the place of requests.
    const share = this.#share
    const slots = isDoubtful
      ? 1
      : Math.min((depth + SPARE_SLOTS) * this.#asksPerChunk, Math.max(1, Math.floor(share / 2)))
    const most = isDoubtful ? 1 : Math.min(depth * this.#asksPerChunk, Math.max(depth, Math.floor(share)))
    while (this.#hasSlotsFor(remote) && provider.slots < slots && !this.full) {
      provider.slotsAtMs = provider.slots === 0 ? nowMs : provider.slotsAtMs
      provider.slots++
      this.#inFlight++
      asks.push({ kind: 'slot', provider: remote })
    }
    // A provider that leaves an ask waiting is asked for nothing more, and nothing is taken back from others for it.
    const takesMore = provider.takesRequests && !provider.isSilent(nowMs)
    while (takesMore && provider.asked.size < most && !this.full) {
      const chunk = this.#pick(remote, nowMs) ?? this.#late(remote, nowMs)
      if (chunk === undefined) {
        const stolen = isDoubtful ? undefined : this.#steal(remote, nowMs)
        asks.push(...(stolen === undefined ? [] : [stolen]))
        break
      }
      this.#ask(provider, chunk, depth, nowMs)
      asks.push({ kind: 'chunk', provider: remote, chunk })
    }
    setBusy(provider, nowMs)
    return asks
  }

  /**
   * The first byte of an answer is here: how long after the ask, without the time that the ask waited at the provider.
   */
  onFirstByte({ provider }: Remote, elapsedMs: number): void {
    const usual = provider.roundTripMs ?? elapsedMs
    provider.roundTripMs = Math.max(0, usual + ROUND_TRIP_WEIGHT * (elapsedMs - usual))
  }

  /** The bytes of a chunk are here, not verified yet. */
  arrived(ask: Ask, chunk: number, byteLength: number, nowMs: number): void {
    const { provider } = ask.provider
    this.#usualByteLength += USUAL_LENGTH_WEIGHT * (byteLength - this.#usualByteLength)
    this.#storing++
    if (ask.kind === 'slot') {
      this.#asks.set(chunk, (this.#asks.get(chunk) ?? 0) + 1)
      this.#init.state.request(chunk)
    }
    // A provider that keeps sending what is here already is as good as silent.
    if (!this.#init.state.holds(chunk)) {
      provider.heardAtMs = nowMs
      provider.meter.add(byteLength, nowMs)
    }
    this.#take(ask, nowMs)
  }

  /** The chunk that arrived is stored, or was dropped. @returns whether it is stored and new */
  settled(ask: Ask, chunk: number, stored: boolean, nowMs: number): boolean {
    const { state } = this.#init
    const { asProvider } = ask.provider.standing
    this.#inFlight--
    this.#storing--
    const last = this.#countDown(chunk)
    if (stored) {
      const isNews = state.store(chunk)
      if (isNews) {
        asProvider.relieve()
      } else if (ask.kind === 'slot') {
        asProvider.strain(STALE_WEIGHT, nowMs)
      }
      return isNews
    }
    if (last) {
      state.release(chunk)
    }
    return false
  }

  /** An ask that brought nothing. */
  failed(ask: Ask, reason: AskFailure, nowMs: number): void {
    const { state } = this.#init
    const { provider, standing, holdings } = ask.provider
    this.#inFlight--
    const asked = ask.kind === 'chunk' ? provider.asked.get(ask.chunk) : undefined
    this.#take(ask, nowMs)
    if (ask.kind === 'chunk') {
      // News can overtake an answer: an announcement made since the ask is true, whatever the answer says.
      if (asked?.claimedAgain !== true && (reason === 'not-held' || reason === 'unreadable')) {
        state.dropHave(holdings, ask.chunk)
      }
      if (this.#countDown(ask.chunk)) {
        state.release(ask.chunk)
      }
      if (asked?.takenFor !== undefined && reason === 'cancelled') {
        // Otherwise the provider that was too slow would be asked again before the other one has its turn.
        this.#promised.set(ask.chunk, { remote: asked.takenFor, untilMs: nowMs + PROMISE_MS })
      }
    }
    const isKnown =
      (reason === 'busy' && !provider.takesRequests) || (reason === 'none-fresh' && !provider.fresh)
    provider.fresh &&= reason !== 'none-fresh'
    provider.takesRequests &&= reason !== 'busy'
    const isTakenBack = asked?.cancelledAtMs !== undefined
    const circumstances = { isKnown, isTakenBack, chunkCount: state.chunkCount }
    standing.asProvider.strain(standing.refused.weigh(ask, reason, circumstances), nowMs)
  }

  #take(ask: Ask, nowMs: number): void {
    const { provider } = ask.provider
    if (ask.kind === 'slot') {
      provider.slots--
    } else {
      provider.asked.delete(ask.chunk)
    }
    this.#unstick(provider)
    setBusy(provider, nowMs)
  }

  /** @returns whether it was the last ask for the chunk */
  #countDown(chunk: number): boolean {
    const left = (this.#asks.get(chunk) ?? 1) - 1
    if (left > 0) {
      this.#asks.set(chunk, left)
      return false
    }
    this.#asks.delete(chunk)
    return true
  }

  #ask(provider: Provider, chunk: number, depth: number, nowMs: number): void {
    this.#init.state.request(chunk)
    this.#promised.delete(chunk)
    const longestMs = Math.max(MAX_EXPECTED_MS, this.#limitMs)
    const expectedMs = Math.min(longestMs, this.#expectedMs(provider, depth, nowMs))
    if (provider.asked.size === 0) {
      provider.heardAtMs = nowMs
      this.#silentFromMs = Math.min(this.#silentFromMs, nowMs + LATE_MIN_MS)
    }
    const cancelled = { cancelledAtMs: undefined, takenFor: undefined }
    provider.asked.set(chunk, { atMs: nowMs, expectedMs, ...cancelled, claimedAgain: false })
    this.#asks.set(chunk, (this.#asks.get(chunk) ?? 0) + 1)
    this.#inFlight++
  }

  /**
   * This many asks for chunks of the usual length count as one whole chunk: a folder of small files has only small
   * ones.
   */
  get #asksPerChunk(): number {
    const asks = Math.floor(this.#init.chunkByteLength / Math.max(1, this.#usualByteLength))
    return Math.max(1, Math.min(asks, MAX_SMALL_PER_CHUNK))
  }

  /** How many asks cover the provider's round trip at its rate. */
  #depthOf({ meter, roundTripMs }: Provider, nowMs: number): number {
    const chunksPerMs = (meter.bytesPerSecond(nowMs) ?? 0) / this.#init.chunkByteLength / 1000
    const depth = Math.ceil(DEPTH_ROUND_TRIPS * chunksPerMs * (roundTripMs ?? 0)) + MIN_DEPTH
    return Math.max(MIN_DEPTH, Math.min(depth, MAX_DEPTH, Math.floor(this.#share)))
  }

  #countStuck(nowMs: number): void {
    if (nowMs - this.#stuckAtMs < STUCK_COUNT_MS) {
      return
    }
    this.#stuckAtMs = nowMs
    this.#stuck = 0
    for (const { provider } of this.#remotes) {
      provider.stuck = provider.stuckAsks(nowMs)
      this.#stuck += provider.stuck
    }
  }

  /** An ask to the provider is over: until the next check all of its asks count. */
  #unstick(provider: Provider): void {
    this.#stuck -= provider.stuck
    provider.stuck = 0
  }

  /** Many providers share what may be in flight, so that none takes all of it. */
  get #share(): number {
    return this.#maxInFlight / Math.max(1, this.#remotes.size)
  }

  /** How long the provider takes for this many chunks at its rate. Unknown rates count as slow. */
  #expectedMs({ meter, roundTripMs }: Provider, chunks: number, nowMs: number): number {
    const { chunkByteLength } = this.#init
    const rate = meter.bytesPerSecond(nowMs) ?? 0
    const bytesPerMs = Math.max(rate, SLOWEST_BYTES_PER_SECOND) / 1000
    const limitMs = this.#limitMs
    return rate === 0
      ? LATE_MIN_MS + limitMs
      : Math.max(limitMs, (roundTripMs ?? 0) + (chunks * chunkByteLength) / bytesPerMs)
  }

  /** With a limit, everything in flight is taken in one after another, from all providers together. */
  get #limitMs(): number {
    return (1000 * (this.#inFlight + 1) * this.#init.chunkByteLength) / this.#limitBytesPerSecond
  }

  /** Whether it may have first copies that this peer can accept. */
  #hasSlotsFor({ id, provider }: Remote): boolean {
    return provider.fresh && this.#init.state.lacksFrom(id)
  }

  /** A chunk to ask of the provider that no one has been asked for. */
  #pick(remote: Remote, nowMs: number): number | undefined {
    const { state } = this.#init
    const { holdings, provider } = remote
    if (holdings.wanted === 0) {
      return undefined
    }
    // An origin's own chunks are asked of others that have them, unless all of these are fully occupied. While the
    // origin has first copies to give, or one may be on its way here, the origin decides about the chunks that no one
    // else has.
    const least = provider.slots > 0 || this.#hasSlotsFor(remote) ? 1 : 0
    const isFree = (chunk: number): boolean => !this.#isPromised(chunk, remote, nowMs)
    const fits = (chunk: number): boolean =>
      state.copies(chunk) >= least && !this.#isOnOffer(chunk, remote, nowMs) && isFree(chunk)
    return state.pick(holdings, false, isFree) ?? state.pick(holdings, true, fits)
  }

  #isPromised(chunk: number, besides: Remote, nowMs: number): boolean {
    const promise = this.#promised.get(chunk)
    return promise !== undefined && promise.remote !== besides && nowMs < promise.untilMs
  }

  /** Whether another provider has the chunk and room for one more ask. */
  #isOnOffer(chunk: number, besides: Remote, nowMs: number): boolean {
    if (this.#init.state.copies(chunk) === 0) {
      return false
    }
    for (const remote of this.#remotes) {
      const { provider, standing, holdings } = remote
      const isTrusted = !standing.asProvider.isDoubtful && !standing.asProvider.rests(nowMs)
      const mayBeAsked = isTrusted && provider.takesRequests && provider.asked.size < MIN_DEPTH
      if (remote !== besides && mayBeAsked && holdings.has(chunk) && !provider.isSilent(nowMs)) {
        return true
      }
    }
    return false
  }

  /** A chunk that was asked only of providers that send nothing, however many, to be asked of this one as well. */
  #late(remote: Remote, nowMs: number): number | undefined {
    if (nowMs <= this.#silentFromMs) {
      return undefined
    }
    const sinceMs = [...this.#remotes].map(({ provider }) => provider.waitsSinceMs(nowMs))
    this.#silentFromMs = Math.min(...sinceMs) + LATE_MIN_MS
    for (const other of this.#remotes) {
      const silentMs = other === remote ? 0 : nowMs - other.provider.waitsSinceMs(nowMs)
      for (const chunk of silentMs > LATE_MIN_MS ? other.provider.asked.keys() : []) {
        const open = this.#init.state.isRequested(chunk) && !remote.provider.asked.has(chunk)
        if (open && mayServe(remote, chunk) && this.#isLateEverywhere(chunk, nowMs)) {
          return chunk
        }
      }
    }
    return undefined
  }

  /** Whether the chunk was asked for by name only of providers that send nothing. */
  #isLateEverywhere(chunk: number, nowMs: number): boolean {
    let late = 0
    for (const { provider } of this.#remotes) {
      const ask = provider.asked.get(chunk)
      late += ask !== undefined && provider.isUnanswered(ask, nowMs) ? 1 : 0
    }
    // A chunk that is here and not stored yet, or that came in a slot, counts as asked for.
    return late === this.#asks.get(chunk)
  }

  /** Takes back asks from a provider if this one is expected to be faster, or if that provider leaves them waiting. */
  #steal(remote: Remote, nowMs: number): Cancel | undefined {
    const soonMs = this.#expectedMs(remote.provider, remote.provider.asked.size + 1, nowMs)
    for (const other of this.#remotes) {
      const { asked } = other.provider
      if (other === remote || asked.size === 0) {
        continue
      }
      const slower = this.#expectedMs(other.provider, asked.size, nowMs) > STEAL_FACTOR * soonMs
      const chunk = this.#takeBack(other.provider, remote, slower && asked.size >= MIN_DEPTH, nowMs)
      if (chunk !== undefined) {
        return { kind: 'cancel', provider: other, chunk }
      }
    }
    return undefined
  }

  /** The newest of the late asks; or the newest of all, if that one may be taken back as well. */
  #takeBack(other: Provider, remote: Remote, evenLast: boolean, nowMs: number): number | undefined {
    let found: [number, Asked] | undefined
    let left = other.asked.size
    for (const entry of other.asked) {
      const [chunk, { atMs, expectedMs, cancelledAtMs }] = entry
      left--
      const due = (evenLast && left === 0) || isLate(nowMs - atMs, expectedMs)
      found = due && cancelledAtMs === undefined && mayServe(remote, chunk) ? entry : found
    }
    if (found !== undefined) {
      found[1].cancelledAtMs = nowMs
      found[1].takenFor = remote
      this.#silentFromMs = Math.min(this.#silentFromMs, nowMs + LATE_MIN_MS)
    }
    return found?.[0]
  }
}

function setBusy({ meter, owes }: Provider, nowMs: number): void {
  meter.setBusy(owes, nowMs)
}

/** Whether the provider has the chunk, other than as an origin that should give first copies. */
function mayServe({ provider, holdings }: Remote, chunk: number): boolean {
  return provider.takesRequests && holdings.has(chunk)
}
