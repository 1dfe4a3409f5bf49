/**
 * A peer's run, from its registration to its end: it takes the roster and the catalog, has what is missing fetched,
 * reports when it has everything that it can get, and knows how the run ended.
 */
import type { Connection } from '@libp2p/interface'
import { Bitfield } from '../core/bitfield.ts'
import { chunkCountOf, heldBytesOf } from '../core/chunks.ts'
import { PotluckError } from '../core/errors.ts'
import { manifestKey, printable } from '../core/names.ts'
import { named } from '../core/units.ts'
import type { EngineOptions } from '../engine/options.ts'
import { SwarmState } from '../engine/swarm-state.ts'
import type {
  FetchQuestion,
  KnownBound,
  MissingFile,
  PeerEvent,
  SwarmOutcome,
  WithoutFiles
} from '../events/peer.ts'
import type { Unstamped } from '../events/stream.ts'
import {
  MAX_MANIFESTS,
  MAX_SHORTFALL_LENGTH,
  type Member,
  openBound,
  type SwarmEnd
} from '../protocols/coordination/index.ts'
import { catalogProblem, extentOf, type Manifest } from '../protocols/manifest/index.ts'
import type { ContentState, Store, StoreListener } from '../store/store.ts'
import { Catalog } from './catalog.ts'
import { Endings } from './endings.ts'
import { Exchange, type ExchangeContent, type ExchangeLimits } from './exchange/exchange.ts'
import type { Host } from './host/host.ts'
import type { PeerDoor } from './host/peer-door.ts'
import { LeftOut } from './left-out.ts'
import type { CoordinatorLink } from './link/coordinator-link.ts'
import type { Mesh } from './mesh/mesh.ts'
import { Outlook } from './outlook.ts'
import { questionOf } from './question.ts'
import { Reporting } from './reporting.ts'
import type { RunClock } from './run-clock.ts'
import { Shortfalls } from './shortfalls.ts'

export interface PeerRunListener {
  /**
   * The swarm has ended and this peer has everything, unless the final check of its files, which follows, finds
   * otherwise.
   */
  onEnding(outcome: Promise<SwarmOutcome>): void
  /** It has ended, and this peer does not have everything. */
  onShort(error: PotluckError): void
  /** Something failed: the run cannot go on. Returns the error to show to people. */
  onFatal(error: unknown): PotluckError
}

/** How a person is asked. */
export interface Asking {
  /** Bytes: they are asked about more than that, or more than the disk has room for. */
  above: number
  freeBytes(): Promise<number | undefined>
  /** @returns whether to fetch; rejects when it is aborted */
  ask(question: FetchQuestion, signal: AbortSignal): Promise<boolean>
}

export interface PeerRunInit {
  /** What the others call this peer. */
  name: string
  peerReturnTimeoutMs: number
  host: Host
  door: PeerDoor
  mesh: Mesh
  link: CoordinatorLink
  clock: RunClock
  engineOptions: Partial<EngineOptions> | undefined
  /** Whether to fetch an entry of another peer. */
  chooses(manifest: Manifest): boolean
  /** Where a person can be asked before much is fetched. */
  asking: Asking | undefined
  random(): number
  emit(event: Unstamped<PeerEvent>): void
  listener: PeerRunListener
}

export class PeerRun {
  readonly reporting: Reporting
  readonly #init: PeerRunInit
  readonly #state: SwarmState
  readonly #catalog: Catalog
  readonly #members = new Map<string, Member>()
  readonly #leftOut: LeftOut
  readonly #endings: Endings
  readonly #shortfalls = new Shortfalls()
  #store: Store | undefined
  #exchange: Exchange | undefined
  #exchangeStarted: Promise<void> | undefined
  #outlook: Outlook | undefined
  #chunkByteLength: number | undefined
  #catalogKnown = false
  /** Files of others that this peer does without. */
  #declined = { files: 0, byteLength: 0 }
  /** How many of the complete files this run did not read. */
  #checkedEarlier = 0
  #confirming = false
  /** Catalogs that are being taken: what is missing is not known meanwhile. */
  #takenCatalogs = 0
  /** Since when it has everything that it can get, on this peer's own clock. */
  #doneAtMs: number | undefined
  #ended = false
  #stopped = false
  readonly #stopping = new AbortController()
  /** A person was asked whether to fetch. */
  #isAsked = false

