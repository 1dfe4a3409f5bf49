/**
 * A swarm from its first member to its end: receives what the members say, acts on it, and informs them and the events.
 * The roster decides what follows from what.
 */
import { type CoordinatorConfig, coordinatorConfigSchema, publishTimeoutOf } from '../config/coordinator.ts'
import { descriptionOf } from '../config/settings.ts'
import { messageOf, PotluckError } from '../core/errors.ts'
import { manifestKey, printable } from '../core/names.ts'
import { named } from '../core/units.ts'
import type { CatalogEntry } from '../events/coordinator.ts'
import type { SwarmOutcome } from '../events/peer.ts'
import { verifySignature } from '../keys/signatures.ts'
import {
  type Arrivals,
  type CoordinatorMessage,
  type CoordinatorSession,
  type FileCompletion,
  JOIN_TIMEOUT_MS,
  type Join,
  MAX_ARRIVALS_NAMED,
  MAX_MANIFESTS,
  OBSERVER_TIMEOUT_MS,
  type PeerMessage,
  PROGRESS_INTERVAL_MS,
  reportedCapacities
} from '../protocols/coordination/index.ts'
import { extentOf, type Manifest, openManifest, type SignedManifest } from '../protocols/manifest/index.ts'
import { ProtocolViolation } from '../protocols/wire.ts'
import { type Attendance, Attendances, sendCatalog } from './attendances.ts'
import type { CoordinatorEvents } from './coordinator-events.ts'
import type { Keeper } from './keeper.ts'
import { Awake } from './swarm/awake.ts'
import { BoundWatch } from './swarm/bound-watch.ts'
import { believedTime } from './swarm/claims.ts'
import { endingOf, reasonToGiveUp } from './swarm/ending.ts'
import { versionRefusal } from './swarm/join-refusal.ts'
import { ListBudget } from './swarm/list-budget.ts'
import { ProgressWatch, PublishWatch } from './swarm/patience.ts'
import {
  choiceEvent,
  declinedFileCount,
  leftOutWarning,
  PeriodicEvents,
  type RelayCount
} from './swarm/periodic-events.ts'
import type { RefusedNodes } from './swarm/refused-nodes.ts'
import { MIN_EARLY_PEERS, type Roster, type RosterMember, type RosterRefusal } from './swarm/roster.ts'
import type { SwarmClock } from './swarm-clock.ts'

/** How long the peers may take to read how it ended, and to hang up themselves. */
const FAREWELL_TIMEOUT_MS = 5000

/** How long peers may take to hang up when they learn that it stops. */
const GOODBYE_TIMEOUT_MS = 500

/** One interval of progress, and its way here. */
const LAST_PROGRESS_MS = PROGRESS_INTERVAL_MS + 100

/** When a carried-on swarm is complete already, how long its peers have to return and learn that. */
const RETURN_MS = 15_000

export interface SwarmRunComponents {
  clock: SwarmClock
  events: CoordinatorEvents
  refusals: RefusedNodes
  roster: Roster
  swarmId: Uint8Array<ArrayBuffer>
  /** Undefined when nothing is saved. */
  keeper: Keeper | undefined
  relay: RelayCount | undefined
  /** The coordinator's; its reason is why the swarm is not seen to its end. */
  stopping: AbortSignal
}

export class SwarmRun {
  readonly #config: CoordinatorConfig
  readonly #components: SwarmRunComponents
  readonly #clock: SwarmClock
  readonly #events: CoordinatorEvents
  readonly #roster: Roster
  readonly #attendances = new Attendances()
  readonly #periodicEvents: PeriodicEvents
  readonly #completed = Promise.withResolvers<SwarmOutcome>()
  readonly #awake = new Awake()
  readonly #publishWatch: PublishWatch
  readonly #listBudget: ListBudget
  readonly #progressWatch: ProgressWatch
  #rosterPublished = false
  /** Whether a peer has joined or left since the waiting peers were informed. */
  #arrivalsChanged = false
  /** Set once the catalog is published. */
  #boundWatch: BoundWatch | undefined
  #ended = false
  /** How it ended, for all peers that are connected or return. */
  #farewell: Partial<CoordinatorMessage> | undefined

