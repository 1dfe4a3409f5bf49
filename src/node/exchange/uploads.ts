/**
 * The provider's half of the scheduler: which getter gets what next, and how much is under way at once.
 *
 * Of its own chunks that nobody else has, it gives each once, to the getter that spreads it soonest: everything else
 * comes from whoever has spare uplink. Beside these first copies it serves the getter that misses most. What is under
 * way stays short, so that each choice is made late, by what is known then. Pure: what happened goes in with its time.
 */
import {
  DELIVERY_TIMEOUT_MS,
  GRANT_PATIENCE_FACTOR,
  GRANT_PATIENCE_MS,
  INTAKE_SMOOTHING_MS,
  LEAD_COPIES,
  LEAD_MS,
  LEAVING_MS,
  MAX_LEAVING_BYTES,
  MAX_LEAVING_CHUNKS,
  MAX_LEAVING_PER_GETTER,
  OWED_PATIENCE_MS,
  RATE_SMOOTHING_MS,
  STUCK_FACTOR,
  STUCK_MIN_MS,
  TIME_TO_SPARE,
  UPLINK_FORGETTING_MS,
  UPLINK_SMOOTHING_MS,
  USAGE_SMOOTHING_MS,
  USED_PART
} from './constants.ts'
import { FreshChunks } from './fresh-chunks.ts'
import { RateMeter } from './rate-meter.ts'
import type { SwarmState } from './swarm-state.ts'

/** The next reply to a getter: the chunk for it, or why there is none. `id` is what the getter called its ask. */
export type Reply =
  | { getter: string; id: number; chunk: number; waitedMs: number }
  | { getter: string; id: number; refusal: 'busy' | 'none-fresh' }

/** What others plan by. */
export interface UploadStatus {
  /** Absent before anything can be said. */
  uplinkBytesPerSecond?: number
  /** Own chunks that nobody else has and that are not under way to anyone. */
  freshChunks: number
  /** Copies that others lack of chunks that were given to this peer first. */
  copiesOwed: number
  takesRequests: boolean
}

export interface UploadsInit {
  state: SwarmState
  /** This peer's PeerId. */
  self: string
  chunkByteLength: number
  /** What the uplink is said to carry, until it is measured. */
  uplinkBytesPerSecond: number | undefined
}

interface Waiting {
  chunk: number
  sinceMs: number
}

interface Getter {
  readonly id: string
  /** By the ask's id, in the order they came. */
  readonly requests: Map<number, Waiting>
  /** Ids of open slots, with when they came. */
  readonly slots: Map<number, number>
  /** Chunks chosen for it that its connection has not taken yet. */
  readonly leaving: Set<number>
  readonly meter: RateMeter
  /** How fast it comes by chunks, from anyone. */
  readonly intake: RateMeter
  /** When its connection last took something, or came to have something to take. */
  tookAtMs: number
  /** As it tells. */
  uplinkBytesPerSecond: number | undefined
  freshChunks: number
  /** Copies that others expect of it, as it tells. */
  copiesOwed: number
  /** First copies that were given to it and that it has not told of yet. */
  untold: number
}

/** A first copy on its way, until the getter that it was given to tells that it has it. */
interface Given {
  holder: string
  atMs: number
}

export class Uploads {
  readonly #init: UploadsInit
  readonly #getters = new Map<string, Getter>()
  readonly #fresh: FreshChunks
  readonly #given = new Map<number, Given>()
  readonly #meter = new RateMeter(UPLINK_SMOOTHING_MS)
  /** As `#meter`, but of all time, so that idle time shows. */
  readonly #usage = new RateMeter(USAGE_SMOOTHING_MS)
  #leaving = 0
  /** Chunks that came here as first copies, and how many copies are owed of each. */
  readonly #owed = new Map<number, number>()
  #copiesOwed = 0
  /** When this peer was last asked for a chunk, or took no requests. */
  #wantedAtMs = Number.NEGATIVE_INFINITY
  #uplinkBytesPerSecond: number | undefined
  #uplinkAtMs = 0
  #takesRequests = false
  #hasTime = false

