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
  MAX_UPLOAD_BYTES,
  MIN_DEPTH,
  MIN_UPLOAD_CHUNKS,
  RATE_SMOOTHING_MS,
  STUCK_FACTOR,
  STUCK_MIN_MS,
  UPLINK_SMOOTHING_MS,
  UPLOAD_QUEUE_MS
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

interface Sent {
  byteLength: number
  atMs: number
}

interface Getter {
  readonly id: string
  /** By the ask's id, in the order they came. */
  readonly requests: Map<number, Waiting>
  /** Ids of open slots, with when they came. */
  readonly slots: Map<number, number>
  /** Sent and not announced by the getter yet. */
  readonly inFlight: Map<number, Sent>
  inFlightBytes: number
  readonly meter: RateMeter
  /** The shortest time from sending a chunk to the getter's news of it. */
  deliveryMs: number | undefined
  /** When it last took something, or came to have something under way. */
  tookAtMs: number
  /** As it tells. */
  uplinkBytesPerSecond: number | undefined
  freshChunks: number
  /** Copies that others still expect of chunks that this peer gave it first. */
  obligations: number
}

/** A first copy that was given, until all other getters have the chunk. */
interface Spread {
  holder: string
  copiesLeft: number
}

export class Uploads {
  readonly #init: UploadsInit
  readonly #getters = new Map<string, Getter>()
  readonly #fresh: FreshChunks
  readonly #spreads = new Map<number, Spread>()
  readonly #meter = new RateMeter(UPLINK_SMOOTHING_MS)
  #inFlightChunks = 0
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
      inFlight: new Map(),
      inFlightBytes: 0,
      meter: new RateMeter(RATE_SMOOTHING_MS),
      deliveryMs: undefined,
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
    for (const chunk of [...getter.inFlight.keys()]) {
      this.#land(getter, chunk, nowMs)
    }
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
    for (const [chunk, spread] of [...this.#spreads]) {
      const holder = this.#getters.get(spread.holder)
      spread.copiesLeft = this.#lacking(chunk, spread.holder)
      if (holder === undefined || spread.copiesLeft === 0) {
        this.#spreads.delete(chunk)
      } else {
        holder.obligations += spread.copiesLeft
      }
    }
    this.#fresh.refresh((chunk) => this.#spreads.has(chunk) || this.#isInFlight(chunk))
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
    if (laggard === undefined || this.#spreads.size < LEAD_CHUNKS) {
      const grant = this.#grant(nowMs)
      if (grant !== undefined) {
        return grant
      }
    }
    return laggard === undefined ? undefined : this.#serve(laggard, nowMs)
  }

  /** A reply could not be read here; the getter was told so. */
  unreadable(id: string, chunk: number, nowMs: number): void {
    this.#fresh.spoil(chunk)
    const getter = this.#getters.get(id)
    if (getter !== undefined) {
      this.#land(getter, chunk, nowMs)
    }
  }

  /** A getter tells that it holds one more chunk; to be called once the state knows. */
  onHave(id: string, chunk: number, nowMs: number): void {
    this.#fresh.delete(chunk)
    const spread = this.#spreads.get(chunk)
    if (spread !== undefined && spread.holder !== id) {
      this.#spreadOne(chunk, spread)
    }
    const getter = this.#getters.get(id)
    const sent = getter?.inFlight.get(chunk)
    if (getter !== undefined && sent !== undefined) {
      const elapsedMs = nowMs - sent.atMs
      getter.deliveryMs = Math.min(getter.deliveryMs ?? elapsedMs, elapsedMs)
      getter.meter.add(sent.byteLength, nowMs)
      this.#land(getter, chunk, nowMs)
      this.#estimate(sent.byteLength, nowMs)
    }
  }

  /** Gives up what was sent long ago and never announced. To be called about once a second. */
  expire(nowMs: number): void {
    let expired = 0
    for (const getter of this.#getters.values()) {
      for (const [chunk, { atMs }] of getter.inFlight) {
        if (nowMs - atMs > DELIVERY_TIMEOUT_MS) {
          expired++
          this.#land(getter, chunk, nowMs)
          this.#spreads.delete(chunk)
        }
      }
    }
    if (expired > 0) {
      this.refresh()
    }
  }