  constructor(config: CoordinatorConfig, components: SwarmRunComponents) {
    const { clock, events, roster, stopping } = components
    this.#config = config
    this.#components = components
    this.#clock = clock
    this.#events = events
    this.#roster = roster
    this.#publishWatch = new PublishWatch(publishTimeoutOf(config))
    this.#listBudget = new ListBudget(config.maxListBytes, () => roster.expectedPeers)
    this.#progressWatch = new ProgressWatch(config)
    this.#periodicEvents = new PeriodicEvents(roster)
    // A caller that does not ask how it ended must not crash because of it.
    this.#completed.promise.catch(() => undefined)
    stopping.addEventListener('abort', () => this.#completed.reject(stopping.reason), { once: true })
  }

  /** How it ended. Rejects with PotluckError INCOMPLETE, or with the reason of the stop if that came before. */
  get completed(): Promise<SwarmOutcome> {
    return this.#completed.promise
  }

  /** Starts with the members that are here. @throws PotluckError REFUSED when it has started, or too few are here */
  startNow(): void {
    this.#checkNotStarted()
    const here = this.#roster.members.map(({ name }) => name)
    if (here.length < MIN_EARLY_PEERS) {
      const who = here.length === 0 ? 'Nobody is' : `Only ${named(here)} is`
      throw new PotluckError(
        'REFUSED',
        `${who} here yet; a swarm starts with ${MIN_EARLY_PEERS} at the least.`
      )
    }
    this.#startEarly('asked')
  }

  /**
   * Waits for this many peers from now on, and starts at once if they are here.
   *
   * @throws PotluckError CONFIGURATION when that is not a possible number of peers, REFUSED when the swarm has started
   */
  setExpectedPeers(count: number): void {
    const checked = coordinatorConfigSchema.shape.expectedPeers.safeParse(count)
    if (!checked.success) {
      const allowed = descriptionOf(coordinatorConfigSchema.shape.expectedPeers)
      throw new PotluckError(
        'CONFIGURATION',
        `The number of peers cannot be ${count}: it must be ${allowed}.`
      )
    }
    this.#checkNotStarted()
    if (this.#roster.setExpectedPeers(checked.data)) {
      const { expectedPeers, members } = this.#roster
      this.#events.tell({ event: 'expected-peers', expectedPeers, joined: members.length })
      this.#arrivalsChanged = true
      this.#onStarted()
    }
  }

  #checkNotStarted(): void {
    if (this.#ended || this.#roster.phase !== 'joining') {
      throw new PotluckError('REFUSED', 'The swarm has started already.')
    }
  }

