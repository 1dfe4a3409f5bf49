/**
 * The provider's half of the scheduler: which getter gets what next, and how much is under way at one time.
 *
 * It gives each of its own chunks that no one else has once, to the getter that spreads it soonest; peers with spare
 * uplink do the rest. Besides these first copies it serves the getter that lacks the most. Little is under way at a
 * time, so that each choice is made late, with the latest knowledge. Pure: the caller reports what happened, with the
 * time.
 */

import type { PeerStatus } from '../protocols/availability/index.ts'
import {
  FAULT_WEIGHT,
  FIRST_LEAVING_CHUNKS,
  GRANT_PATIENCE_FACTOR,
  GRANT_PATIENCE_MS,
  HELD_UP_PART,
  IDLE_LEAD_FACTOR,
  LAG_PART,
  LEAD_COPIES,
  LEAD_GROWTH,
  LEAD_GROWTH_FROM,
  LEAD_MS,
  LEAD_PATIENCE_MS,
  LEAVING_MS,
  MAX_LEAVING_BYTES,
  MAX_LEAVING_PER_GETTER,
  MAX_SMALL_PER_CHUNK,
  MIN_LEAVING_CHUNKS,
  SOON_PART,
  TIME_TO_SPARE,
  USED_PART,
  USUAL_PART
} from './constants.ts'
import { FirstCopies } from './first-copies.ts'
import { FreshChunks } from './fresh-chunks.ts'
import type { Getter } from './getter.ts'
import type { Remote } from './remote.ts'
import type { Content, SwarmState } from './swarm-state.ts'
import { UplinkEstimate } from './uplink-estimate.ts'

/** The chunk for a getter's ask, `id`. */
export interface ChunkUpload {
  getter: Remote
  id: number
  chunk: number
  waitedMs: number
}

/** The next reply to a getter: a chunk for it, or why there is none. */
export type Reply = ChunkUpload | { getter: Remote; id: number; refusal: 'busy' | 'none-fresh' }

export interface UploadsInit {
  state: SwarmState
  /** This peer's PeerId. */
  self: string
  chunkByteLength: number
}

export class Uploads {
  readonly #init: UploadsInit
  readonly #remotes = new Set<Remote>()
  readonly #fresh: FreshChunks
  readonly #firstCopies: FirstCopies
  readonly #uplink: UplinkEstimate
  #awaited = { count: 0, untilMs: Number.NEGATIVE_INFINITY }

  /** The bytes that the leaving chunks count for, and the number of getters that they are for. */
  #leavingBytes = 0
  #activeCount = 0

  constructor(init: UploadsInit) {
    this.#init = init
    this.#fresh = new FreshChunks(init.state, init.self)
    this.#firstCopies = new FirstCopies(init.state, this.#remotes)
    this.#uplink = new UplinkEstimate(init.chunkByteLength)
  }

  add(remote: Remote): void {
    this.#remotes.add(remote)
    // How many copies are owed, and whether any peer accepts a content, depends on the number of getters.
    this.refresh()
  }

  /** To be called once the state has forgotten what the getter had. */
  remove(remote: Remote): void {
    const { getter } = remote
    this.#remotes.delete(remote)
    this.#leavingBytes -= getter.leavingBytes
    this.#activeCount -= getter.leaving.size > 0 ? 1 : 0
    getter.leaving.clear()
    this.refresh()
  }

  /** First copies are held until this many getters have announced their status, or until this time. */
  awaitGetters(count: number, untilMs: number): void {
    this.#awaited = { count, untilMs }
  }

  /** This rate was observed recently, in bytes per second. */
  onUplinkSeen(bytesPerSecond: number): void {
    this.#uplink.onSeen(bytesPerSecond)
  }

  /** Sets the limit per second from now on, and the configured capacity of the uplink; undefined: none. */
  limit(bytesPerSecond: number | undefined, configuredBytesPerSecond: number | undefined): void {
    this.#uplink.limit(bytesPerSecond, configuredBytesPerSecond)
  }

