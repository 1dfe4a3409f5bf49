/**
 * The roster: the members of the swarm and the progress of each. A pure state machine: the caller reports what
 * happened, with its time on the swarm clock, and gets back what to send.
 */
import { manifestKey, printable, printableLines } from '../../core/names.ts'
import type { PeerProgress, PeerResult } from '../../events/peer.ts'
import {
  type Choice,
  type FileCompletion,
  MAX_MANIFESTS,
  MAX_SHORTFALL_LENGTH,
  type Progress,
  type ReportedCapacities,
  reportedCapacities
} from '../../protocols/coordination/index.ts'
import {
  catalogProblem,
  type Manifest,
  type SignedManifest,
  sameManifest
} from '../../protocols/manifest/index.ts'
import { DECLINES_NOTHING, type Declined, declinedOf, sameDeclined } from './choice.ts'
import { believedCapacities, believedProgress, believedTime, type SwarmSize } from './claims.ts'
import { type JoinRequest, joinRefusal, type RosterRefusal } from './join-refusal.ts'

export type { JoinRequest, RosterRefusal } from './join-refusal.ts'

export interface RosterMember {
  readonly name: string
  readonly peerId: string
  multiaddrs: string[]
  connected: boolean
  /** Since when it is not connected; undefined while it is. */
  lostAtMs: number | undefined
  readonly registeredAtMs: number
  manifests: SignedManifest[] | undefined
  /** The swarm has started without its files: it published nothing in time. */
  leftOut: boolean
  completedAtMs: number | undefined
  /** What it gave up, if it has everything that it can get without that. */
  shortfall: Shortfall | undefined
  progress: PeerProgress
  /** The capacity of its link, as its configuration says; if that changed during the run, the highest value. */
  configured: ReportedCapacities
  /** The same, as measured: the highest value that it reported. */
  measured: ReportedCapacities
  /**
   * What it lacked of what it wants when it first had the catalog, and of what late peers brought when it learned of
   * that; undefined until it has reported.
   */
  missingBytesAtStart: number | undefined
  /** What it does without. */
  declined: Declined
}

/** What a member says that it gave up. */
export interface Shortfall {
  files: number
  message: string
}

/**
 * joining: not all are here; publishing: not all manifests are here; exchanging: the catalog is published, and late
 * peers may add to it; then complete.
 */
export type SwarmPhase = 'joining' | 'publishing' | 'exchanging' | 'complete'

export interface RosterInit {
  /** How many peers the swarm waits for before it starts; until `setExpectedPeers` or `start`. */
  expectedPeers: number
  chunkByteLength: number
  /** Whether peers may join, and bring files, after the start. */
  late: 'yes' | 'no'
}

/** The least number for a start before all expected peers are here: one peer has no one to exchange with. */
export const MIN_EARLY_PEERS = 2

const NO_PROGRESS: PeerProgress = { totalBytes: 0, heldBytes: 0, receivedBytes: 0, sentBytes: 0 }

export class Roster {
  readonly #init: RosterInit
  #expectedPeers: number
  /** Whether all are here, or the swarm starts with those that are. */
  #hasStarted: boolean
  readonly #members = new Map<string, RosterMember>()
  readonly #names = new Set<string>()
  /** What the members have published, by its key. */
  readonly #entries = new Map<string, Manifest>()
  /** Of their contents, by root: the largest value that a member describes. */
  readonly #byteLengths = new Map<string, number>()
  /** Of them all. */
  #totalBytes = 0
  /** When the catalog was complete, on the swarm clock; undefined before that. */
  catalogAtMs: number | undefined

  /** @param members of a swarm that is carried on, whose catalog was complete at `catalogAtMs` */
  constructor(init: RosterInit, members: readonly RosterMember[] = [], catalogAtMs?: number) {
    this.#init = init
    this.#expectedPeers = init.expectedPeers
    this.#hasStarted = members.length > 0
    this.catalogAtMs = catalogAtMs
    for (const member of members) {
      this.#members.set(member.peerId, member)
      this.#names.add(member.name)
      this.#enter(member.manifests ?? [])
    }
  }