  constructor(init: UploadsInit) {
    this.#init = init
    this.#fresh = new FreshChunks(init.state, init.self)
    this.#uplinkBytesPerSecond = init.uplinkBytesPerSecond
  }

  addGetter(id: string, nowMs: number): void {
    this.#getters.set(id, {
      id,
      requests: new Map(),
      slots: new Map(),
      leaving: new Set(),
      meter: new RateMeter(RATE_SMOOTHING_MS),
      intake: new RateMeter(INTAKE_SMOOTHING_MS),
      tookAtMs: nowMs,
      uplinkBytesPerSecond: undefined,
      freshChunks: 0,
      copiesOwed: 0,
      untold: 0
    })
  }

  /** To be called once the state has forgotten what the getter held. */
  removeGetter(id: string, nowMs: number): void {
    const getter = this.#getters.get(id)
    if (getter === undefined) {
      return
    }
    this.#leaving -= getter.leaving.size
    this.#meter.setBusy(this.#leaving > 0, nowMs)
    this.#getters.delete(id)
    this.refresh()
  }

  /** A getter tells what others plan by. */
  setStatus(id: string, { uplinkBytesPerSecond, freshChunks, copiesOwed }: UploadStatus): void {
    const getter = this.#getters.get(id)
    if (getter !== undefined) {
      getter.uplinkBytesPerSecond = uplinkBytesPerSecond
      getter.freshChunks = freshChunks
      getter.copiesOwed = copiesOwed
    }
  }

  statusAt(nowMs: number): UploadStatus {
    const uplinkBytesPerSecond = this.#uplinkBytesPerSecond
    const takesRequests = this.#updateTaking(nowMs)
    if (!takesRequests) {
      this.#wantedAtMs = nowMs
    }
    return {
      ...(uplinkBytesPerSecond === undefined ? {} : { uplinkBytesPerSecond }),
      freshChunks: this.#fresh.count,
      copiesOwed: nowMs - this.#wantedAtMs < OWED_PATIENCE_MS ? this.#copiesOwed : 0,
      takesRequests
    }
  }

  /** Contents were added, or a peer is gone or told anew of all that it holds. */
  refresh(): void {
    for (const getter of this.#getters.values()) {
      getter.untold = 0
    }
    for (const chunk of [...this.#owed.keys()]) {
      this.#owe(chunk)
    }
    for (const [chunk, given] of this.#given) {
      const holder = this.#getters.get(given.holder)
      if (holder === undefined) {
        this.#given.delete(chunk)
      } else {
        holder.untold++
      }
    }
    this.#fresh.refresh((chunk) => this.#given.has(chunk))
  }

  /** A getter asks for a chunk, or opens a slot for a first copy of any. */
  ask(id: string, ask: number, chunk: number | undefined, nowMs: number): void {
    const getter = this.#getters.get(id)
    if (chunk === undefined) {
      getter?.slots.set(ask, nowMs)
    } else {
      this.#wantedAtMs = nowMs
      getter?.requests.set(ask, { chunk, sinceMs: nowMs })
    }
  }

  /** @returns whether the ask had not begun, and is no more */
  cancel(id: string, ask: number): boolean {
    const getter = this.#getters.get(id)
    return getter !== undefined && (getter.requests.delete(ask) || getter.slots.delete(ask))
  }

  /** How many asks of the getter wait. */
  waitingOf(id: string): number {
    const getter = this.#getters.get(id)
    return getter === undefined ? 0 : getter.requests.size + getter.slots.size
  }

  /** What to send now; undefined when nothing is to be sent before something else happens. */
  next(nowMs: number): Reply | undefined {
    const takesRequests = this.#updateTaking(nowMs)
    const refusal = this.#refuse(takesRequests)
    if (refusal !== undefined) {
      return refusal
    }
    if (this.#isOverBudget(nowMs)) {
      return undefined
    }
    const grant = this.#grant(nowMs)
    if (grant !== undefined) {
      return grant
    }
    const laggard = takesRequests ? this.#laggard(nowMs) : undefined
    return laggard === undefined ? undefined : this.#serve(laggard, nowMs)
  }

  /** A chunk chosen by `next` could not be read here; the getter is told so. */
  unreadable(id: string, chunk: number, nowMs: number): void {
    this.#fresh.spoil(chunk)
    this.#given.delete(chunk)
    this.refresh()
    this.#leave(id, chunk, nowMs)
  }

  /** The getter's connection took the last byte of a chunk chosen by `next`. */
  onTaken(id: string, chunk: number, nowMs: number): void {
    const { byteLength } = this.#init.state.refOf(chunk)
    this.#getters.get(id)?.meter.add(byteLength, nowMs)
    this.#estimate(byteLength, nowMs)
    this.#leave(id, chunk, nowMs)
  }

  /** A chunk came to this peer as its first copy: others count on it to pass that on. */
  onFirstCopy(chunk: number): void {
    this.#owe(chunk)
  }

  /** A getter tells that it holds one more chunk; to be called once the state knows. */
  onHave(id: string, chunk: number, nowMs: number): void {
    const { byteLength } = this.#init.state.refOf(chunk)
    const intake = this.#getters.get(id)?.intake
    intake?.setBusy(true, nowMs)
    intake?.add(byteLength, nowMs)
    this.#fresh.delete(chunk)
    if (this.#owed.has(chunk)) {
      this.#owe(chunk)
    }
    if (this.#given.get(chunk)?.holder === id) {
      this.#given.delete(chunk)
      const holder = this.#getters.get(id)
      if (holder !== undefined) {
        holder.untold--
      }
    }
  }

  /** Gives anew what was given long ago and never told of. To be called about once a second. */
  expire(nowMs: number): void {
    const { size } = this.#given
    for (const [chunk, { atMs }] of this.#given) {
      if (nowMs - atMs > DELIVERY_TIMEOUT_MS) {
        this.#given.delete(chunk)
      }
    }
    if (this.#given.size < size) {
      this.refresh()
    }
  }

  /** Whether requests are served beside first copies: when none is left, or all getters have enough to pass on. */
  #updateTaking(nowMs: number): boolean {
    this.#hasTime = this.#judgeTime(nowMs)
    const part = this.#takesRequests ? 0.5 : 1
    this.#takesRequests =
      this.#fresh.count === 0 || [...this.#getters.values()].every((getter) => this.#isLaden(getter, part))
    return this.#takesRequests
  }

  /** Whether all first copies would be given well before some getter can have come by all that it misses. */
  #judgeTime(nowMs: number): boolean {
    const { state, chunkByteLength } = this.#init
    const givenMs = (1000 * this.#fresh.count * chunkByteLength) / (this.#uplinkBytesPerSecond ?? 1)
    for (const { id, intake } of this.#getters.values()) {
      const bytes = (state.chunkCount - state.remoteCount(id)) * chunkByteLength
      const neededMs = (1000 * bytes) / (intake.bytesPerSecond(nowMs) ?? Number.POSITIVE_INFINITY)
      if (givenMs < TIME_TO_SPARE * neededMs) {
        return true
      }
    }
    return false
  }

  /** Whether the getter owes others as many copies as it may, or that part of them, when there is time to wait. */
  #isLaden(getter: Getter, part: number): boolean {
    if (!this.#hasTime) {
      return false
    }
    const owed = getter.copiesOwed + getter.untold * this.#copiesToOwe
    const soonBytes = ((getter.uplinkBytesPerSecond ?? 0) * LEAD_MS) / 1000
    return owed >= part * (LEAD_COPIES + soonBytes / this.#init.chunkByteLength)
  }

  /** How many copies the peer that is given a chunk first owes: until half of the others have it, who go on. */
  get #copiesToOwe(): number {
    return Math.ceil((this.#getters.size - 1) / 2)
  }

  #refuse(takesRequests: boolean): Reply | undefined {
    for (const { id: getter, requests, slots } of this.#getters.values()) {
      const [request] = takesRequests ? [] : requests.keys()
      if (request !== undefined) {
        requests.delete(request)
        return { getter, id: request, refusal: 'busy' }
      }
      const [slot] = this.#fresh.count > 0 ? [] : slots.keys()
      if (slot !== undefined) {
        slots.delete(slot)
        return { getter, id: slot, refusal: 'none-fresh' }
      }
    }
    return undefined
  }

  /** Whether as much is leaving as keeps the uplink busy. */
  #isOverBudget(nowMs: number): boolean {
    const { chunkByteLength } = this.#init
    const uplink = this.#uplinkBytesPerSecond
    const allMs = uplink === undefined ? 0 : (1000 * MAX_LEAVING_CHUNKS * chunkByteLength) / uplink
    const stuckMs = Math.max(STUCK_MIN_MS, STUCK_FACTOR * allMs)
    let leaving = 0
    for (const getter of this.#getters.values()) {
      leaving += nowMs - getter.tookAtMs > stuckMs ? 0 : getter.leaving.size
    }
    return leaving >= MAX_LEAVING_CHUNKS || this.#leaving * chunkByteLength >= MAX_LEAVING_BYTES
  }

  #hasRoom({ leaving, meter }: Getter, nowMs: number): boolean {
    const soonBytes = ((meter.bytesPerSecond(nowMs) ?? 0) * LEAVING_MS) / 1000
    return (
      leaving.size < Math.max(1, Math.min(MAX_LEAVING_PER_GETTER, soonBytes / this.#init.chunkByteLength))
    )
  }

  /** Of the getters with a request and room for it, the one that misses most. */
  #laggard(nowMs: number): Getter | undefined {
    let laggard: Getter | undefined
    let fewest = Number.POSITIVE_INFINITY
    for (const getter of this.#getters.values()) {
      if (getter.requests.size > 0 && this.#hasRoom(getter, nowMs)) {
        const held = this.#init.state.remoteCount(getter.id)
        if (held < fewest) {
          fewest = held
          laggard = getter
        }
      }
    }
    return laggard
  }

  #serve(getter: Getter, nowMs: number): Reply | undefined {
    const [request] = getter.requests
    if (request === undefined) {
      return undefined
    }
    const [id, { chunk, sinceMs }] = request
    getter.requests.delete(id)
    return this.#send(getter, id, chunk, nowMs - sinceMs, nowMs)
  }

  /** A first copy for the getter that spreads it soonest; undefined also when it is better to wait for that one. */
  #grant(nowMs: number): Reply | undefined {
    const { state } = this.#init
    const unladen = [...this.#getters.values()].filter((getter) => !this.#isLaden(getter, 1))
    const ready = unladen.filter((getter) => getter.slots.size > 0 && this.#hasRoom(getter, nowMs))
    if (ready.length === 0) {
      return undefined
    }
    const chunk = this.#fresh.first((content) => ready.some(({ id }) => state.remoteKnows(id, content)))
    if (chunk === undefined) {
      return undefined
    }
    const content = state.contentOf(chunk)
    let best: Getter | undefined
    let bestMs = Number.POSITIVE_INFINITY
    let leastMs = Number.POSITIVE_INFINITY
    for (const getter of unladen) {
      if (state.remoteKnows(getter.id, content) && !state.remoteHolds(getter.id, chunk)) {
        const costMs = this.#spreadingMs(getter, nowMs)
        leastMs = Math.min(leastMs, costMs)
        if (costMs < bestMs && ready.includes(getter)) {
          best = getter
          bestMs = costMs
        }
      }
    }
    const better = bestMs > GRANT_PATIENCE_FACTOR * leastMs + GRANT_PATIENCE_MS
    if (best === undefined || (better && this.#isInUse(nowMs))) {
      return undefined
    }
    const [[id, sinceMs] = [0, nowMs]] = best.slots
    best.slots.delete(id)
    this.#fresh.delete(chunk)
    this.#given.set(chunk, { holder: best.id, atMs: nowMs })
    best.untold++
    return this.#send(best, id, chunk, nowMs - sinceMs, nowMs)
  }

  /** Whether the uplink carries about what it can, so that nothing is lost by waiting. */
  #isInUse(nowMs: number): boolean {
    const used = this.#usage.bytesPerSecond(nowMs) ?? 0
    return used > USED_PART * (this.#uplinkBytesPerSecond ?? Number.POSITIVE_INFINITY)
  }

  /** When a chunk given to the getter now would have reached all others, by what is known of it. */
  #spreadingMs(getter: Getter, nowMs: number): number {
    const { chunkByteLength } = this.#init
    const copies = getter.freshChunks + getter.copiesOwed + (getter.untold + 1) * this.#copiesToOwe
    const uplink = getter.uplinkBytesPerSecond ?? this.#usualUplink()
    const rate = getter.meter.bytesPerSecond(nowMs)
    const underWayMs = rate === undefined ? 0 : (1000 * getter.leaving.size * chunkByteLength) / rate
    return (1000 * copies * chunkByteLength) / uplink + underWayMs
  }

  /** What an uplink that nobody has measured is taken to carry, in bytes per second: what the others do on average. */
  #usualUplink(): number {
    let sum = 0
    let known = 0
    for (const { uplinkBytesPerSecond } of this.#getters.values()) {
      sum += uplinkBytesPerSecond ?? 0
      known += uplinkBytesPerSecond === undefined ? 0 : 1
    }
    return known === 0 ? this.#init.chunkByteLength : sum / known
  }

  #send(getter: Getter, id: number, chunk: number, waitedMs: number, nowMs: number): Reply {
    if (getter.leaving.size === 0) {
      getter.tookAtMs = nowMs
    }
    getter.leaving.add(chunk)
    this.#leaving++
    getter.meter.setBusy(true, nowMs)
    this.#meter.setBusy(true, nowMs)
    return { getter: getter.id, id, chunk, waitedMs }
  }

  /** A chunk is not leaving any more. */
  #leave(id: string, chunk: number, nowMs: number): void {
    const getter = this.#getters.get(id)
    if (getter?.leaving.delete(chunk) === true) {
      this.#leaving--
      getter.tookAtMs = nowMs
      getter.meter.setBusy(getter.leaving.size > 0, nowMs)
      this.#meter.setBusy(this.#leaving > 0, nowMs)
    }
  }

  /** Counts anew how many copies of a chunk that came here first others lack. */
  #owe(chunk: number): void {
    const origin = this.#init.state.originOf(chunk)
    let have = 0
    for (const { id } of this.#getters.values()) {
      have += id !== origin && this.#init.state.remoteHolds(id, chunk) ? 1 : 0
    }
    const owed = Math.max(0, this.#copiesToOwe - have)
    this.#copiesOwed += owed - (this.#owed.get(chunk) ?? 0)
    if (owed > 0) {
      this.#owed.set(chunk, owed)
    } else {
      this.#owed.delete(chunk)
    }
  }

  /** Whether a getter asks for more than its connection takes. */
  #isWantedMore(): boolean {
    for (const { leaving, requests } of this.#getters.values()) {
      if (leaving.size > 0 && requests.size > 0) {
        return true
      }
    }
    return this.#fresh.count > 0
  }

  /** Follows the rate while more is wanted than is taken; a rate seen otherwise shows only that it can be had. */
  #estimate(byteLength: number, nowMs: number): void {
    this.#meter.add(byteLength, nowMs)
    this.#usage.setBusy(true, nowMs)
    this.#usage.add(byteLength, nowMs)
    const rate = this.#meter.bytesPerSecond(nowMs)
    const estimate = this.#uplinkBytesPerSecond
    if (rate === undefined) {
      return
    }
    if (estimate === undefined) {
      this.#uplinkBytesPerSecond = rate
    } else if (this.#isWantedMore()) {
      const weight = 1 - Math.exp((this.#uplinkAtMs - nowMs) / UPLINK_FORGETTING_MS)
      this.#uplinkBytesPerSecond = estimate + weight * (rate - estimate)
    } else {
      this.#uplinkBytesPerSecond = Math.max(estimate, rate)
    }
    this.#uplinkAtMs = nowMs
  }
}