  #startEarly(why: 'asked' | 'waited'): void {
    const { expectedPeers, members } = this.#roster
    this.#events.tell({ event: 'started-early', peers: members.length, expectedPeers, why })
    this.#roster.start()
    this.#onStarted()
  }

  /** Sends what is due once the swarm has started; nothing before. */
  #onStarted(): void {
    this.#publishRoster()
    this.#publishCatalog()
    this.#save()
  }

  /** The peers that are here have waited long enough for the others. */
  #startInTime(): void {
    const { startAfterMs } = this.#config
    const { waitingSinceMs, members } = this.#roster
    if (
      startAfterMs !== undefined &&
      waitingSinceMs !== undefined &&
      members.length >= MIN_EARLY_PEERS &&
      this.#clock.atMs - waitingSinceMs >= startAfterMs
    ) {
      this.#startEarly('waited')
    }
  }

  /** Resumes the swarm where an earlier run of this coordinator was cut off. @param file the file it was saved in */
  carryOn(file: string): void {
    const { members } = this.#roster
    const complete = members.filter(({ completedAtMs }) => completedAtMs !== undefined).length
    this.#events.tell({ event: 'carried-on', file, peers: members.length, complete })
    this.#publishRoster()
    this.#publishCatalog()
    if (this.#roster.phase === 'complete') {
      void this.#endOnceAllAreBack()
    }
  }

  /** Peers that have everything already return to learn that all have. */
  async #endOnceAllAreBack(): Promise<void> {
    const { length } = this.#roster.members
    await this.#clock.until(() => this.#attendances.count === length, RETURN_MS, this.#components.stopping)
    if (this.#roster.phase === 'complete' && !this.#components.stopping.aborted) {
      await this.#end(undefined)
    }
  }

  /** Handles a session that a peer opens, until it ends. */
  async attend(session: CoordinatorSession): Promise<void> {
    this.#attendances.sessions.add(session)
    let deadline = setTimeout(
      () => session.abort(new Error(`no join within ${JOIN_TIMEOUT_MS} ms`)),
      JOIN_TIMEOUT_MS
    )
    let attendance: Attendance | undefined
    let ending = 'it closed the connection without a goodbye'
    try {
      for await (const message of session.received()) {
        if (message.leave !== undefined) {
          ending = printable(message.leave.reason)
          break
        }
        if (attendance === undefined && message.join?.observer === true) {
          clearTimeout(deadline)
          deadline = setTimeout(() => session.abort(new Error('it looks for too long')), OBSERVER_TIMEOUT_MS)
          await this.#show(session, message.join)
          continue
        }
        if (attendance === undefined && message.join !== undefined) {
          attendance = await this.#join(session, message.join)
          if (attendance === undefined) {
            break
          }
          clearTimeout(deadline)
          continue
        }
        await this.#receive(session, attendance, message)
      }
    } catch (error) {
      ending = `its connection broke: ${messageOf(error)}`
    } finally {
      clearTimeout(deadline)
      await session.close()
      this.#attendances.sessions.delete(session)
      this.#depart(attendance, ending)
    }
  }

  async #join(session: CoordinatorSession, join: Join): Promise<Attendance | undefined> {
    const peerId = session.remotePeer
    const lostAtMs = this.#roster.lostAtMsOf(peerId) ?? this.#clock.atMs
    const outcome = this.#roster.join({ ...join, peerId }, this.#clock.atMs)
    if ('code' in outcome) {
      await this.#refuse(session, printable(join.name), outcome)
      return undefined
    }
    const { member, rejoined, late } = outcome
    const attendance = this.#attendances.enter(session, member, this.#clock.atMs)
    // Its list is sent again.
    this.#listBudget.forget(peerId)
    this.#awake.onBack(peerId)
    this.#progressWatch.onReturn(peerId, this.#clock.atMs - lostAtMs)
    const { chunkByteLength, relay } = this.#config
    const { expectedPeers } = this.#roster
    this.#events.tell({
      event: 'registered',
      peer: member.name,
      peerId,
      multiaddrs: member.multiaddrs,
      joined: this.#roster.members.length,
      expectedPeers,
      rejoined,
      ...(late && { late })
    })
    try {
      await session.send({
        joined: { expectedPeers, chunkByteLength, relay, swarmId: this.#components.swarmId }
      })
    } catch (error) {
      this.#depart(attendance, messageOf(error))
      throw error
    }
    this.#arrivalsChanged = true
    this.#publishRoster()
    if (this.#boundWatch !== undefined) {
      sendCatalog(session, this.#roster.catalog)
    }
    if (this.#farewell !== undefined) {
      await session.send(this.#farewell)
    }
    this.#save()
    return attendance
  }

  /** Shows what has been published so far to a peer that takes no place. */
  async #show(session: CoordinatorSession, { name, version }: Join): Promise<void> {
    const peer = printable(name)
    const refusal = versionRefusal(version)
    if (refusal !== undefined) {
      await this.#refuse(session, peer, refusal)
      throw new Error(refusal.message)
    }
    this.#events.tell({ event: 'observed', peer, peerId: session.remotePeer })
    const { chunkByteLength, relay } = this.#config
    const { expectedPeers, catalog } = this.#roster
    const { swarmId } = this.#components
    await session.send({ joined: { expectedPeers, chunkByteLength, relay, swarmId, observer: true } })
    await session.send({ arrivals: this.#arrivals })
    sendCatalog(session, catalog)
  }

  async #refuse(session: CoordinatorSession, name: string, { code, message }: RosterRefusal): Promise<void> {
    const refusal = { peer: name, peerId: session.remotePeer, code, message }
    this.#events.tell(...this.#components.refusals.take(refusal, this.#clock.atMs))
    await session.send({ refusal: { code, message } })
  }

  async #receive(
    session: CoordinatorSession,
    attendance: Attendance | undefined,
    message: PeerMessage
  ): Promise<void> {
    if (message.clockProbe !== undefined) {
      const { sentAtMs } = message.clockProbe
      // A peer that is gone by now may have reported before that it is complete: that is read all the same.
      await session.send({ clockReply: { sentAtMs, atMs: this.#clock.atMs } }).catch(() => undefined)
    }
    if (attendance === undefined) {
      return
    }
    const { member } = attendance
    attendance.heardAtMs = this.#clock.atMs
    if (message.manifests !== undefined) {
      await this.#publish(attendance, message.manifests.manifests, message.manifests.last)
    }
    if (message.choice !== undefined) {
      this.#choose(member, message.choice)
    }
    if (message.progress !== undefined) {
      if (this.#roster.progress(member.peerId, message.progress)) {
        this.#save()
      }
      this.#periodicEvents.onProgress()
    }
    if (message.activity !== undefined) {
      this.#periodicEvents.onActivity(member.name, message.activity)
    }
    if (message.capacities !== undefined) {
      const { uplinkBytesPerSecond, downlinkBytesPerSecond } = message.capacities
      const capacities = reportedCapacities(uplinkBytesPerSecond, downlinkBytesPerSecond)
      this.#roster.setCapacities(member.peerId, capacities)
      this.#periodicEvents.onCapacities(member.name, capacities)
      this.#save()
    }
    if (message.fileCompletion !== undefined) {
      this.#completeFile(attendance, message.fileCompletion)
    }
    if (message.peerCompletion !== undefined) {
      this.#complete(attendance, message.peerCompletion)
    }
    if (message.peerShortfall !== undefined) {
      this.#fallShort(attendance, message.peerShortfall)
    }
  }

  async #publish(attendance: Attendance, page: Uint8Array<ArrayBuffer>[], last: boolean): Promise<void> {
    const { member, pages } = attendance
    const late = page.length > 0 ? this.#roster.refusalOfLate(member) : undefined
    if (late !== undefined) {
      return await this.#refuseList(attendance, late)
    }
    try {
      this.#listBudget.add(member.peerId, page)
      const open = (bytes: Uint8Array<ArrayBuffer>) =>
        openManifest(bytes, this.#components.swarmId, verifySignature)
      for (const signed of await Promise.all(page.map(open))) {
        pages.push(signed)
      }
      this.#publishWatch.onManifests(member.peerId, pages.length)
      if (pages.length > MAX_MANIFESTS) {
        throw new Error(`more than ${MAX_MANIFESTS} files; share an archive of them instead`)
      }
    } catch (error) {
      return await this.#refuseList(attendance, { code: 'MANIFESTS_INVALID', message: messageOf(error) })
    }
    if (!last) {
      return
    }
    const manifests = pages.splice(0)
    const isKnown = member.manifests !== undefined
    const refusal = this.#roster.publish(member.peerId, manifests)
    if (refusal !== undefined) {
      return await this.#refuseList(attendance, refusal)
    }
    this.#events.tell({
      event: 'manifests-published',
      peer: member.name,
      ...extentOf(manifests.map(({ manifest }) => manifest))
    })
    if (this.#boundWatch === undefined) {
      this.#publishCatalog()
    } else if (!isKnown) {
      this.#addToCatalog(manifests)
    }
    this.#save()
  }

  async #refuseList({ session, member }: Attendance, refusal: RosterRefusal): Promise<never> {
    await this.#refuse(session, member.name, refusal)
    throw new Error(refusal.message)
  }

  #choose(member: RosterMember, choice: NonNullable<PeerMessage['choice']>): void {
    const isOther = this.#roster.choose(member, choice)
    if (isOther === undefined) {
      throw new ProtocolViolation('it does without files that are not in the catalog')
    }
    if (isOther) {
      this.#boundWatch?.onChoice()
      this.#events.tell(choiceEvent(this.#roster.members, member))
      this.#save()
    }
  }

  #completeFile(attendance: Attendance, completion: FileCompletion): void {
    const { member } = attendance
    const complete = this.#roster.completeFile(member, completion, this.#clock.atMs)
    if (complete !== undefined) {
      attendance.completions++
      if (attendance.completions > this.#roster.entryCount) {
        // Each is an event, and a line of the logs.
        throw new ProtocolViolation('it completed more files than there are')
      }
      this.#progressWatch.onFileComplete(member, attendance.completions, this.#awake.awakeMs)
      const { manifest, elapsedMs } = complete
      const { root: _, ...file } = catalogEntry(manifest)
      this.#events.tell({ event: 'file-complete', peer: member.name, ...file, elapsedMs })
    } else if (this.#boundWatch !== undefined) {
      throw new ProtocolViolation(
        `it completed ${printable(manifestKey(completion))}, which is not in the catalog, or at no time`
      )
    }
    // Before that, a peer may have rejoined a coordinator that was restarted, and know more than it does.
  }

  #complete(
    { member }: Attendance,
    { atMs, entries, progress }: NonNullable<PeerMessage['peerCompletion']>
  ): void {
    if (progress !== undefined) {
      this.#roster.progress(member.peerId, progress)
    }
    if (this.#roster.complete(member.peerId, { atMs, entries }, this.#clock.atMs) === undefined) {
      return
    }
    this.#progressWatch.onComplete(member.peerId)
    const { receivedBytes, sentBytes } = member.progress
    const elapsedMs = (member.completedAtMs ?? 0) - member.registeredAtMs
    this.#save()
    const declinedFiles = declinedFileCount(this.#roster.members, member)
    this.#events.tell({
      event: 'peer-complete',
      peer: member.name,
      elapsedMs,
      receivedBytes,
      sentBytes,
      ...(declinedFiles === 0 ? {} : { declinedFiles })
    })
    this.#endIfComplete()
  }

  /** A member has everything that it can get. The swarm ends once that is so for all, which the next tick notices. */
  #fallShort({ member }: Attendance, reported: NonNullable<PeerMessage['peerShortfall']>): void {
    const { progress, atMs, code } = reported
    if (progress !== undefined) {
      this.#roster.progress(member.peerId, progress)
    }
    const { shortfall } = this.#roster.fallShort(member.peerId, reported) ?? {}
    if (shortfall !== undefined && Number.isFinite(atMs)) {
      const { receivedBytes, sentBytes } = member.progress
      const elapsedMs = believedTime(atMs, member.registeredAtMs, this.#clock.atMs) - member.registeredAtMs
      this.#events.tell({
        event: 'peer-short',
        peer: member.name,
        elapsedMs,
        receivedBytes,
        sentBytes,
        code: code === 'INTEGRITY' ? 'INTEGRITY' : 'DISK',
        ...shortfall
      })
    }
  }

  #depart(attendance: Attendance | undefined, ending: string): void {
    if (attendance === undefined || !this.#attendances.leave(attendance)) {
      return
    }
    const { name, peerId } = attendance.member
    this.#awake.onLost(peerId)
    this.#roster.leave(peerId, this.#clock.atMs)
    this.#arrivalsChanged = true
    const isGone = !this.#roster.has(peerId)
    if (isGone || attendance.member.manifests === undefined) {
      this.#listBudget.forget(peerId)
    }
    if (!this.#ended && !this.#components.stopping.aborted) {
      this.#events.tell({ event: 'peer-lost', peer: name, message: ending })
      if (isGone) {
        this.#publishWatch.forget(peerId)
        this.#publishRoster()
        this.#endIfComplete()
      }
    }
  }

  #endIfComplete(): void {
    if (this.#roster.phase === 'complete') {
      void this.#end(undefined)
    }
  }

  /** Informs the waiting peers who is here: at most once per interval, because all are informed of each arrival. */
  #tellArrivals(): void {
    if (!this.#arrivalsChanged || this.#roster.phase !== 'joining') {
      return
    }
    this.#arrivalsChanged = false
    this.#attendances.broadcast({ arrivals: this.#arrivals })
  }

  get #arrivals(): Arrivals {
    const names = this.#roster.members.map(({ name }) => name)
    const { expectedPeers } = this.#roster
    return { joined: names.length, expectedPeers, names: names.slice(0, MAX_ARRIVALS_NAMED) }
  }

  /** Sends all members the roster, once all are here and whenever it changes from then on. */
  #publishRoster(): void {
    if (this.#roster.phase === 'joining') {
      return
    }
    const entries = this.#roster.members.map((member) => {
      const { name, peerId, multiaddrs, connected, completedAtMs, leftOut, manifests } = member
      const complete = completedAtMs !== undefined
      const without = leftOut && manifests === undefined ? { leftOut } : {}
      return { name, peerId, multiaddrs, connected, complete, ...without }
    })
    this.#attendances.broadcast({ roster: { members: entries } })
    if (!this.#rosterPublished) {
      this.#rosterPublished = true
      const members = entries.map(({ leftOut: _, ...member }) => member)
      this.#events.tell({ event: 'roster', members })
    }
  }

  /** Sends all members the catalog, once each of them has published, or is left out. */
  #publishCatalog(): void {
    const { phase, catalog } = this.#roster
    if (this.#boundWatch !== undefined || (phase !== 'exchanging' && phase !== 'complete')) {
      return
    }
    this.#roster.catalogAtMs ??= this.#clock.atMs
    this.#boundWatch = new BoundWatch(this.#roster.published, this.#roster.catalogAtMs)
    this.#tellCatalog(catalog)
    this.#attendances.broadcastCatalog(catalog)
  }

  /** A late member has published: the others are no longer complete if it brought anything. */
  #addToCatalog(manifests: readonly SignedManifest[]): void {
    this.#boundWatch?.onLate(this.#roster.published)
    this.#publishRoster()
    if (manifests.length > 0) {
      this.#tellCatalog(manifests, true)
      this.#attendances.broadcastCatalog(manifests)
    }
  }

  #tellCatalog(published: readonly SignedManifest[], added?: true): void {
    const extent = extentOf(this.#roster.catalog.map(({ manifest }) => manifest))
    const files = published.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'file')
    this.#events.tell({
      event: 'catalog',
      ...extent,
      entries: files.map(catalogEntry),
      ...(added && { added })
    })
  }

  /** Reports what has changed, and notices members that are gone. To be called at each interval of progress. */
  tick(): void {
    this.#startInTime()
    this.#tellArrivals()
    const progress = this.#periodicEvents.takeProgress()
    this.#events.tell(...progress)
    if (progress.length > 0) {
      this.#tellBound()
    }
    this.#events.tell(...this.#periodicEvents.takeTransfers(this.#components.relay))
    this.#events.tell(...this.#periodicEvents.takeWaiting(this.#clock.atMs))
    this.#look()
    this.#attendances.hangUpOnTheSilent(this.#clock.atMs)
    this.#leaveOutTheLate()
    const prospects = {
      returnTimeoutMs: this.#config.peerReturnTimeoutMs,
      isStill: (member: RosterMember) => this.#isStill(member),
      sleptMs: this.#awake.sleptMs
    }
    const reason = reasonToGiveUp(this.#roster, prospects, this.#clock.atMs)
    if (reason !== undefined) {
      void this.#end(reason)
    }
  }

  /** Messages that could not arrive while this coordinator slept count against no member. */
  #look(): void {
    const { atMs, unixMs } = this.#clock
    const slept = this.#awake.look({ atMs, unixMs })
    if (slept === undefined) {
      return
    }
    this.#attendances.onAwake(atMs)
    this.#roster.onSlept(slept.steadyMs)
    const seconds = Math.round(slept.sleptMs / 1000)
    this.#events.warn(
      `this coordinator received nothing for ${seconds} s: its machine slept or its process was stopped; peers that left meanwhile return if they need it`
    )
  }

  #isStill(member: RosterMember): boolean {
    const waiting = this.#periodicEvents.waitingOf(member.name)
    const heldUp = waiting === 'no-source' ? undefined : waiting
    return this.#progressWatch.isStill(member, heldUp, this.#awake.awakeMs)
  }

  /** No one waits for ever for a member that publishes nothing valid. */
  #leaveOutTheLate(): void {
    const { phase, unpublished, awaited } = this.#roster
    const areLast = phase === 'exchanging' && awaited.length === unpublished.length
    const late = phase === 'joining' ? [] : this.#publishWatch.late(unpublished, areLast, this.#awake.awakeMs)
    if (late.length === 0) {
      return
    }
    this.#roster.leaveOut(late)
    const names = late.map(({ name }) => name)
    const message = leftOutWarning(names, publishTimeoutOf(this.#config))
    this.#events.warn(message)
    this.#publishRoster()
    this.#publishCatalog()
    this.#save()
    if (this.#roster.published.length === 0) {
      void this.#end(`no peer has published a list of files: ${message}`)
    } else {
      this.#endIfComplete()
    }
  }

  #tellBound(): void {
    const news = this.#boundWatch?.news(this.#roster.members, this.#clock.atMs)
    if (news !== undefined) {
      const { bound, capacities } = news
      const whose = bound.boundPeer === undefined ? {} : { peer: bound.boundPeer }
      this.#events.tell({ event: 'bound', ...whose, ...bound, capacities })
      this.#attendances.broadcast({ bound: { ...bound, efficiency: 0 } })
    }
  }

  #save(): void {
    if (!this.#ended) {
      this.#components.keeper?.save()
    }
  }

  async #end(reason: string | undefined): Promise<void> {
    if (this.#ended) {
      return
    }
    this.#ended = true
    if (reason === undefined) {
      // The last sent bytes are reported with the next progress; the end waits for it, the times do not.
      await this.#clock.until(() => this.#roster.sendsTold, LAST_PROGRESS_MS, this.#components.stopping)
      if (this.#components.stopping.aborted) {
        return
      }
    }
    const { relay } = this.#components
    const relayed = relay === undefined ? {} : { relayedBytes: relay.relayedBytes }
    const init = { roster: this.#roster, boundWatch: this.#boundWatch, reason, ...relayed }
    const { event, farewell, outcome } = endingOf(init, this.#clock.atMs)
    this.tick()
    this.#events.tell(this.#periodicEvents.transfers())
    this.#events.tell(event)
    this.#farewell = farewell
    this.#attendances.broadcast(farewell)
    await this.#components.keeper?.remove()
    // The peers hang up once they know the end.
    await this.#clock.until(
      () => this.#attendances.count === 0,
      FAREWELL_TIMEOUT_MS,
      this.#components.stopping
    )
    if (reason === undefined) {
      this.#completed.resolve(outcome)
    } else {
      this.#completed.reject(new PotluckError('INCOMPLETE', reason))
    }
  }

  async stop(reason: string): Promise<void> {
    await this.#attendances.close(this.#ended ? undefined : reason)
    // If their last messages stayed unread, their connections would break before they learn of it.
    await this.#clock.until(() => this.#attendances.sessions.size === 0, GOODBYE_TIMEOUT_MS)
  }
}

function catalogEntry(manifest: Manifest): CatalogEntry {
  const { origin, byteLength, md5, root } = manifest
  return { file: manifestKey(manifest), origin, byteLength, md5, root }
}