  /** In the order of their names, as people read lists. */
  get members(): RosterMember[] {
    return [...this.#members.values()].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  }

  has(peerId: string): boolean {
    return this.#members.has(peerId)
  }

  /** Since when a member is not connected; undefined while it is, or if there is no such member. */
  lostAtMsOf(peerId: string): number | undefined {
    return this.#members.get(peerId)?.lostAtMs
  }

  hasName(name: string): boolean {
    return this.#names.has(name)
  }

  /** Of a content that a member has published; undefined if none has. */
  byteLengthOf(root: string): number | undefined {
    return this.#byteLengths.get(root)
  }

  /** Of what the members have published. */
  get entryCount(): number {
    return this.#entries.size
  }

  get phase(): SwarmPhase {
    if (!this.#hasStarted) {
      return 'joining'
    }
    if (this.catalogAtMs === undefined && [...this.#members.values()].some(isUnpublished)) {
      return 'publishing'
    }
    return this.#needed.every(({ completedAtMs }) => completedAtMs !== undefined) ? 'complete' : 'exchanging'
  }

  /** Once the swarm has started, how many there are. */
  get expectedPeers(): number {
    return this.#hasStarted ? this.#members.size : this.#expectedPeers
  }

  /** Waits for this many from now on. @returns whether that changes anything; not once the swarm has started */
  setExpectedPeers(count: number): boolean {
    if (this.#hasStarted || count === this.#expectedPeers) {
      return false
    }
    this.#expectedPeers = count
    this.#startWhenFull()
    return true
  }

  /** Starts with the members that are here. */
  start(): void {
    this.#hasStarted = true
  }

  /** Since when the first member that is here has waited; undefined when none waits. */
  get waitingSinceMs(): number | undefined {
    return this.#hasStarted || this.#members.size === 0 ? undefined : this.#firstRegisteredAtMs
  }

  get #firstRegisteredAtMs(): number {
    return Math.min(...[...this.#members.values()].map(({ registeredAtMs }) => registeredAtMs))
  }

  #startWhenFull(): void {
    this.#hasStarted ||= this.#members.size >= this.#expectedPeers
  }

  get #needed(): RosterMember[] {
    return [...this.#members.values()].filter(isNeeded)
  }

  /** The bounds of the numbers that members report. */
  get size(): SwarmSize {
    return { totalBytes: this.#totalBytes, members: this.#members.size }
  }

  get catalog(): SignedManifest[] {
    return this.members.flatMap(({ manifests }) => manifests ?? [])
  }

  /** The members that still have to do something before the swarm can end: publish, or complete. */
  get awaited(): RosterMember[] {
    return this.phase === 'publishing'
      ? this.unpublished
      : this.members.filter(
          (member) => isNeeded(member) && member.completedAtMs === undefined && member.shortfall === undefined
        )
  }

  /** The members whose list of files is known, which may be empty. */
  get published(): RosterMember[] {
    return this.members.filter(({ manifests }) => manifests !== undefined)
  }

  /** Those that a coordinator finds again after a restart. Late ones that have not published come anew. */
  get lasting(): RosterMember[] {
    return this.members.filter((member) => this.catalogAtMs === undefined || !isUnpublished(member))
  }

  /** The members whose list of files is awaited. Once the catalog is published, only late ones. */
  get unpublished(): RosterMember[] {
    return this.members.filter(isUnpublished)
  }

  /** The table of times. */
  get results(): PeerResult[] {
    return this.members.map(({ name, registeredAtMs, completedAtMs, progress }) => {
      const { receivedBytes, sentBytes } = progress
      const completed = completedAtMs === undefined ? {} : { completedAtMs }
      return { name, registeredAtMs, receivedBytes, sentBytes, ...completed }
    })
  }

  /** Whether everything that members received is included in what they report as sent. */
  get sendsTold(): boolean {
    return (
      this.members.reduce((sum, { progress }) => sum + progress.sentBytes - progress.receivedBytes, 0) >= 0
    )
  }

  /** From the first registration to the last completion, or until now while a member is not complete; in ms. */
  makespanMs(nowMs: number): number {
    return this.#endMs(nowMs) - this.#firstRegisteredAtMs
  }

  /** From the complete catalog to the last completion, or until now; in ms. Undefined before there is a catalog. */
  exchangeMs(nowMs: number): number | undefined {
    // A peer that has everything already reports a time before the catalog.
    return this.catalogAtMs === undefined ? undefined : Math.max(0, this.#endMs(nowMs) - this.catalogAtMs)
  }

  /** The last completion, or now while one is not complete. */
  #endMs(nowMs: number): number {
    const ends = this.#needed.map(({ completedAtMs }) => completedAtMs ?? nowMs)
    // If all were left out, the time keeps running.
    return ends.length === 0 ? nowMs : Math.max(...ends)
  }

  /**
   * Accepts a new member, or one that returns under the identity and the name that it had. A new one may be late: the
   * swarm has started without it.
   */
  join(
    request: JoinRequest,
    nowMs: number
  ): { member: RosterMember; rejoined: boolean; late: boolean } | RosterRefusal {
    const refusal = joinRefusal(request, {
      members: [...this.#members.values()],
      isShut: this.#hasStarted && this.#init.late === 'no',
      isComplete: this.phase === 'complete'
    })
    if (refusal !== undefined) {
      return refusal
    }
    const returning = this.#members.get(request.peerId)
    if (returning !== undefined) {
      this.setCapacities(request.peerId, request)
      returning.multiaddrs = request.multiaddrs
      returning.connected = true
      returning.lostAtMs = undefined
      // It says so again if it still has everything.
      returning.completedAtMs = undefined
      returning.shortfall = undefined
      return { member: returning, rejoined: true, late: false }
    }
    const { name, peerId, multiaddrs } = request
    const member: RosterMember = {
      name,
      peerId,
      multiaddrs,
      connected: true,
      lostAtMs: undefined,
      registeredAtMs: nowMs,
      manifests: undefined,
      leftOut: false,
      completedAtMs: undefined,
      shortfall: undefined,
      progress: NO_PROGRESS,
      configured: believedCapacities(request),
      measured: {},
      missingBytesAtStart: undefined,
      declined: DECLINES_NOTHING
    }
    const late = this.#hasStarted
    this.#members.set(request.peerId, member)
    this.#names.add(member.name)
    this.#startWhenFull()
    return { member, rejoined: false, late }
  }

  /** Accepts a member's manifests. Those in the catalog stay there: a member that returns has to bring the same. */
  publish(peerId: string, manifests: SignedManifest[]): RosterRefusal | undefined {
    const member = this.#members.get(peerId)
    if (member === undefined) {
      return { code: 'MANIFESTS_INVALID', message: 'a peer must join before it publishes' }
    }
    const foreign = manifests.find(
      ({ manifest: { origin, originId, kind, chunkByteLength } }) =>
        origin !== member.name ||
        originId !== member.peerId ||
        (kind === 'file' && chunkByteLength !== this.#init.chunkByteLength)
    )
    if (foreign !== undefined) {
      const message = `the manifest of ${printable(foreign.manifest.path)} is another peer's, or of another chunk length`
      return { code: 'MANIFESTS_INVALID', message }
    }
    const late = manifests.length > 0 ? this.refusalOfLate(member) : undefined
    if (late !== undefined) {
      return late
    }
    const others = this.catalog.length - (member.manifests?.length ?? 0)
    if (others + manifests.length > MAX_MANIFESTS) {
      const message = `together with what others share, that is more than ${MAX_MANIFESTS} files; share an archive of them instead`
      return { code: 'MANIFESTS_INVALID', message }
    }
    const problem = catalogProblem(manifests.map(({ manifest }) => manifest))
    if (problem !== undefined) {
      return { code: 'MANIFESTS_INVALID', message: problem }
    }
    if (member.manifests !== undefined && !sameManifests(member.manifests, manifests)) {
      return {
        code: 'SHARE_CHANGED',
        message: `what ${printable(member.name)} shares has changed since the catalog was published; start it with the files as they were, or start a new swarm (the coordinator with --new)`
      }
    }
    const entryCount = this.entryCount
    member.manifests ??= manifests
    this.#enter(manifests)
    if (this.catalogAtMs !== undefined && this.entryCount > entryCount) {
      this.#reopen()
    }
    return undefined
  }

  /** A late member brought entries: nobody has everything any more. */
  #reopen(): void {
    for (const member of this.#members.values()) {
      member.completedAtMs = undefined
      member.shortfall = undefined
    }
  }

  /** Why a member cannot bring anything any more; undefined while it can. */
  refusalOfLate({ name, leftOut, manifests }: RosterMember): RosterRefusal | undefined {
    if (!leftOut || manifests !== undefined || this.#init.late === 'yes') {
      return undefined
    }
    const message = `the swarm started without the files of ${printable(name)}, because the coordinator received no valid list of them in time; start it without --share to receive the others' files, or start a new swarm`
    return { code: 'LEFT_OUT', message }
  }

  /** The swarm starts without these members' files, and does not wait for them. */
  leaveOut(members: readonly RosterMember[]): void {
    for (const member of members) {
      member.leftOut = true
    }
  }

  /** The coordinator was asleep for this long, in which no member could return. */
  onSlept(sleptMs: number): void {
    for (const member of this.#members.values()) {
      if (member.lostAtMs !== undefined) {
        member.lostAtMs += sleptMs
      }
    }
  }

  /** A member's session ended. While all are awaited, or if it is late and brought nothing yet, its place is free again. */
  leave(peerId: string, nowMs: number): RosterMember | undefined {
    const member = this.#members.get(peerId)
    if (member === undefined) {
      return undefined
    }
    const isLate = this.catalogAtMs !== undefined && isUnpublished(member)
    if (this.phase === 'joining' || isLate) {
      this.#members.delete(peerId)
      this.#names.delete(member.name)
      for (const { manifest } of member.manifests ?? []) {
        this.#entries.delete(manifestKey(manifest))
      }
    }
    member.connected = false
    member.lostAtMs = nowMs
    return member
  }

  /**
   * A member reports the capacity of its link now. Before the catalog is published, that value counts. From then on the
   * highest reported value counts, and none once the member has reported none. So the bound is one for the whole run:
   * the capacity during a part of the run may have been that of all of it.
   */
  setCapacities(peerId: string, reported: ReportedCapacities): void {
    const member = this.#members.get(peerId)
    if (member !== undefined) {
      const now = believedCapacities(reported)
      const isUnderWay = this.phase === 'exchanging' || this.phase === 'complete'
      member.configured = isUnderWay ? largest(member.configured, now, Number.POSITIVE_INFINITY) : now
    }
  }

  /** @returns whether it is the first since the catalog was published, or since the member wants more than before */
  progress(peerId: string, reported: Progress): boolean {
    const member = this.#members.get(peerId)
    if (member === undefined) {
      return false
    }
    // A member that was started again measures again.
    member.measured = largest(member.measured, believedCapacities(reported), 0)
    // Before the catalog is published, progress means nothing; peers send it again with the catalog.
    if (this.phase !== 'exchanging' && this.phase !== 'complete') {
      return false
    }
    const earlier = member.progress
    member.progress = believedProgress(reported, this.size)
    const missingBytes = missingBytesOf(member.progress)
    if (member.missingBytesAtStart === undefined) {
      member.missingBytesAtStart = this.phase === 'exchanging' ? missingBytes : undefined
      return this.phase === 'exchanging'
    }
    const hasGrown = member.progress.totalBytes > earlier.totalBytes
    member.missingBytesAtStart += hasGrown ? Math.max(0, missingBytes - missingBytesOf(earlier)) : 0
    return hasGrown
  }

  /**
   * A member declares what it does without, replacing its earlier choice. Before the catalog is published there is
   * nothing to choose.
   *
   * @returns whether the choice has changed; undefined when it names entries that are not in the catalog
   */
  choose(member: RosterMember, { declined: message }: Choice): boolean | undefined {
    if (this.phase !== 'exchanging' && this.phase !== 'complete') {
      return false
    }
    const counts = new Map(
      [...this.#members.values()].map(({ name, manifests }) => [name, manifests?.length ?? 0])
    )
    counts.delete(member.name)
    const declined = declinedOf(message, (origin) => counts.get(origin))
    if (declined === undefined) {
      return undefined
    }
    const isOther = !sameDeclined(declined, member.declined)
    member.declined = declined
    return isOther
  }

  /**
   * A member reports that it has an entry of the catalog in its place since `atMs`.
   *
   * @returns undefined when no member has published such an entry, or the time is not a number
   */
  completeFile(
    { registeredAtMs }: RosterMember,
    { origin, path, atMs }: FileCompletion,
    nowMs: number
  ): { manifest: Manifest; elapsedMs: number } | undefined {
    const manifest = this.#entries.get(manifestKey({ origin, path }))
    if (manifest === undefined || !Number.isFinite(atMs)) {
      return undefined
    }
    return { manifest, elapsedMs: believedTime(atMs, registeredAtMs, nowMs) - registeredAtMs }
  }

  /**
   * A member reports that it has everything since `atMs`, of a catalog of so many entries. @returns undefined when that
   * is impossible, it said so before, or does not know yet that the catalog has grown
   */
  complete(
    peerId: string,
    { atMs, entries }: { atMs: number; entries: number },
    nowMs: number
  ): RosterMember | undefined {
    const member = this.#members.get(peerId)
    if (member === undefined || member.completedAtMs !== undefined || !this.#canBeDone(member, entries)) {
      return undefined
    }
    member.completedAtMs = believedTime(atMs, member.registeredAtMs, nowMs)
    member.shortfall = undefined
    return member
  }

  /**
   * A member reports that it has all that it can get, without some files. @returns undefined when that is impossible,
   * or it said so before
   */
  fallShort(
    peerId: string,
    { files, message, entries }: Shortfall & { entries: number }
  ): RosterMember | undefined {
    const member = this.#members.get(peerId)
    const isDone = member?.completedAtMs !== undefined || member?.shortfall !== undefined
    if (member === undefined || isDone || !this.#canBeDone(member, entries) || files === 0) {
      return undefined
    }
    member.shortfall = {
      files: Math.min(files, this.entryCount),
      message: printableLines(message.slice(0, MAX_SHORTFALL_LENGTH).replaceAll('\n', ' '))
    }
    return member
  }

  /** @param entries of the catalog that the member knows */
  #canBeDone(member: RosterMember, entries: number): boolean {
    return this.phase === 'exchanging' && entries >= this.entryCount && !isUnpublished(member)
  }

  #enter(manifests: readonly SignedManifest[]): void {
    for (const { manifest } of manifests) {
      this.#entries.set(manifestKey(manifest), manifest)
      const known = this.#byteLengths.get(manifest.root) ?? 0
      const byteLength = Math.max(known, manifest.byteLength)
      this.#byteLengths.set(manifest.root, byteLength)
      this.#totalBytes += byteLength - known
    }
  }
}

/** Whether the swarm cannot be complete without it; it can if it started without its files. */
function isNeeded({ manifests, leftOut }: RosterMember): boolean {
  return manifests !== undefined || !leftOut
}

/** Whether the others wait for its files. */
function isUnpublished({ manifests, leftOut }: RosterMember): boolean {
  return manifests === undefined && !leftOut
}

function missingBytesOf({ totalBytes, heldBytes }: PeerProgress): number {
  return totalBytes - heldBytes
}

/** The larger of each capacity. @param unknown the value for one that no one knows */
function largest(a: ReportedCapacities, b: ReportedCapacities, unknown: number): ReportedCapacities {
  const larger = (one = unknown, other = unknown): number | undefined => {
    const most = Math.max(one, other)
    return most === unknown ? undefined : most
  }
  return reportedCapacities(
    larger(a.uplinkBytesPerSecond, b.uplinkBytesPerSecond),
    larger(a.downlinkBytesPerSecond, b.downlinkBytesPerSecond)
  )
}

function sameManifests(a: SignedManifest[], b: SignedManifest[]): boolean {
  const key = ({ manifest }: SignedManifest): string => manifest.path
  const byPath = new Map(a.map((signed) => [key(signed), signed.manifest]))
  return (
    a.length === b.length &&
    b.every((signed) => {
      const other = byPath.get(key(signed))
      return other !== undefined && sameManifest(other, signed.manifest)
    })
  )
}