  constructor(init: PeerRunInit) {
    this.#init = init
    const { host, random, peerReturnTimeoutMs, chooses } = init
    this.#catalog = new Catalog(chooses)
    this.#leftOut = new LeftOut(host.peerId.toString())
    this.#state = new SwarmState(random)
    this.#endings = new Endings(peerReturnTimeoutMs)
    this.reporting = new Reporting({
      ...init,
      state: this.#state,
      catalog: this.#catalog,
      members: this.#members
    })
  }

  get knowsCatalog(): boolean {
    return this.#catalogKnown
  }

  /** Whether it is known how the run ended. */
  get ended(): boolean {
    return this.#ended
  }

  /** Nothing that happens from now on changes how the run ended. */
  end(): void {
    this.#ended = true
  }

  /** Undefined before the coordinator has registered this peer. */
  get chunkByteLength(): number | undefined {
    return this.#chunkByteLength
  }

  /** The coordinator has registered this peer: it can exchange from now on. */
  begin(store: Store, chunkByteLength: number, limits: ExchangeLimits): void {
    const { host, clock, engineOptions, emit, mesh, listener } = this.#init
    this.#store = store
    this.#chunkByteLength = chunkByteLength
    const exchange = new Exchange({
      host,
      store,
      state: this.#state,
      chunkByteLength,
      limits,
      engineOptions,
      pace: host.services.sendQueues,
      now: () => clock.nowMs,
      emit,
      fileOf: (root) => this.#catalog.fileOf(root),
      nameOf: (peerId) => this.#members.get(peerId)?.name ?? peerId,
      onFatal: (error) => listener.onFatal(error)
    })
    this.#exchange = exchange
    this.#exchangeStarted = exchange.start()
    this.reporting.onExchange(exchange)
    this.#outlook = new Outlook({
      peerId: host.peerId.toString(),
      members: this.#members,
      mesh,
      state: this.#state,
      catalog: this.#catalog,
      exchange
    })
  }

  setLimits(limits: ExchangeLimits): void {
    this.#exchange?.setLimits(limits)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopping.abort()
    await this.#exchange?.stop()
  }

  /** To be called once or twice per second. */
  tick(): void {
    this.reporting.tick()
    this.#exchange?.tick()
    for (const peerId of this.#members.keys()) {
      this.#noteComplete(peerId)
    }
    this.#checkEnding()
  }

  // Messages of the others.

  onConnected(member: Member, connection: Connection): void {
    this.#exchange?.onConnected(member, connection)
  }

  onDisconnected(member: Member): void {
    this.#noteComplete(member.peerId)
    this.#init.emit({ event: 'peer-disconnected', remote: member.name })
    this.#exchange?.onDisconnected(member)
  }

  onRoster(members: readonly Member[]): void {
    const { door, mesh, emit } = this.#init
    const current = members.map((member) => ({ ...member, name: printable(member.name) }))
    const peerIds = new Set(current.map(({ peerId }) => peerId))
    door.setMembers(peerIds)
    for (const member of current) {
      this.#members.set(member.peerId, member)
    }
    this.reporting.onRoster()
    emit({ event: 'roster', members: members.map(({ leftOut: _, ...member }) => member) })
    for (const message of this.#leftOut.take(current)) {
      emit({ event: 'warning', message })
    }
    mesh.setMembers(current)
    for (const peerId of [...this.#members.keys()]) {
      if (!peerIds.has(peerId)) {
        this.#members.delete(peerId)
      }
    }
  }

  /**
   * The whole catalog, or the entries of a late peer.
   *
   * @throws PotluckError INTEGRITY for an impossible catalog, or what the store throws
   */
  async onCatalog(manifests: Manifest[]): Promise<void> {
    this.#takenCatalogs++
    try {
      await this.#exchangeStarted
      this.#checkCatalog(manifests)
      const added = this.#catalog.add(manifests, this.#init.name)
      this.#undo()
      await this.#takeCatalog(added)
    } finally {
      this.#takenCatalogs--
    }
    this.#checkComplete()
  }

  /** If this peer had everything, a late peer has changed that. */
  #undo(): void {
    if (this.#doneAtMs !== undefined && this.#catalog.incomplete > 0) {
      this.#doneAtMs = undefined
      this.reporting.onUndone()
      this.#exchange?.engine.setDone(false)
    }
  }

  async #takeCatalog(added: Manifest[]): Promise<void> {
    const { name, emit } = this.#init
    const foreign = added.filter(({ origin }) => origin !== name)
    const isDeclined = (manifest: Manifest): boolean => this.#catalog.declines(manifest)
    const declined = foreign.filter(isDeclined)
    const contents =
      (await this.#store?.adopt(
        foreign.filter((manifest) => !isDeclined(manifest)),
        declined
      )) ?? []
    if (this.#stopped) {
      return
    }
    const question = await this.#questionAbout(contents)
    if (this.#stopped) {
      return
    }
    this.reporting.isAsking ||= question !== undefined
    this.#exchange?.begin(this.#contentsWith(contents), this.#members.size - 1)
    if (added.length > 0) {
      this.#outlook?.onGrowth()
    }
    this.#catalogKnown = true
    const { totalBytes, heldBytes } = this.reporting.progress
    this.#declined = extentOf(this.#catalog.entries.filter(isDeclined))
    emit({
      event: 'catalog',
      ...extentOf(this.#catalog.entries),
      missingFiles: this.#catalog.incomplete,
      missingBytes: totalBytes - heldBytes,
      missing: this.#missingFiles(),
      ...(this.#declined.files === 0 ? {} : { declined: this.#declined })
    })
    this.#tellChoice()
    this.reporting.onCatalog()
    this.tellCompletion()
    if (question !== undefined) {
      void this.#ask(question)
    }
  }

  /** What a person is to be asked, once in a run. */
  async #questionAbout(contents: readonly ContentState[]): Promise<FetchQuestion | undefined> {
    const { asking, name } = this.#init
    const chunkByteLength = this.#chunkByteLength
    if (asking === undefined || this.#isAsked || chunkByteLength === undefined) {
      return undefined
    }
    const freeBytes = await asking.freeBytes()
    const { above: askAbove } = asking
    const question = questionOf({
      catalog: this.#catalog,
      contents,
      chunkByteLength,
      name,
      askAbove,
      freeBytes
    })
    this.#isAsked ||= question !== undefined
    return question
  }

  /** Until the answer this peer serves, and does without what it may fetch: nobody plans for it to take that. */
  async #ask(question: FetchQuestion): Promise<void> {
    const { asking, clock, emit, listener } = this.#init
    emit({ event: 'asking', ...question })
    let isWanted: boolean | undefined
    try {
      isWanted = await asking?.ask(question, this.#stopping.signal)
    } catch (error) {
      if (!this.#stopped) {
        listener.onFatal(error)
      }
    }
    if (this.#stopped || isWanted === undefined) {
      return
    }
    if (!isWanted) {
      const message =
        'nothing was fetched, as you answered. To fetch a part, start this peer again with --only or --except'
      listener.onFatal(new PotluckError('INTERRUPTED', message))
      return
    }
    this.reporting.isAsking = false
    const roots = [...this.#state.contents()].map(({ root }) => root)
    this.#exchange?.engine.want(
      roots.filter((root) => !this.#catalog.declinesContent(root)),
      clock.nowMs
    )
  }

  /**
   * The states of the catalog's contents in the store, and contents that are not in it because this peer does without
   * them.
   */
  #contentsWith(stored: readonly ContentState[]): ExchangeContent[] {
    const roots = new Set(stored.map(({ root }) => root))
    const declined = this.#catalog.declinedContents
      .filter(({ root }) => !roots.has(root))
      .map(({ root, byteLength, ...extent }) => ({
        root,
        key: root,
        byteLength,
        held: new Bitfield(chunkCountOf({ byteLength, ...extent })).toBytes(),
        digestsKnown: false,
        wanted: false
      }))
    // If a catalog lacks this peer's own files, no one is waiting for them.
    return [...stored.filter(({ root }) => this.#catalog.has(root)), ...declined].map((content) => ({
      ...content,
      origin: this.#catalog.onlyOriginIdOf(content.root),
      declined: this.reporting.isAsking || this.#catalog.declinesContent(content.root)
    }))
  }

  /**
   * Tells the coordinator what this peer does without; also if that is nothing, because the choice may have been
   * another one before.
   */
  #tellChoice(): void {
    const declined = [...this.#catalog.choice].map(([origin, entries]) => ({
      origin,
      entries: entries.toBytes()
    }))
    this.#init.link.tell({ choice: { declined } })
  }

  #checkCatalog(manifests: Manifest[]): void {
    // Each list of a late peer is limited. Their number is not, if the coordinator cannot be trusted.
    const problem = catalogProblem([...this.#catalog.entries, ...manifests], MAX_MANIFESTS)
    if (problem !== undefined) {
      throw new PotluckError(
        'INTEGRITY',
        `the catalog cannot be stored: ${problem}; ask its origin to mend it`
      )
    }
    const odd = manifests.find(
      ({ kind, chunkByteLength }) => kind === 'file' && chunkByteLength !== this.#chunkByteLength
    )
    if (odd !== undefined) {
      throw new PotluckError(
        'INTEGRITY',
        `the coordinator sent ${printable(manifestKey(odd))} in chunks of ${odd.chunkByteLength} bytes instead of ${this.#chunkByteLength}; do not trust that coordinator; start a new swarm with another one`
      )
    }
  }

  #missingFiles(): MissingFile[] {
    return [...this.#state.contents()]
      .filter(({ held, root }) => !held.complete && !this.#catalog.declinesContent(root))
      .map((content) => ({
        file: this.#catalog.fileOf(content.root),
        byteLength: content.byteLength,
        heldBytes: heldBytesOf(content, content.held)
      }))
  }

  /** @param alone given if this peer says so itself, without a coordinator */
  onEnd({ complete, results, reason, bound: told, ...end }: SwarmEnd, alone?: true): void {
    if (this.#ended) {
      return
    }
    this.#ended = true
    const { emit, listener } = this.#init
    const table = results.map(({ name, ...times }) => ({ ...times, name: printable(name) }))
    const { makespanMs, exchangeMs } = end
    const times = exchangeMs === undefined ? { makespanMs } : { makespanMs, exchangeMs }
    const bound: KnownBound = (told && openBound(told)) ?? {}
    const { names } = this.#leftOut
    const without: WithoutFiles = names.length === 0 ? {} : { leftOut: [...names] }
    if (complete) {
      const known = alone === undefined ? {} : { alone }
      emit({ event: 'swarm-complete', ...times, results: table, ...bound, ...known, ...without })
    } else {
      emit({ event: 'swarm-incomplete', reason: printable(reason), results: table, ...without })
    }
    const isShort = this.#shortfalls.count > 0
    if (this.#doneAtMs !== undefined && !isShort) {
      listener.onEnding(this.#confirmed({ complete, ...times, results: table, ...bound }))
    } else if (this.#doneAtMs !== undefined) {
      listener.onShort(this.#shortfalls.error())
    } else {
      const why = complete ? 'it counts this peer as complete' : printable(reason)
      listener.onShort(
        this.#withShortfalls(new PotluckError('INCOMPLETE', `the coordinator ended the swarm: ${why}`))
      )
    }
  }

  /** The outcome, if the files are still as this peer reported. @throws PotluckError if they are not */
  async #confirmed(outcome: SwarmOutcome): Promise<SwarmOutcome> {
    const { listener } = this.#init
    let lost: string[]
    try {
      lost = await this.#lostFiles()
    } catch (error) {
      throw error instanceof PotluckError ? error : listener.onFatal(error)
    }
    if (lost.length > 0) {
      const files = named(lost.map(printable))
      const message = `another program changed or removed ${files} after this peer had received it. Start a new swarm to fetch it again; a changed file is kept under another name`
      const error = new PotluckError('DISK', message)
      listener.onShort(error)
      throw error
    }
    return outcome
  }

  // Reports of the store.

  onFileComplete(...[manifest, local, checkedAtMs]: Parameters<StoreListener['onFileComplete']>): void {
    if (!this.#catalog.complete(manifest)) {
      return
    }
    if (this.#catalog.isParent(manifest)) {
      // It is there with the first of its files, which is reported.
      this.#checkComplete()
      return
    }
    const { clock, link, emit } = this.#init
    const { origin, path, byteLength, md5 } = manifest
    const file = manifestKey(manifest)
    const checked = checkedAtMs === undefined ? {} : { checkedAtMs }
    this.#checkedEarlier += checkedAtMs === undefined ? 0 : 1
    emit({
      event: 'file-complete',
      file,
      origin,
      byteLength,
      md5,
      elapsedMs: clock.elapsedMs,
      local,
      ...checked
    })
    if (!this.#catalog.wasReopened(manifest)) {
      link.tell({ fileCompletion: { origin, path, atMs: clock.atMs } })
    }
    this.#checkComplete()
  }

  /** The run goes on without the entry: it serves the others, and ends with an error that names it. */
  onEntryFailed(manifest: Manifest, error: PotluckError): void {
    if (!this.#catalog.fail(manifest)) {
      return
    }
    const { origin, root } = manifest
    const { code, message } = error
    const file = manifestKey(manifest)
    this.#shortfalls.add(file, error)
    this.#init.emit({ event: 'file-failed', file, origin, code, message })
    if (!this.#catalog.wants(root)) {
      this.#state.giveUp(root)
    }
    this.#checkComplete()
  }

  onFileLost(manifest: Manifest): void {
    if (this.#catalog.reopen(manifest)) {
      const { byteLength } = manifest
      this.#init.emit({ event: 'file-lost', file: manifestKey(manifest), byteLength })
    }
  }

  onChunksHeld(root: string, chunkIndices: readonly number[]): void {
    this.#exchange?.engine.chunksHeld(root, chunkIndices)
  }

  onChunkLost(root: string, chunkIndex: number): void {
    this.#exchange?.onChunkLost(root, chunkIndex)
  }

  onContentLost(root: string): void {
    this.#exchange?.onContentLost(root)
  }

  // When nothing more is expected here.

  /** Before this peer says that it has everything, its files are checked once more. */
  #checkComplete(): void {
    if (!this.#hasAll || this.#confirming) {
      return
    }
    this.#confirming = true
    this.#lostFiles().then(
      () => {
        this.#confirming = false
        if (this.#hasAll) {
          this.#done()
        }
      },
      (error) => this.#init.listener.onFatal(error)
    )
  }

  get #hasAll(): boolean {
    const isKnown = this.#catalogKnown && this.#takenCatalogs === 0
    return isKnown && this.#catalog.incomplete === 0 && this.#doneAtMs === undefined
  }

  /** By name, files that were complete and no longer are as published. */
  async #lostFiles(): Promise<string[]> {
    const lost = (await this.#store?.confirm()) ?? []
    return lost.filter((manifest) => this.#catalog.wasReopened(manifest)).map(manifestKey)
  }

  #done(): void {
    const { clock, emit } = this.#init
    this.#doneAtMs = clock.nowMs
    this.reporting.onDone()
    const { receivedBytes, sentBytes } = this.reporting.progress
    const end = { elapsedMs: clock.elapsedMs, receivedBytes, sentBytes }
    const checked = this.#checkedEarlier === 0 ? {} : { checkedEarlier: this.#checkedEarlier }
    const { files: declinedFiles } = this.#declined
    const without = declinedFiles === 0 ? {} : { declinedFiles }
    const { count: files, code, message } = this.#shortfalls
    emit(
      files === 0
        ? { event: 'peer-complete', ...end, ...without, ...checked }
        : { event: 'peer-short', ...end, files, code, message }
    )
    this.tellCompletion()
    this.#exchange?.engine.setDone(true)
  }

  /** Tells the coordinator that nothing more is expected here: when that becomes true, and again after a rejoin. */
  tellCompletion(): void {
    if (this.#doneAtMs === undefined) {
      return
    }
    const { clock, link } = this.#init
    const done = {
      atMs: clock.swarmTime(this.#doneAtMs),
      progress: this.reporting.toldProgress,
      entries: this.#catalog.size
    }
    const { count: files, code, message } = this.#shortfalls
    link.tell(
      files === 0
        ? { peerCompletion: done }
        : { peerShortfall: { ...done, files, code, message: message.slice(0, MAX_SHORTFALL_LENGTH) } }
    )
  }

  #noteComplete(peerId: string): void {
    if (this.#catalogKnown) {
      this.#outlook?.noteComplete(peerId, this.#doneAtMs !== undefined)
    }
  }

  #checkEnding(): void {
    const { link, clock, listener } = this.#init
    const outlook = this.#outlook
    if (outlook === undefined) {
      return
    }
    const doneAlone = this.#doneAtMs !== undefined && !link.connected && !this.#ended
    // A complete file that is lost keeps this peer from ending well, but not from serving.
    const serves = this.#doneAtMs === undefined ? {} : { stuck: false, hopeless: false, stillMs: 0 }
    const ending = this.#endings.judge({ ...outlook.situation, ...serves, doneAlone }, clock.nowMs)
    if (ending.kind === 'incomplete') {
      listener.onFatal(this.#withShortfalls(outlook.incompleteError(ending.silent)))
    } else if (ending.kind === 'leave') {
      this.#leave(ending.missing)
    }
  }

  #withShortfalls(error: PotluckError): PotluckError {
    return this.#shortfalls.count > 0 ? this.#shortfalls.error(error) : error
  }

  /** Ends the run as done, without a coordinator that would say so; the times are this peer's own. */
  #leave(missing: string[]): void {
    const { name, clock } = this.#init
    const registeredAtMs = clock.swarmTime(clock.registeredAtMs)
    const completedAtMs = clock.swarmTime(this.#doneAtMs ?? 0)
    const end = {
      complete: missing.length === 0,
      makespanMs: completedAtMs - registeredAtMs,
      results: [{ name, registeredAtMs, completedAtMs, ...this.reporting.progress }],
      reason: `the coordinator is gone, and ${missing.join(', ')} did not get everything`
    }
    this.onEnd(end, true)
  }
}
