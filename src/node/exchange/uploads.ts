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
  LEAD_CHUNKS,
  LEAD_MS,
  LEAD_PATIENCE_MS,
  LEAVING_MS,
  MAX_LEAVING_BYTES,
  MAX_LEAVING_CHUNKS,
  MAX_LEAVING_PER_GETTER,
  RATE_SMOOTHING_MS,
  STUCK_FACTOR,
  STUCK_MIN_MS,
  UPLINK_SMOOTHING_MS
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
  /** When its connection last took something, or came to have something to take. */
  tookAtMs: number
  /** As it tells. */
  uplinkBytesPerSecond: number | undefined
  freshChunks: number
  /** Copies that others still expect of chunks that this peer gave it first. */
  obligations: number
}

/** A first copy that was given, until its getter and all others have the chunk. */
interface Spread {
  holder: string
  givenAtMs: number
  /** Whether the holder has told that it has it. */
  told: boolean
  /** How many others have not. */
  copiesLeft: number
}

export class Uploads {
  readonly #init: UploadsInit
  readonly #getters = new Map<string, Getter>()
  readonly #fresh: FreshChunks
  readonly #spreads = new Map<number, Spread>()
  /** How many of them fewer than half of the other getters have. */
  #unspread = 0
  /** When a getter last told of one of them that was given to another. */
  #spreadAtMs = Number.NEGATIVE_INFINITY
  readonly #meter = new RateMeter(UPLINK_SMOOTHING_MS)
  #leaving = 0
  #uplinkBytesPerSecond: number | undefined
  #uplinkAtMs = 0
  /** Whether the budget held back what was asked for when something was last to be sent. */
  #limited = false
  #takesRequests = false

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
      tookAtMs: nowMs,
      uplinkBytesPerSecond: undefined,
      freshChunks: 0,
      obligations: 0
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
  setStatus(id: string, { uplinkBytesPerSecond, freshChunks }: UploadStatus): void {
    const getter = this.#getters.get(id)
    if (getter !== undefined) {
      getter.uplinkBytesPerSecond = uplinkBytesPerSecond
      getter.freshChunks = freshChunks
    }
  }

  get status(): UploadStatus {
    const uplinkBytesPerSecond = this.#uplinkBytesPerSecond
    return {
      ...(uplinkBytesPerSecond === undefined ? {} : { uplinkBytesPerSecond }),
      freshChunks: this.#fresh.count,
      takesRequests: this.#updateTaking()
    }
  }