  /** A getter announces its status. */
  setStatus({ getter }: Remote, status: PeerStatus): void {
    getter.status = status
  }

  /** Whether the status would say so now. */
  get takesRequests(): boolean {
    return this.#hasTime
  }

  /** The uplink that the status would announce. */
  get knowsUplink(): boolean {
    return this.#uplink.bytesPerSecond !== undefined
  }

  status(): PeerStatus {
    const uplinkBytesPerSecond = this.#uplink.bytesPerSecond
    return {
      ...(uplinkBytesPerSecond === undefined ? {} : { uplinkBytesPerSecond }),
      freshChunks: this.#fresh.count,
      copiesOwed: this.#firstCopies.copiesOwed,
      takesRequests: this.#hasTime
    }
  }

  /** Contents were added, or a peer disconnected. */
  refresh(): void {
    this.#firstCopies.refresh()
    this.#refreshFresh()
  }

  /** @param contents by default all */
  #refreshFresh(contents?: readonly Content[]): void {
    const isTaken = ({ declinedBy }: Content): boolean => declinedBy === 0 || declinedBy < this.#remotes.size
    this.#fresh.refresh((chunk) => this.#firstCopies.isGiven(chunk), contents, isTaken)
  }

  /** A peer announced what it has of these contents: thousands of messages may announce thousands. */
  onHoldings(contents: readonly Content[]): void {
    for (const content of contents) {
      this.#firstCopies.refreshContent(content)
    }
    this.#refreshFresh(contents)
  }

  /** A getter asks for a chunk, or opens a slot for a first copy of any. */
  ask({ getter }: Remote, ask: number, chunk: number | undefined, nowMs: number): void {
    if (chunk === undefined) {
      getter.slots.set(ask, nowMs)
    } else {
      getter.requests.set(ask, { chunk, sinceMs: nowMs })
    }
  }

  /** @returns whether the ask had not begun and is now removed */
  cancel({ getter }: Remote, ask: number): boolean {
    return getter.requests.delete(ask) || getter.slots.delete(ask)
  }

  /** How many asks of the getter wait. */
  waitingOf({ getter }: Remote): number {
    return getter.requests.size + getter.slots.size
  }

  /** What to send now; undefined when nothing is to be sent before something else happens. */
  next(nowMs: number): Reply | undefined {
    const restMs = this.#restMs
    const hasTime = this.#hasTimeWithin(restMs)
    const refusal = this.#refuse(hasTime)
    if (refusal !== undefined) {
      return refusal
    }
    if (this.#isFull) {
      return undefined
    }
    const isBusy = this.#isBusy(nowMs)
    if (isBusy && this.#isUneven()) {
      return undefined
    }
    const lead = this.#leadWithin(restMs)
    const grant = this.#grant(nowMs, isBusy, ({ getter }) => !hasTime || !this.#isLaden(getter, lead, restMs))
    if (grant !== undefined) {
      return grant
    }
    const laggard = hasTime ? this.#laggard(nowMs) : undefined
    return laggard === undefined
      ? this.#grantToLaden(nowMs, isBusy, hasTime, restMs)
      : (this.#grantToBehind(laggard, nowMs, isBusy) ?? this.#serve(laggard, nowMs))
  }

  /** A chunk that `next` chose could not be read here; the getter learns so. */
  unreadable(reply: ChunkUpload, nowMs: number): void {
    this.#fresh.spoil(reply.chunk)
    this.#firstCopies.takeBack(reply.chunk)
    this.refresh()
    this.#leave(reply, nowMs)
  }

  /** The getter's connection took the last byte of a chunk that `next` chose. */
  onTaken(reply: ChunkUpload, nowMs: number): void {
    const { getter, standing } = reply.getter
    const { byteLength } = this.#init.state.refOf(reply.chunk)
    this.#firstCopies.onTaken(reply.getter, reply.chunk, nowMs)
    getter.meter.add(byteLength, nowMs)
    standing.takenChunks++
    this.#uplink.add(byteLength, getter.leaving.get(reply.id) ?? nowMs, nowMs)
    this.#leave(reply, nowMs)
  }

  /** A chunk arrived at this peer as its first copy: others count on this peer to pass it on. */
  onFirstCopy(chunk: number): void {
    this.#firstCopies.owe(chunk)
  }

  /** A getter announces one more chunk; to be called once the state knows. */
  onHave(remote: Remote, chunk: number, nowMs: number): void {
    const { byteLength } = this.#init.state.refOf(chunk)
    for (const meter of [remote.getter.gain, remote.getter.usualGain]) {
      meter.setBusy(true, nowMs)
      meter.add(byteLength, nowMs)
    }
    this.#fresh.delete(chunk)
    if (this.#firstCopies.onHave(remote, chunk, nowMs)) {
      remote.standing.asGetter.relieve()
    }
  }

  /**
   * Gives chunks again that were given long ago and never announced, and determines what binds. To be called about once
   * per second.
   */
  expire(nowMs: number): void {
    if (this.#isDownlinkBound(nowMs)) {
      this.#uplink.onNotBinding(nowMs)
    }
    const silent = this.#firstCopies.expire(nowMs)
    for (const { standing } of silent) {
      standing.asGetter.strain(FAULT_WEIGHT, nowMs)
    }
    if (silent.size > 0) {
      this.refresh()
    }
  }

  /**
   * Whether the getter owes the others this many times the copies that it may owe while this peer has other things to
   * do; or more than it can make well before all copies are made, `restMs` from now.
   */
  #isLaden({ status, unannounced }: Getter, times: number, restMs: number): boolean {
    const { copiesToOwe } = this.#firstCopies
    const uplink = status?.uplinkBytesPerSecond
    const owed = (status?.copiesOwed ?? 0) + unannounced * copiesToOwe
    const soonBytes = ((uplink ?? 0) * LEAD_MS) / 1000
    return (
      owed >= times * (LEAD_COPIES + soonBytes / this.#init.chunkByteLength) ||
      this.#sendingMs(owed + copiesToOwe, uplink ?? this.#usualUplink()) > SOON_PART * restMs
    )
  }

  /** The factor by which this origin lets a getter owe more copies than others do. */
  #leadWithin(restMs: number): number {
    return Math.max(1, 1 + LEAD_GROWTH * (this.#partOf(restMs) - LEAD_GROWTH_FROM))
  }

  get #hasTime(): boolean {
    return this.#hasTimeWithin(this.#restMs)
  }

  /**
   * Whether there is time for requests besides first copies: none is left, or all would be given well before all
   * uplinks together can have made all copies.
   */
  #hasTimeWithin(restMs: number): boolean {
    return this.#partOf(restMs) < TIME_TO_SPARE
  }

  /** The part of the time for all copies that this uplink takes for the remaining first copies. */
  #partOf(restMs: number): number {
    return this.#sendingMs(this.#fresh.count, this.#uplink.bytesPerSecond) / restMs
  }

  /**
   * The time in which all uplinks together can have made all copies. It goes by what they carry, and not by how fast
   * peers receive chunks, which is slow whenever an origin wrongly takes time. 0 while an uplink is unknown; endless
   * once no first copy is left, because it is used for nothing else.
   */
  get #restMs(): number {
    const { state } = this.#init
    if (this.#fresh.count === 0) {
      return Number.POSITIVE_INFINITY
    }
    let uplinks = this.#uplink.bytesPerSecond ?? Number.POSITIVE_INFINITY
    let copies = state.missingChunks
    for (const { getter, holdings } of this.#remotes) {
      uplinks += getter.status?.uplinkBytesPerSecond ?? Number.POSITIVE_INFINITY
      copies += state.lackedBy(holdings)
    }
    return this.#sendingMs(copies, uplinks)
  }

  /** How long an uplink takes for this many chunks; an unknown one counts as fast. */
  #sendingMs(chunkCount: number, bytesPerSecond = Number.POSITIVE_INFINITY): number {
    return (1000 * this.#bytesOf(chunkCount)) / bytesPerSecond
  }

  #refuse(takesRequests: boolean): Reply | undefined {
    const refusesSlots = this.#fresh.count === 0
    for (const remote of this.#remotes) {
      const { requests, slots } = remote.getter
      if (!takesRequests && requests.size > 0) {
        return refuseFirst(remote, requests, 'busy')
      }
      if (refusesSlots && slots.size > 0) {
        return refuseFirst(remote, slots, 'none-fresh')
      }
    }
    return undefined
  }

  /** Whether nothing more may leave at all. */
  get #isFull(): boolean {
    return (
      this.#leavingBytes >= MAX_LEAVING_BYTES ||
      (this.#uplink.bytesPerSecond === undefined && this.#leavingBytes >= this.#bytesOf(FIRST_LEAVING_CHUNKS))
    )
  }

  /**
   * Whether enough is leaving to keep the uplink busy, so that sending more would only delay the getters that lack the
   * most. Chunks that getters with narrower links hold up do not count.
   */
  #isBusy(nowMs: number): boolean {
    const uplink = this.#uplink.bytesPerSecond
    if (uplink === undefined) {
      return false
    }
    let freelyLeavingBytes = 0
    for (const { getter } of this.#remotes) {
      freelyLeavingBytes += this.#isHeldUp(getter, this.#activeCount, nowMs) ? 0 : getter.leavingBytes
    }
    if (freelyLeavingBytes < Math.max(this.#bytesOf(MIN_LEAVING_CHUNKS), (uplink * LEAVING_MS) / 1000)) {
      return false
    }
    this.#uplink.onNotBinding(nowMs)
    return true
  }

  /** Whether the getter takes notably less than an even share of the uplink: then its own link binds. */
  #isHeldUp({ meter }: Getter, active: number, nowMs: number): boolean {
    const share = (this.#uplink.bytesPerSecond ?? 0) / active
    return (meter.bytesPerSecond(nowMs) ?? share) < HELD_UP_PART * share
  }

  /** Whether most getters to which something leaves receive chunks as fast as ever: then their own links bind. */
  #isDownlinkBound(nowMs: number): boolean {
    const active = [...this.#remotes].filter(({ getter }) => getter.leaving.size > 0)
    const full = active.filter(
      ({ getter: { gain, usualGain } }) =>
        (gain.bytesPerSecond(nowMs) ?? 0) >= USUAL_PART * (usualGain.bytesPerSecond(nowMs) ?? 0)
    )
    return full.length > active.length / 2
  }

  /**
   * Whether one more chunk may leave to the getter: on a slow connection only when none does, because it would wait
   * there.
   */
  #hasRoom(getter: Getter, nowMs: number): boolean {
    const { leaving, leavingBytes, meter } = getter
    const active = this.#activeCount + (leaving.size > 0 ? 0 : 1)
    const most = this.#bytesOf(MAX_LEAVING_PER_GETTER)
    if (this.#isUneven() && !this.#isHeldUp(getter, active, nowMs)) {
      return leavingBytes < most
    }
    const soonBytes = ((meter.bytesPerSecond(nowMs) ?? 0) * LEAVING_MS) / 1000
    return leavingBytes < Math.max(this.#bytesOf(1), Math.min(most, soonBytes))
  }

  /** Of the getters with a request and room for it, the one that lacks the most. */
  #laggard(nowMs: number): Remote | undefined {
    let laggard: Remote | undefined
    let fewest = Number.POSITIVE_INFINITY
    for (const remote of this.#remotes) {
      const held = this.#heldBy(remote)
      if (held < fewest && remote.getter.requests.size > 0 && this.#hasRoom(remote.getter, nowMs)) {
        fewest = held
        laggard = remote
      }
    }
    return laggard
  }

  /** How many chunks a getter has, or does without: as it announced, or as follows from what it took. */
  #heldBy({ holdings, standing }: Remote): number {
    const { chunkCount } = this.#init.state
    const had = Math.max(holdings.count, Math.min(chunkCount, standing.takenChunks))
    return Math.min(chunkCount, had + holdings.declinedLacking)
  }

  /** Whether some getter lacks notably more than another. */
  #isUneven(): boolean {
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (const remote of this.#remotes) {
      const { declinedLacking } = remote.holdings
      // A remote that does without everything that it lacks does not count as a getter.
      if (declinedLacking === 0 || this.#init.state.lackedBy(remote.holdings) > 0) {
        const held = this.#heldBy(remote)
        least = Math.min(least, held)
        most = Math.max(most, held)
      }
    }
    return most - least > LAG_PART * this.#init.state.chunkCount
  }

  #serve(remote: Remote, nowMs: number): Reply | undefined {
    const { requests } = remote.getter
    const [request] = requests
    if (request === undefined) {
      return undefined
    }
    const [id, { chunk, sinceMs }] = request
    requests.delete(id)
    if (this.#fresh.delete(chunk)) {
      this.#firstCopies.give(remote, chunk)
    }
    return this.#send(remote, id, chunk, nowMs - sinceMs, nowMs)
  }

  /**
   * A first copy for a getter that lacks notably more than the one whose request is next, however much it owes: it may
   * have everything that others could give it.
   */
  #grantToBehind(laggard: Remote, nowMs: number, isBusy: boolean): Reply | undefined {
    const fewest = this.#heldBy(laggard) - LAG_PART * this.#init.state.chunkCount
    return this.#grant(nowMs, isBusy, (remote) => this.#heldBy(remote) < fewest, false)
  }

  /**
   * A first copy although the getters that could have it owe the others enough, because the uplink would be idle
   * otherwise: if no one passes any on, or for a getter that will have spread it long before all copies are made.
   */
  #grantToLaden(nowMs: number, isBusy: boolean, hasTime: boolean, restMs: number): Reply | undefined {
    const isStuck = nowMs - this.#firstCopies.spreadAtMs > LEAD_PATIENCE_MS
    const grant = isStuck ? this.#grant(nowMs, isBusy, () => true) : undefined
    if (grant !== undefined || isBusy || !hasTime) {
      return grant
    }
    const isHarmless = ({ getter }: Remote): boolean =>
      this.#spreadingMs(getter) < SOON_PART * restMs && !this.#isLaden(getter, IDLE_LEAD_FACTOR, restMs)
    return this.#grant(nowMs, isBusy, isHarmless, false)
  }

  /**
   * A first copy for the getter that spreads it soonest; also undefined when it is better to wait for that one.
   *
   * @param isBusy whether the uplink has enough to do: then waiting costs nothing
   * @param mayHave which getters may receive it
   */
  #grant(
    nowMs: number,
    isBusy: boolean,
    mayHave: (remote: Remote) => boolean,
    mayWait = true
  ): Reply | undefined {
    const { state } = this.#init
    if (this.#fresh.count === 0 || this.#isEarly(nowMs)) {
      return undefined
    }
    const remotes: Remote[] = []
    const ready: Remote[] = []
    for (const remote of this.#remotes) {
      if (isTrusted(remote, nowMs) && mayHave(remote)) {
        remotes.push(remote)
        if (remote.getter.slots.size > 0 && this.#hasRoom(remote.getter, nowMs)) {
          ready.push(remote)
        }
      }
    }
    if (ready.length === 0) {
      return undefined
    }
    const chunk = this.#fresh.first((content) => ready.some(({ holdings }) => holdings.takes(content)))
    if (chunk === undefined) {
      return undefined
    }
    const content = state.contentOf(chunk)
    let best: Remote | undefined
    let bestMs = Number.POSITIVE_INFINITY
    let leastMs = Number.POSITIVE_INFINITY
    for (const remote of remotes) {
      if (remote.holdings.takes(content) && !remote.holdings.has(chunk)) {
        const spreadingMs = this.#spreadingMs(remote.getter)
        const costMs = spreadingMs + underWayMs(remote.getter, nowMs)
        // By the time the uplink is free for the next one, what is under way now has left.
        leastMs = Math.min(leastMs, isBusy ? spreadingMs : costMs)
        if (costMs < bestMs && ready.includes(remote)) {
          best = remote
          bestMs = costMs
        }
      }
    }
    const better = bestMs > GRANT_PATIENCE_FACTOR * leastMs + (isBusy ? 0 : GRANT_PATIENCE_MS)
    if (best === undefined || (mayWait && better && this.#uplink.isUsed(USED_PART, nowMs))) {
      return undefined
    }
    const [[id, sinceMs] = [0, nowMs]] = best.getter.slots
    best.getter.slots.delete(id)
    this.#fresh.delete(chunk)
    this.#firstCopies.give(best, chunk)
    return this.#send(best, id, chunk, nowMs - sinceMs, nowMs)
  }

  #isEarly(nowMs: number): boolean {
    const { count, untilMs } = this.#awaited
    return (
      nowMs < untilMs && [...this.#remotes].filter(({ getter }) => getter.status !== undefined).length < count
    )
  }

  /** How long a getter that receives one more first copy takes to have spread it, as far as is known. */
  #spreadingMs({ status, unannounced }: Getter): number {
    const { freshChunks = 0, copiesOwed = 0, uplinkBytesPerSecond = this.#usualUplink() } = status ?? {}
    const copies = freshChunks + copiesOwed + (unannounced + 1) * this.#firstCopies.copiesToOwe
    return this.#sendingMs(copies, uplinkBytesPerSecond)
  }

  /** The assumed capacity of an uplink that no one has measured, in bytes per second: the average of the others. */
  #usualUplink(): number {
    let sum = 0
    let known = 0
    for (const { getter } of this.#remotes) {
      sum += getter.status?.uplinkBytesPerSecond ?? 0
      known += getter.status?.uplinkBytesPerSecond === undefined ? 0 : 1
    }
    return known === 0 ? this.#init.chunkByteLength : sum / known
  }

  /** This many chunks, in bytes. */
  #bytesOf(chunkCount: number): number {
    return chunkCount * this.#init.chunkByteLength
  }

  /** The bytes that a chunk counts for while it is leaving: a small one costs more work than its length says. */
  #loadOf(chunk: number): number {
    const least = Math.ceil(this.#init.chunkByteLength / MAX_SMALL_PER_CHUNK)
    return Math.max(least, this.#init.state.refOf(chunk).byteLength)
  }

  #send(remote: Remote, id: number, chunk: number, waitedMs: number, nowMs: number): Reply {
    const { getter } = remote
    this.#activeCount += getter.leaving.size > 0 ? 0 : 1
    getter.leaving.set(id, nowMs)
    getter.meter.setBusy(true, nowMs)
    const load = this.#loadOf(chunk)
    getter.leavingBytes += load
    this.#leavingBytes += load
    this.#uplink.setBusy(true, nowMs)
    return { getter: remote, id, chunk, waitedMs }
  }

  /** A chunk is not leaving any more. */
  #leave({ getter: { getter }, id, chunk }: ChunkUpload, nowMs: number): void {
    if (getter.leaving.delete(id)) {
      getter.meter.setBusy(getter.leaving.size > 0, nowMs)
      const load = this.#loadOf(chunk)
      getter.leavingBytes -= load
      this.#leavingBytes -= load
      this.#activeCount -= getter.leaving.size > 0 ? 0 : 1
      this.#uplink.setBusy(this.#leavingBytes > 0, nowMs)
    }
  }
}

/** Whether it may receive a first copy: if it kept several to itself, not before it has announced the last one. */
function isTrusted({ getter, standing: { asGetter } }: Remote, nowMs: number): boolean {
  return !asGetter.rests(nowMs) && (getter.unannounced === 0 || !asGetter.isDoubtful)
}

/** How long what is leaving to the getter will still be under way. */
function underWayMs({ leavingBytes, meter }: Getter, nowMs: number): number {
  const rate = meter.bytesPerSecond(nowMs)
  return rate === undefined ? 0 : (1000 * leavingBytes) / rate
}

function refuseFirst(getter: Remote, asks: Map<number, unknown>, refusal: 'busy' | 'none-fresh'): Reply {
  const [id = 0] = asks.keys()
  asks.delete(id)
  return { getter, id, refusal }
}
