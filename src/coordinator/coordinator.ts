/**
 * The coordinator: admits peers, publishes the roster and the catalog, keeps the swarm clock, and says when all is
 * done. File bytes pass through it only as its relay, between peers that cannot reach each other, and only if told so.
 */
import type { Libp2p } from '@libp2p/interface'
import type { CatalogEntry, CoordinatorEvent } from '../events/coordinator.ts'
import type { KnownBound, SwarmOutcome } from '../events/peer.ts'
import { EventStream, type Onlooker, type Unstamped } from '../events/stream.ts'
import type { AdmissionRefusal, AdmissionService } from '../protocols/admission/index.ts'
import {
  CoordinationService,
  type CoordinatorMessage,
  type CoordinatorSession,
  type FileCompletion,
  JOIN_TIMEOUT_MS,
  type Join,
  MAX_MANIFESTS,
  manifestPages,
  type PeerMessage,
  PROGRESS_INTERVAL_MS,
  SILENCE_TIMEOUT_MS,
  type ToldCapacities,
  toldCapacities
} from '../protocols/coordination/index.ts'
import { messageOf, PotluckError } from '../protocols/errors.ts'
import { addressesToInvite, writeInvitation } from '../protocols/invitation.ts'
import { extentOf } from '../protocols/manifest/catalog.ts'
import { type Manifest, manifestKey, openManifest, type SignedManifest } from '../protocols/manifest/index.ts'
import { printable } from '../protocols/names.ts'
import { RelayService } from '../protocols/relay/index.ts'
import { UplinkTestService } from '../protocols/uplink-test/index.ts'
import { ProtocolViolation } from '../protocols/wire.ts'
import { Activities } from './activities.ts'
import { BoundWatch } from './bound-watch.ts'
import type { CoordinatorConfig } from './config.ts'
import { Roster, type RosterMember, type RosterRefusal } from './roster.ts'
import type { SavedSwarm } from './saved-swarm.ts'
import type { StateFile } from './state-file.ts'

/** How long the peers get to read how it ended, and to hang up themselves. */
const FAREWELL_TIMEOUT_MS = 5000

/** How long those who are told that it stops get to hang up. */
const GOODBYE_TIMEOUT_MS = 500

/** One interval of progress, and its way here. */
const LAST_PROGRESS_MS = PROGRESS_INTERVAL_MS + 100

const LOOK_INTERVAL_MS = 20

/** Others decide how many are refused: more than so many a minute are not told one by one. */
const MAX_REFUSALS_TOLD = 60
const MINUTE_MS = 60_000

/** So long the peers of a swarm that was complete when it was carried on get to come back and hear so. */
const RETURN_MS = 15_000

export interface CoordinatorComponents {
  /** Not started; the coordinator starts and stops it. */
  host: Libp2p
  /** The host's door. */
  admission: AdmissionService
  /** Whether everybody who can reach it may take part, as its configuration says. */
  isOpen: boolean
  /** What manifests are signed for, so that those of another swarm are of no use in this one. */
  swarmId: Uint8Array<ArrayBuffer>
  /** What those whom it invites prove that they have; undefined: nothing. */
  invitationKey: Uint8Array | undefined
  /** Where an unfinished swarm is kept, the one that is carried on from there, and this coordinator's keys for it. */
  keeping?: Keeping | undefined
  /** Started before it listens, and stopped last. */
  onlooker?: Onlooker<CoordinatorEvent> | undefined
  /** Milliseconds on any steady clock. */
  now(): number
  /** Milliseconds of the system's clock. */
  unixMs(): number
}

interface Keeping extends Pick<SavedSwarm, 'privateKey' | 'runSecret'> {
  file: StateFile
  carriedOn: SavedSwarm | undefined
}

/** A session from its join on. */
interface Attendance {
  session: CoordinatorSession
  member: RosterMember
  /** Manifests that came in pages not yet closed. */
  pages: SignedManifest[]
  /** How many entries of the catalog it told that it has. */
  completions: number
  /** When its last message came; swarm clock. */
  heardAtMs: number
}