  /** Contents were added, or a peer is gone or told anew of all that it holds. */
  refresh(): void {
    for (const getter of this.#getters.values()) {
      getter.obligations = 0
    }
    this.#unspread = 0
    for (const [chunk, spread] of [...this.#spreads]) {
      const holder = this.#getters.get(spread.holder)
      spread.copiesLeft = this.#lacking(chunk, spread.holder)
      if (holder === undefined || (spread.told && spread.copiesLeft === 0)) {
        this.#spreads.delete(chunk)
      } else {
        holder.obligations += spread.copiesLeft
        this.#unspread += this.#isUnspread(spread) ? 1 : 0
      }
    }
    this.#fresh.refresh((chunk) => this.#spreads.has(chunk))
  }

  /** A getter asks for a chunk, or opens a slot for a first copy of any. */
  ask(id: string, ask: number, chunk: number | undefined, nowMs: number): void {
    const getter = this.#getters.get(id)
    if (chunk === undefined) {
      getter?.slots.set(ask, nowMs)
    } else {
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
    const takesRequests = this.#updateTaking()
    const refusal = this.#refuse(takesRequests)
    if (refusal !== undefined) {
      return refusal
    }
    this.#limited = this.#isOverBudget(nowMs)
    if (this.#limited) {
      return undefined
    }
    const laggard = takesRequests ? this.#laggard(nowMs) : undefined
    if (this.#leads(1)) {
      const stuck = nowMs - this.#spreadAtMs > LEAD_PATIENCE_MS
      return laggard === undefined ? (stuck ? this.#grant(nowMs) : undefined) : this.#serve(laggard, nowMs)
    }
    return this.#grant(nowMs) ?? (laggard === undefined ? undefined : this.#serve(laggard, nowMs))
  }

  /** A chunk chosen by `next` could not be read here; the getter is told so. */
  unreadable(id: string, chunk: number, nowMs: number): void {
    this.#fresh.spoil(chunk)
    this.#spreads.delete(chunk)
    this.#leave(id, chunk, nowMs)
  }

  /** The getter's connection took the last byte of a chunk chosen by `next`. */
  onTaken(id: string, chunk: number, nowMs: number): void {
    const { byteLength } = this.#init.state.refOf(chunk)
    this.#getters.get(id)?.meter.add(byteLength, nowMs)
    this.#estimate(byteLength, nowMs)
    this.#leave(id, chunk, nowMs)
  }

  /** A getter tells that it holds one more chunk; to be called once the state knows. */
  onHave(id: string, chunk: number, nowMs: number): void {
    this.#fresh.delete(chunk)
    const spread = this.#spreads.get(chunk)
    if (spread === undefined) {
      return
    }
    if (spread.holder === id) {
      spread.told = true
    } else {
      this.#spreadAtMs = nowMs
      const wasUnspread = this.#isUnspread(spread)
      spread.copiesLeft--
      this.#unspread -= wasUnspread && !this.#isUnspread(spread) ? 1 : 0
      const holder = this.#getters.get(spread.holder)
      if (holder !== undefined) {
        holder.obligations--
      }
    }
    if (spread.told && spread.copiesLeft <= 0) {
      this.#spreads.delete(chunk)
    }
  }

  /** Gives anew what was given long ago and never told of. To be called about once a second. */
  expire(nowMs: number): void {
    let expired = 0
    for (const [chunk, { told, givenAtMs }] of this.#spreads) {
      if (!told && nowMs - givenAtMs > DELIVERY_TIMEOUT_MS) {
        expired++
        this.#spreads.delete(chunk)
      }
    }
    if (expired > 0) {
      this.refresh()
    }
  }

  /** Whether requests are served beside first copies: always when none is left, else once others are behind. */
  #updateTaking(): boolean {
    this.#takesRequests = this.#fresh.count === 0 || this.#leads(this.#takesRequests ? 0.5 : 1)
    return this.#takesRequests
  }

  /** Whether first copies are so far ahead of the copies made of them, as a part of what they may be. */
  #leads(part: number): boolean {
    const underWayBytes = ((this.#uplinkBytesPerSecond ?? 0) * LEAD_MS) / 1000
    return this.#unspread >= part * (LEAD_CHUNKS + underWayBytes / this.#init.chunkByteLength)
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
    return leaving.size < Math.max(1, Math.min(MAX_LEAVING_PER_GETTER, soonBytes / this.#init.chunkByteLength))
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
    const ready = [...this.#getters.values()].filter(
      (getter) => getter.slots.size > 0 && this.#hasRoom(getter, nowMs)
    )
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
    for (const getter of this.#getters.values()) {
      if (state.remoteKnows(getter.id, content) && !state.remoteHolds(getter.id, chunk)) {
        const costMs = this.#spreadingMs(getter, nowMs)
        leastMs = Math.min(leastMs, costMs)
        if (costMs < bestMs && ready.includes(getter)) {
          best = getter
          bestMs = costMs
        }
      }
    }
    if (best === undefined || bestMs > GRANT_PATIENCE_FACTOR * leastMs + GRANT_PATIENCE_MS) {
      return undefined
    }
    const [[id, sinceMs] = [0, nowMs]] = best.slots
    best.slots.delete(id)
    this.#fresh.delete(chunk)
    const copiesLeft = this.#getters.size - 1
    const spread = { holder: best.id, givenAtMs: nowMs, told: false, copiesLeft }
    this.#spreads.set(chunk, spread)
    this.#unspread += this.#isUnspread(spread) ? 1 : 0
    best.obligations += copiesLeft
    return this.#send(best, id, chunk, nowMs - sinceMs, nowMs)
  }

  /** When a chunk given to the getter now would have reached all others, by what is known of it. */
  #spreadingMs(getter: Getter, nowMs: number): number {
    const { chunkByteLength } = this.#init
    const copies = getter.freshChunks + getter.obligations + this.#getters.size - 1
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

  /** How many getters lack the chunk, the one that it was given first not counted. */
  #lacking(chunk: number, holder: string): number {
    let lacking = 0
    for (const { id } of this.#getters.values()) {
      lacking += id === holder || this.#init.state.remoteHolds(id, chunk) ? 0 : 1
    }
    return lacking
  }

  #isUnspread({ copiesLeft }: Spread): boolean {
    return copiesLeft > (this.#getters.size - 1) / 2
  }

  /** Follows the rate when the budget held something back; a rate seen without that shows only that it can be had. */
  #estimate(byteLength: number, nowMs: number): void {
    this.#meter.add(byteLength, nowMs)
    const rate = this.#meter.bytesPerSecond(nowMs)
    const estimate = this.#uplinkBytesPerSecond
    if (rate === undefined) {
      return
    }
    if (estimate === undefined) {
      this.#uplinkBytesPerSecond = rate
    } else if (this.#limited) {
      const weight = 1 - Math.exp((this.#uplinkAtMs - nowMs) / UPLINK_SMOOTHING_MS)
      this.#uplinkBytesPerSecond = estimate + weight * (rate - estimate)
    } else {
      this.#uplinkBytesPerSecond = Math.max(estimate, rate)
    }
    this.#uplinkAtMs = nowMs
  }
}