  /** Whether requests are served beside first copies: always when none is left, else once others are behind. */
  #updateTaking(): boolean {
    const ahead = this.#takesRequests ? LEAD_CHUNKS / 2 : LEAD_CHUNKS
    this.#takesRequests = this.#fresh.count === 0 || this.#spreads.size >= ahead
    return this.#takesRequests
  }

  #isInFlight(chunk: number): boolean {
    for (const { inFlight } of this.#getters.values()) {
      if (inFlight.has(chunk)) {
        return true
      }
    }
    return false
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

  /** Whether as much is under way as the uplink carries soon. */
  #isOverBudget(nowMs: number): boolean {
    const { chunkByteLength } = this.#init
    const uplink = this.#uplinkBytesPerSecond ?? 0
    let deliveryMs = Number.POSITIVE_INFINITY
    for (const getter of this.#getters.values()) {
      deliveryMs = Math.min(deliveryMs, getter.deliveryMs ?? Number.POSITIVE_INFINITY)
    }
    const queueMs = UPLOAD_QUEUE_MS + (Number.isFinite(deliveryMs) ? deliveryMs : 0)
    const floor = MIN_UPLOAD_CHUNKS * chunkByteLength
    const budget = Math.min(MAX_UPLOAD_BYTES, Math.max(floor, (uplink * queueMs) / 1000))
    const stuckMs = Math.max(STUCK_MIN_MS, uplink > 0 ? (STUCK_FACTOR * 1000 * budget) / uplink : 0)
    let underWay = 0
    for (const { inFlightBytes, tookAtMs } of this.#getters.values()) {
      underWay += nowMs - tookAtMs > stuckMs ? 0 : inFlightBytes
    }
    return underWay + chunkByteLength > budget
  }

  #hasRoom({ inFlight, meter, deliveryMs }: Getter, nowMs: number): boolean {
    const bytesPerMs = (meter.bytesPerSecond(nowMs) ?? 0) / 1000
    const covered = (bytesPerMs * ((deliveryMs ?? 0) + UPLOAD_QUEUE_MS / 2)) / this.#init.chunkByteLength
    return inFlight.size < Math.max(MIN_DEPTH, Math.ceil(covered) + 1)
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
    if (copiesLeft > 0) {
      this.#spreads.set(chunk, { holder: best.id, copiesLeft })
      best.obligations += copiesLeft
    }
    return this.#send(best, id, chunk, nowMs - sinceMs, nowMs)
  }

  /** When a chunk given to the getter now would have reached all others, by what is known of it. */
  #spreadingMs(getter: Getter, nowMs: number): number {
    const { chunkByteLength } = this.#init
    const copies = getter.freshChunks + getter.obligations + this.#getters.size - 1
    const uplink = getter.uplinkBytesPerSecond ?? this.#usualUplink()
    const rate = getter.meter.bytesPerSecond(nowMs)
    const underWayMs = rate === undefined ? 0 : (1000 * getter.inFlightBytes) / rate
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
    const { byteLength } = this.#init.state.refOf(chunk)
    if (getter.inFlight.size === 0) {
      getter.tookAtMs = nowMs
    }
    getter.inFlight.set(chunk, { byteLength, atMs: nowMs })
    getter.inFlightBytes += byteLength
    this.#inFlightChunks++
    getter.meter.setBusy(true, nowMs)
    this.#meter.setBusy(true, nowMs)
    return { getter: getter.id, id, chunk, waitedMs }
  }

  /** What was under way is not any more. */
  #land(getter: Getter, chunk: number, nowMs: number): void {
    const sent = getter.inFlight.get(chunk)
    if (sent !== undefined) {
      getter.inFlight.delete(chunk)
      getter.inFlightBytes -= sent.byteLength
      this.#inFlightChunks--
      getter.tookAtMs = nowMs
      getter.meter.setBusy(getter.inFlight.size > 0, nowMs)
      this.#meter.setBusy(this.#inFlightChunks > 0, nowMs)
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

  #spreadOne(chunk: number, spread: Spread): void {
    spread.copiesLeft--
    const holder = this.#getters.get(spread.holder)
    if (holder !== undefined) {
      holder.obligations--
    }
    if (spread.copiesLeft <= 0) {
      this.#spreads.delete(chunk)
    }
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