export class Coordinator {
  readonly events = new EventStream<CoordinatorEvent>()
  readonly #config: CoordinatorConfig
  readonly #host: Libp2p
  readonly #admission: AdmissionService
  readonly #isOpen: boolean
  readonly #coordination: CoordinationService
  readonly #uplinkTests: UplinkTestService
  readonly #relay: RelayService | undefined
  readonly #now: () => number
  readonly #startedAtMs: number
  readonly #roster: Roster
  readonly #swarmId: Uint8Array<ArrayBuffer>
  readonly #invitationKey: Uint8Array | undefined
  readonly #keeping: Keeping | undefined
  readonly #onlooker: CoordinatorComponents['onlooker']
  readonly #clockZeroUnixMs: number
  readonly #sessions = new Set<CoordinatorSession>()
  readonly #attendances = new Map<string, Attendance>()
  readonly #completed = Promise.withResolvers<SwarmOutcome>()
  #listened = false
  #rosterPublished = false
  /** Since the catalog is published. */
  #boundWatch: BoundWatch | undefined
  #progressChanged = false
  readonly #activities = new Activities()
  /** By name, what peers have said anew of their lines since the last tick. */
  readonly #changedCapacities = new Map<string, ToldCapacities>()
  #relayedTold = 0
  #unsavedTold = false
  /** Since the minute of the swarm clock began. */
  #refusals = { minute: 0, count: 0 }
  #ended = false
  /** How it ended, for all who are connected and who come back. */
  #farewell: Partial<CoordinatorMessage> | undefined
  #starting: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(config: CoordinatorConfig, components: CoordinatorComponents) {
    const { host, admission, isOpen, swarmId, invitationKey, keeping, onlooker, now, unixMs } = components
    // Before anybody has joined, nothing runs that its clock could tell the time of.
    const carriedOn = keeping?.carriedOn?.members.length === 0 ? undefined : keeping?.carriedOn
    this.#config = config
    this.#host = host
    this.#admission = admission
    this.#isOpen = isOpen
    this.#coordination = new CoordinationService({ host })
    this.#now = now
    this.#keeping = keeping
    this.#onlooker = onlooker
    this.#clockZeroUnixMs = carriedOn?.clockZeroUnixMs ?? unixMs()
    // A system's clock that was set back since must not make the swarm's run backwards.
    this.#startedAtMs = now() - Math.max(0, unixMs() - this.#clockZeroUnixMs)
    this.#swarmId = swarmId
    this.#invitationKey = invitationKey
    this.#roster = new Roster(config, carriedOn?.members)
    this.#uplinkTests = new UplinkTestService(host)
    this.#relay = config.relay
      ? new RelayService({
          host,
          isMember: (peerId) => this.#roster.has(peerId),
          unixSeconds: () => Date.now() / 1000
        })
      : undefined
    // Whoever does not ask how it ended is not to be ended by it.
    this.#completed.promise.catch(() => undefined)
  }

  /** Where peers reach it, with its PeerId. */
  get multiaddrs(): string[] {
    return this.#host.getMultiaddrs().map(String)
  }

  /** Whether everybody who can reach it may join. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** What lets others join: for them and nobody else. Once it listens. */
  get invitation(): string {
    return writeInvitation({
      addresses: addressesToInvite(this.#config.announce, this.multiaddrs),
      peerId: this.#host.peerId.toString(),
      key: this.#invitationKey
    })
  }

  /** The swarm clock: ms since this coordinator started. */
  get atMs(): number {
    return this.#now() - this.#startedAtMs
  }

  /** Listens. @throws PotluckError LISTEN_FAILED, or INTERRUPTED when it is stopped meanwhile */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const news = (await this.#onlooker?.start(this.events)) ?? []
    await this.#admission.start({
      host: this.#host,
      onRefused: (refusal) => this.#tellRefused(refusal.peerId, refusal)
    })
    await this.#coordination.start((session) => void this.#attend(session))
    await this.#uplinkTests.start()
    await this.#relay?.start()
    await this.#saveFirst()
    await this.#host.start()
    this.#listened = true
    if (this.#stopped !== undefined) {
      throw new PotluckError('INTERRUPTED', 'the coordinator was stopped while it started')
    }
    this.#timer = setInterval(() => this.#tick(), PROGRESS_INTERVAL_MS)
    const { expectedPeers, chunkByteLength } = this.#config
    this.#emit({
      event: 'started',
      peerId: this.#host.peerId.toString(),
      multiaddrs: this.multiaddrs,
      expectedPeers,
      chunkByteLength,
      clockZeroUnixMs: this.#clockZeroUnixMs
    })
    for (const event of news) {
      this.#emit(event)
    }
    this.#carryOn()
    if (this.#isOpen) {
      const message =
        'there is no secret: whoever can reach these addresses can take part and receive all files'
      this.#emit({ event: 'warning', message })
    }
  }

  /** Takes up a swarm where an earlier run of this coordinator was cut off. */
  #carryOn(): void {
    if (this.#keeping?.carriedOn === undefined) {
      return
    }
    const { members } = this.#roster
    const complete = members.filter(({ completedAtMs }) => completedAtMs !== undefined).length
    this.#emit({ event: 'carried-on', file: this.#keeping.file.path, peers: members.length, complete })
    this.#publishRoster()
    this.#publishCatalog()
    if (this.#roster.phase === 'complete') {
      const isOver = (): boolean => this.#attendances.size === members.length
      void this.#until(isOver, RETURN_MS).then(() => {
        if (this.#roster.phase === 'complete' && this.#stopped === undefined) {
          void this.#end(undefined)
        }
      })
    }
  }

  /** Whoever is invited from the start on is to find this coordinator again, should it be killed. */
  async #saveFirst(): Promise<void> {
    try {
      await this.#keeping?.file.saveFirst(this.#saved(this.#keeping))
    } catch (error) {
      this.#tellUnsaved(messageOf(error))
    }
  }

  /** Has the swarm written down. */
  #save(): void {
    const keeping = this.#keeping
    if (keeping === undefined || this.#ended || this.#roster.phase === 'joining') {
      return
    }
    keeping.file.save(
      () => this.#saved(keeping),
      (message) => this.#tellUnsaved(message)
    )
  }

  /** Before all its peers have joined there is nothing to carry on but who this coordinator is, and whom it invited. */
  #saved({ privateKey, runSecret }: Keeping): SavedSwarm {
    const { expectedPeers, chunkByteLength } = this.#config
    const { phase, members } = this.#roster
    return {
      clockZeroUnixMs: this.#clockZeroUnixMs,
      swarmId: this.#swarmId,
      expectedPeers,
      chunkByteLength,
      privateKey,
      runSecret,
      members: phase === 'joining' ? [] : members
    }
  }

  #tellRefused(
    peer: string,
    refusal: AdmissionRefusal | (RosterRefusal & Pick<AdmissionRefusal, 'peerId'>)
  ): void {
    const minute = Math.floor(this.atMs / MINUTE_MS)
    const count = minute === this.#refusals.minute ? this.#refusals.count + 1 : 1
    this.#refusals = { minute, count }
    if (count <= MAX_REFUSALS_TOLD) {
      this.#emit({ event: 'refused', peer, ...refusal })
    } else if (count === MAX_REFUSALS_TOLD + 1) {
      const message = `${MAX_REFUSALS_TOLD} connections were refused within a minute; further ones of this minute are not told`
      this.#emit({ event: 'warning', message })
    }
  }

  #tellUnsaved(message: string): void {
    if (!this.#unsavedTold) {
      this.#unsavedTold = true
      this.#emit({
        event: 'warning',
        message: `this swarm cannot be written down (${message}): should the coordinator be killed, it starts from nothing; name another file with "stateFile"`
      })
    }
  }

  /** How the swarm ended. Rejects with PotluckError INTERRUPTED when it was stopped before. */
  completed(): Promise<SwarmOutcome> {
    return this.#completed.promise
  }

  /** Says goodbye to the peers and leaves nothing open. */
  stop(reason = 'the coordinator was stopped'): Promise<void> {
    this.#stopped ??= this.#stop(reason).finally(() => this.#onlooker?.stop())
    return this.#stopped
  }

  async #stop(reason: string): Promise<void> {
    await this.#starting?.catch(() => undefined)
    clearInterval(this.#timer)
    this.#completed.reject(new PotluckError('INTERRUPTED', reason))
    await this.#admission.stop()
    await this.#coordination.stop()
    await this.#uplinkTests.stop()
    await this.#relay?.stop()
    await Promise.all(
      [...this.#sessions].map(async (session) => {
        if (!this.#ended) {
          await session.send({ leave: { reason } }, AbortSignal.timeout(500)).catch(() => undefined)
        }
        await session.close()
      })
    )
    // With what they were about to say unread, their connections would break before they hear of it.
    await this.#until(
      () => this.#sessions.size === 0,
      GOODBYE_TIMEOUT_MS,
      () => true
    )
    await this.#host.stop()
    // One that could not even listen leaves what is there to the one that can.
    if (this.#listened || this.#keeping?.carriedOn === undefined) {
      await this.#keeping?.file.remove().catch((error: Error) => this.#tellUnsaved(error.message))
    }
    this.#emit({ event: 'stopped', reason })
  }

  async #attend(session: CoordinatorSession): Promise<void> {
    this.#sessions.add(session)
    const deadline = setTimeout(
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
      this.#sessions.delete(session)
      this.#depart(attendance, ending)
    }
  }

  async #join(session: CoordinatorSession, join: Join): Promise<Attendance | undefined> {
    const peerId = session.remotePeer
    const outcome = this.#roster.join({ ...join, peerId }, this.atMs)
    if ('code' in outcome) {
      await this.#refuse(session, printable(join.name), outcome)
      return undefined
    }
    const { member, rejoined } = outcome
    this.#attendances.get(peerId)?.session.abort(new Error('the peer came back on another connection'))
    const attendance: Attendance = { session, member, pages: [], completions: 0, heardAtMs: this.atMs }
    this.#attendances.set(peerId, attendance)
    const { expectedPeers, chunkByteLength, relay } = this.#config
    this.#emit({
      event: 'registered',
      peer: member.name,
      peerId,
      multiaddrs: member.multiaddrs,
      joined: this.#roster.members.length,
      expectedPeers,
      rejoined
    })
    try {
      await session.send({
        joined: { expectedPeers, chunkByteLength, relay, swarmId: this.#swarmId }
      })
    } catch (error) {
      this.#depart(attendance, messageOf(error))
      throw error
    }
    this.#publishRoster()
    if (this.#boundWatch !== undefined) {
      this.#sendCatalog(attendance)
    }
    if (this.#farewell !== undefined) {
      await session.send(this.#farewell)
    }
    this.#save()
    return attendance
  }

  async #refuse(session: CoordinatorSession, name: string, { code, message }: RosterRefusal): Promise<void> {
    this.#tellRefused(name, { peerId: session.remotePeer, code, message })
    await session.send({ refusal: { code, message } })
  }

  async #receive(
    session: CoordinatorSession,
    attendance: Attendance | undefined,
    message: PeerMessage
  ): Promise<void> {
    if (message.clockProbe !== undefined) {
      const { sentAtMs } = message.clockProbe
      await session.send({ clockReply: { sentAtMs, atMs: this.atMs } })
    }
    if (attendance === undefined) {
      return
    }
    const { member } = attendance
    attendance.heardAtMs = this.atMs
    if (message.manifests !== undefined) {
      await this.#publish(attendance, message.manifests.manifests, message.manifests.last)
    }
    if (message.progress !== undefined) {
      if (this.#roster.progress(member.peerId, message.progress)) {
        this.#save()
      }
      this.#progressChanged = true
    }
    if (message.activity !== undefined) {
      this.#activities.take(
        member.name,
        message.activity,
        (name) => this.#roster.hasName(name),
        (root) => this.#roster.byteLengthOf(root)
      )
    }
    if (message.capacities !== undefined) {
      const { uplinkBytesPerSecond, downlinkBytesPerSecond } = message.capacities
      const told = toldCapacities(uplinkBytesPerSecond, downlinkBytesPerSecond)
      this.#roster.setCapacities(member.peerId, told)
      this.#changedCapacities.set(member.name, told)
      this.#progressChanged = true
      this.#save()
    }
    if (message.fileCompletion !== undefined) {
      this.#completeFile(attendance, message.fileCompletion)
    }
    if (message.peerCompletion !== undefined) {
      this.#complete(attendance, message.peerCompletion.atMs, message.peerCompletion.progress)
    }
  }

  async #publish(attendance: Attendance, page: Uint8Array<ArrayBuffer>[], last: boolean): Promise<void> {
    const { session, member, pages } = attendance
    try {
      for (const bytes of page) {
        pages.push(await openManifest(bytes, this.#swarmId))
      }
      if (pages.length > MAX_MANIFESTS) {
        throw new Error(`more than ${MAX_MANIFESTS} files; share an archive of them instead`)
      }
    } catch (error) {
      const refusal = { code: 'MANIFESTS_INVALID' as const, message: messageOf(error) }
      await this.#refuse(session, member.name, refusal)
      throw error
    }
    if (!last) {
      return
    }
    const manifests = pages.splice(0)
    const refusal = this.#roster.publish(member.peerId, manifests)
    if (refusal !== undefined) {
      await this.#refuse(session, member.name, refusal)
      throw new Error(refusal.message)
    }
    this.#emit({
      event: 'manifests-published',
      peer: member.name,
      ...extentOf(manifests.map(({ manifest }) => manifest))
    })
    this.#publishCatalog()
    this.#save()
  }

  #completeFile(attendance: Attendance, completion: FileCompletion): void {
    const { member } = attendance
    const complete = this.#roster.completeFile(member, completion, this.atMs)
    if (complete !== undefined) {
      attendance.completions++
      if (attendance.completions > this.#roster.entryCount) {
        // Each is an event, and a line of the logs.
        throw new ProtocolViolation('it completed more files than there are')
      }
      const { manifest, elapsedMs } = complete
      const { origin, byteLength, md5 } = manifest
      const file = manifestKey(manifest)
      this.#emit({ event: 'file-complete', peer: member.name, file, origin, byteLength, md5, elapsedMs })
    } else if (this.#boundWatch !== undefined) {
      throw new ProtocolViolation(
        `it completed ${printable(manifestKey(completion))}, which is not in the catalog, or at no time`
      )
    }
    // Before that, a peer may have rejoined a coordinator that was restarted, and know more than it does.
  }

  #complete(attendance: Attendance, atMs: number, progress: PeerMessage['progress']): void {
    const { member } = attendance
    if (progress !== undefined) {
      this.#roster.progress(member.peerId, progress)
    }
    if (this.#roster.complete(member.peerId, atMs, this.atMs) === undefined) {
      return
    }
    const { receivedBytes, sentBytes } = member.progress
    const elapsedMs = (member.completedAtMs ?? 0) - member.registeredAtMs
    this.#save()
    this.#emit({ event: 'peer-complete', peer: member.name, elapsedMs, receivedBytes, sentBytes })
    if (this.#roster.phase === 'complete') {
      void this.#end(undefined)
    }
  }

  #depart(attendance: Attendance | undefined, ending: string): void {
    if (attendance === undefined || this.#attendances.get(attendance.member.peerId) !== attendance) {
      return
    }
    const { name, peerId } = attendance.member
    this.#attendances.delete(peerId)
    this.#roster.leave(peerId, this.atMs)
    if (!this.#ended && this.#stopped === undefined) {
      this.#emit({ event: 'peer-lost', peer: name, message: ending })
    }
  }

  /** Tells all members who belongs, once all are here and whenever it changes from then on. */
  #publishRoster(): void {
    if (this.#roster.phase === 'joining') {
      return
    }
    const members = this.#roster.members.map(({ name, peerId, multiaddrs, connected, completedAtMs }) => ({
      name,
      peerId,
      multiaddrs,
      connected,
      complete: completedAtMs !== undefined
    }))
    this.#broadcast({ roster: { members } })
    if (!this.#rosterPublished) {
      this.#rosterPublished = true
      this.#emit({ event: 'roster', members })
    }
  }

  /** Tells all members what there is, once every one of them has published. */
  #publishCatalog(): void {
    const { phase, catalog } = this.#roster
    if (this.#boundWatch !== undefined || (phase !== 'exchanging' && phase !== 'complete')) {
      return
    }
    this.#boundWatch = new BoundWatch(this.#roster.members)
    const manifests = catalog.map(({ manifest }) => manifest)
    this.#emit({ event: 'catalog', ...extentOf(manifests), entries: catalogEntries(manifests) })
    for (const attendance of this.#attendances.values()) {
      this.#sendCatalog(attendance)
    }
  }

  #sendCatalog({ session }: Attendance): void {
    const send = async (): Promise<void> => {
      for (const page of manifestPages(this.#roster.catalog)) {
        await session.send({ catalog: page })
      }
    }
    send().catch((error: Error) => session.abort(error))
  }

  #broadcast(message: Partial<CoordinatorMessage>): void {
    for (const { session } of this.#attendances.values()) {
      session.send(message).catch((error: Error) => session.abort(error))
    }
  }

  #tick(): void {
    for (const [peer, capacities] of this.#changedCapacities) {
      this.#emit({ event: 'capacities', peer, ...capacities })
    }
    this.#changedCapacities.clear()
    if (this.#progressChanged) {
      this.#progressChanged = false
      this.#tellProgress()
    }
    this.#tellActivity()
    this.#tellRelayed()
    for (const { session, heardAtMs } of this.#attendances.values()) {
      if (this.atMs - heardAtMs > SILENCE_TIMEOUT_MS) {
        session.hangUp(new Error(`nothing came from it for ${SILENCE_TIMEOUT_MS / 1000} s`))
      }
    }
    this.#giveUpOnTheLost()
  }

  #tellActivity(): void {
    const peers = this.#activities.takeNews()
    if (peers.length > 0) {
      this.#emit({ event: 'activity', peers })
    }
  }

  #tellRelayed(): void {
    const { relayedBytes = 0, connections = 0 } = this.#relay ?? {}
    if (relayedBytes !== this.#relayedTold) {
      this.#relayedTold = relayedBytes
      this.#emit({ event: 'relayed', relayedBytes, connections })
    }
  }

  #tellProgress(): void {
    const { members } = this.#roster
    this.#emit({
      event: 'progress',
      peers: members.map(({ name, connected, completedAtMs, progress }) => ({
        name,
        connected,
        complete: completedAtMs !== undefined,
        ...progress
      }))
    })
    const news = this.#boundWatch?.news(members, this.atMs)
    if (news !== undefined) {
      const { bound, capacities } = news
      this.#emit({ event: 'bound', peer: bound.boundPeer ?? this.#config.name, ...bound, capacities })
      this.#broadcast({ bound: { ...bound, efficiency: 0 } })
    }
  }

  /** Ends the swarm when nobody is left who could still complete: all others have, or are gone for too long. */
  #giveUpOnTheLost(): void {
    const missing = this.#roster.awaited
    const limitMs = this.#config.peerReturnTimeoutMs
    const gone = ({ lostAtMs }: RosterMember): boolean =>
      lostAtMs !== undefined && this.atMs - lostAtMs > limitMs
    if (this.#ended || this.#roster.phase === 'joining' || missing.length === 0 || !missing.every(gone)) {
      return
    }
    const names = missing.map(({ name }) => name).join(', ')
    const seconds = Math.round(limitMs / 1000)
    void this.#end(`${names} did not come back within ${seconds} s and misses files`)
  }

  async #end(reason: string | undefined): Promise<void> {
    if (this.#ended) {
      return
    }
    this.#ended = true
    const complete = reason === undefined
    if (complete) {
      // What was sent last is told with the next progress; the end waits for it, the times do not.
      await this.#until(() => this.#roster.sendsTold, LAST_PROGRESS_MS)
      if (this.#stopped !== undefined) {
        return
      }
    }
    const { results, members } = this.#roster
    const makespanMs = this.#roster.makespanMs(this.atMs)
    const bound: KnownBound = this.#boundWatch?.outcome(members, makespanMs) ?? {}
    this.#tick()
    const relayed = this.#relay === undefined ? {} : { relayedBytes: this.#relay.relayedBytes }
    this.#emit({ event: 'transfers', peers: this.#activities.transfers })
    if (complete) {
      this.#emit({ event: 'swarm-complete', makespanMs, results, ...bound, ...relayed })
    } else {
      this.#emit({ event: 'swarm-incomplete', reason, results, ...relayed })
    }
    const told = bound.boundMs !== undefined && complete ? { bound } : {}
    this.#farewell = { swarmEnd: { complete, makespanMs, results, reason: reason ?? '', ...told } }
    this.#broadcast(this.#farewell)
    // Whatever comes now, this swarm is not to be carried on.
    await this.#keeping?.file.remove().catch((error: Error) => this.#tellUnsaved(error.message))
    // The peers hang up once they know the end.
    await this.#until(() => this.#attendances.size === 0, FAREWELL_TIMEOUT_MS)
    if (complete) {
      this.#completed.resolve({ complete, makespanMs, results, ...bound })
    } else {
      this.#completed.reject(new PotluckError('INCOMPLETE', reason))
    }
  }

  /** Looks every now and then whether it is so, until the time is up or, unless told otherwise, it is stopped. */
  async #until(
    isSo: () => boolean,
    timeoutMs: number,
    goesOn = () => this.#stopped === undefined
  ): Promise<void> {
    const deadlineMs = this.#now() + timeoutMs
    while (!isSo() && this.#now() < deadlineMs && goesOn()) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS))
    }
  }

  #emit(event: Unstamped<CoordinatorEvent> & { peer?: string }): void {
    this.events.emit({ peer: this.#config.name, ...event, atMs: this.atMs })
  }
}

/** The files, as events tell them. */
function catalogEntries(manifests: readonly Manifest[]): CatalogEntry[] {
  return manifests
    .filter(({ kind }) => kind === 'file')
    .map((manifest) => {
      const { origin, byteLength, md5, root } = manifest
      return { file: manifestKey(manifest), origin, byteLength, md5, root }
    })
}
