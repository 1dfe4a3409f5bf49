/**
 * The store on a file system, in the caller's own thread. It has one collection folder: `<origin>/<path>` for complete
 * files, and a private folder for everything else (paths.ts).
 */

import { fdatasync } from 'node:fs'
import { relative } from 'node:path'
import { promisify } from 'node:util'
import { chunkCountOf, DIGEST_BYTE_LENGTH } from '../core/chunks.ts'
import { PotluckError } from '../core/errors.ts'
import { manifestKey, printable } from '../core/names.ts'
import type { PortableNames } from '../core/portable-names.ts'
import { Serial } from '../core/serial.ts'
import { formatBytes } from '../core/units.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import { Restorer } from './attributes.ts'
import { BusyFiles, type BusyFilesInit } from './busy-files.ts'
import { ChunkCache } from './chunk-cache.ts'
import { Completion } from './completion.ts'
import { Contents, falseLengthError } from './contents.ts'
import type { StoreContext } from './context.ts'
import { Descriptors } from './descriptors.ts'
import { DigestCache, type KnownFile } from './digest-cache.ts'
import { digestsMatch, digestsOfOneChunk, isChunk } from './digest-list.ts'
import { diskError, isOfLength, isOfOneFile, isOfQuota, isOfResources, isSystemError } from './disk-errors.ts'
import { synced, syncFolder } from './durable.ts'
import { Entries } from './entries.ts'
import type { RunFiles } from './file-look.ts'
import { type FileSystem, lacksText, probeFileSystem } from './file-system.ts'
import { FolderSyncs } from './folder-syncs.ts'
import { Folders } from './folders.ts'
import { type FreeSpace, findShortage, freeSpaceAt, longestFileAt } from './free-space.ts'
import { LocalFiles } from './local-files.ts'
import { acquireLock, type CollectionLock, ownerFileOf, type TryLock } from './lock.ts'
import { PartKeeper } from './part-keeper.ts'
import { CollectionPaths } from './paths.ts'
import { patiently } from './patiently.ts'
import { PrefixHasher } from './prefix-hasher.ts'
import { Quota } from './quota.ts'
import { Rechecks } from './rechecks.ts'
import { SharedSyncs } from './shared-syncs.ts'
import { hashOwnShares } from './shares.ts'
import {
  type ChunkOutcome,
  ChunkUnreadableError,
  type ContentState,
  type SharedEntry,
  type Store,
  type StoreListener,
  WriteFailedError
} from './store.ts'
import type { Entry, StoredContent } from './stored-content.ts'
import { openSyncAll, type SyncAll } from './sync-all.ts'

/** File systems and accounts have limits from 2 GiB on: a file that may exceed one is made before any of it arrives. */
const LARGE_BYTE_LENGTH = 1024 * 1024 * 1024

export interface FileStoreInit {
  /** The collection folder; made when it does not exist. */
  collection: string
  shares: string[]
  /** Patterns of what to leave out of shared folders; none unless given. */
  exclude?: readonly string[]
  /** What to do about names that not every system can store; `refuse` unless given. */
  portableNames?: PortableNames
  name: string
  /** A sentence about this peer's identity if it is not in the collection. */
  identityNote?: string | undefined
  /** Files of this run, which are not shared whatever their content. */
  runFiles?: RunFiles | undefined
  listener: StoreListener
  /** Whether to read all files again, and believe nothing that an earlier run recorded of them. */
  verify?: boolean
  /** How many recently stored bytes stay in memory, for tests. */
  chunkCacheByteLength?: number
  /** How often states are written, for tests. */
  saveIntervalMs?: number
  /** How long to retry what is busy, and the first pause, for tests. */
  busy?: Pick<BusyFilesInit, 'limitMs' | 'pauseMs' | 'platform'>
  /** Replacements of operating system calls, for tests. */
  system?: Partial<System>
}

export interface System extends FileSystem {
  freeSpace: FreeSpace
  /** How many bytes a file may have at a path, as far as that is known. */
  longestFile(path: string): Promise<number>
  syncData(descriptor: number): Promise<void>
  /** Syncs all of the file system; undefined if it cannot. */
  syncAll: (() => Promise<void>) | undefined
  tryLock: TryLock | undefined
}

const NO_FILES: RunFiles = { keys: [], logs: [] }

export class FileStore implements Store {
  readonly #init: FileStoreInit
  readonly #system: System
  readonly #context: StoreContext
  readonly #lock: CollectionLock
  readonly #syncAll: SyncAll | undefined
  readonly #contents: Contents
  readonly #entries: Entries
  readonly #folders: Folders
  readonly #completion: Completion
  readonly #keeper: PartKeeper
  readonly #rechecks: Rechecks
  readonly #quota = new Quota()
  /** Hashing and adopting, one at a time. */
  readonly #serial = new Serial()
  readonly #abort = new AbortController()
  #closing: Promise<void> | undefined
  #warned = false
  /** The warnings about files that are left out of the shares. */
  readonly #leftOutTold = new Set<string>()

  private constructor(
    init: FileStoreInit,
    paths: CollectionPaths,
    lock: CollectionLock,
    system: System,
    syncAll: SyncAll | undefined
  ) {
    this.#init = init
    this.#system = system
    this.#lock = lock
    this.#syncAll = syncAll
    const { listener, verify = false } = init
    const { signal } = this.#abort
    const warn = (message: string): void => listener.onWarning?.(message)
    const descriptors = new Descriptors()
    const syncs = new SharedSyncs(system.syncAll)
    const context: StoreContext = {
      ...system,
      paths,
      descriptors,
      cache: new DigestCache(paths.hashes, { verify, descriptors, onWarning: warn }),
      chunkCache: new ChunkCache(init.chunkCacheByteLength),
      disk: { hasSpoilt: false },
      prefixHasher: new PrefixHasher(),
      syncData: (descriptor) => syncs.sync(() => synced(system.syncData(descriptor))),
      folderSyncs: new FolderSyncs((path) => syncs.sync(() => syncFolder(path))),
      busy: new BusyFiles({ ...init.busy, signal, onWaiting: warn }),
      restorer: new Restorer({
        ...system,
        keepsPermissions: !system.lacks.has('permissions') && process.platform !== 'win32',
        keepsDates: !system.lacks.has('dates'),
        onWarning: warn
      }),
      listener,
      signal
    }
    this.#context = context
    this.#contents = new Contents({
      ...context,
      onDoubt: (content, path) => this.#rechecks.doubt(content, path)
    })
    this.#entries = new Entries(system.fold)
    this.#folders = new Folders(context)
    this.#completion = new Completion({
      ...context,
      taken: this.#entries.taken,
      onMoved: (from, to) => {
        this.#contents.moveFile(from, to)
        listener.onMovedAside?.(relative(paths.root, from), relative(paths.root, to))
      }
    })
    const { saveIntervalMs } = init
    this.#keeper = new PartKeeper({ ...context, saveIntervalMs, completion: this.#completion })
    this.#rechecks = new Rechecks({
      ...context,
      name: init.name,
      contents: this.#contents,
      completion: this.#completion,
      keeper: this.#keeper
    })
  }

  /** @throws PotluckError COLLECTION_LOCKED, or DISK when the folder cannot be used */
  static async open(init: FileStoreInit): Promise<FileStore> {
    const paths = await CollectionPaths.open(init.collection)
    const lock = await acquireLock(paths.lock, paths.root, init.name, init.system?.tryLock)
    let syncAll: SyncAll | undefined
    try {
      syncAll = openSyncAll(paths.privateFolder)
      const system: System = {
        freeSpace: freeSpaceAt,
        longestFile: longestFileAt,
        syncData: promisify(fdatasync),
        syncAll: syncAll?.sync,
        tryLock: undefined,
        ...probeFileSystem(paths.privateFolder),
        ...init.system
      }
      if (lock.isFile) {
        system.lacks.add('locks')
      }
      return new FileStore(init, paths, lock, system, syncAll)
    } catch (error) {
      syncAll?.close()
      lock.release()
      throw error
    }
  }

  hashShares(chunkByteLength: number): Promise<SharedEntry[]> {
    return this.#exclusively(async () => {
      await this.#warn()
      const shares = await hashOwnShares({
        ...this.#context,
        shares: this.#init.shares,
        exclude: this.#init.exclude ?? [],
        portableNames: this.#init.portableNames ?? 'refuse',
        runFiles: this.#init.runFiles ?? NO_FILES,
        chunkByteLength,
        onLeftOut: (message) => this.#tellLeftOut(message),
        onHashing: (...progress) => this.#init.listener.onHashing(...progress)
      })
      this.#contents.takeShares(shares, chunkByteLength)
      return shares.map(({ entry }) => entry)
    })
  }

  /** Shares are hashed again if the coordinator has chunks of another length. */
  #tellLeftOut(message: string): void {
    if (!this.#leftOutTold.has(message)) {
      this.#leftOutTold.add(message)
      this.#init.listener.onWarning?.(message)
    }
  }

  adopt(manifests: Manifest[], declined: Manifest[] = []): Promise<ContentState[]> {
    return this.#exclusively(async () => {
      const fresh = this.#entries.fresh(manifests.filter(({ origin }) => origin !== this.#init.name))
      const entries = fresh.map((manifest): Entry => ({ manifest, state: 'missing' }))
      const without = declined.map((manifest): Entry => ({ manifest, state: 'declined' }))
      const wanted = await this.#take(entries, without)
      const folders = entries.filter(
        ({ manifest, state }) => manifest.kind === 'folder' && state === 'missing'
      )
      for (const { manifest } of folders) {
        this.#folders.add(manifest)
      }
      for (const folder of folders) {
        await this.#completion.makeFolder(folder, this.#entries.hasInside(folder))
      }
      for (const content of this.#contents.all()) {
        if (wanted.has(content) || content.missing.length > 0) {
          await content.serial.run(() => this.#completeFromHere(content))
          this.#keeper.start(content)
        }
      }
      return this.#contents
        .all()
        .filter(({ isOfUse }) => isOfUse)
        .map(({ state }) => state)
    })
  }

  async digests(...[root, firstChunkIndex, count]: Parameters<Store['digests']>) {
    const first = firstChunkIndex * DIGEST_BYTE_LENGTH
    return this.#contents.get(root)?.digests?.slice(first, first + count * DIGEST_BYTE_LENGTH)
  }

  setDigests(key: string, digests: Uint8Array<ArrayBuffer>): Promise<boolean> {
    return this.#context.busy.outlast(() => this.#setDigests(key, digests))
  }

  async #setDigests(key: string, digests: Uint8Array<ArrayBuffer>): Promise<boolean> {
    this.#abort.signal.throwIfAborted()
    const content = this.#contents.get(key)
    if (content === undefined || !digestsMatch(digests, content.root, content.extent)) {
      return false
    }
    const own = digests.slice()
    if (content.isDisputed) {
      content.proposedDigests = own
      return true
    }
    await content.serial.run(async () => {
      if (content.digests === undefined) {
        await this.#takeDigests(content, own)
      }
    })
    return true
  }

  async #takeDigests(content: StoredContent, digests: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await this.#keeper.takeDigests(content, digests)
      if (content.extent.byteLength >= LARGE_BYTE_LENGTH) {
        content.part?.reserve()
      }
      this.#keeper.start(content)
    } catch (error) {
      throw isOfLength(error) ? this.#givenUp(content, error) : error
    }
  }

  async readChunk(...[root, chunkIndex, isDoubted, buffer]: Parameters<Store['readChunk']>) {
    const content = this.#contents.get(root)
    if (content === undefined || this.#closing !== undefined) {
      throw new ChunkUnreadableError(`nothing of the content ${printable(root)} is here`)
    }
    const { signal } = this.#abort
    return await patiently(() => content.read(chunkIndex, isDoubted, buffer), signal).catch(
      (error: unknown) => {
        throw isOfResources(error) ? content.unreadableNow(chunkIndex, error) : error
      }
    )
  }

  writeChunk(...chunk: Parameters<Store['writeChunk']>): Promise<ChunkOutcome> {
    return this.#context.busy.outlast(() => this.#writeChunk(...chunk))
  }

  async #writeChunk(
    ...[key, chunkIndex, buffer, byteLength]: Parameters<Store['writeChunk']>
  ): Promise<ChunkOutcome> {
    while (this.#keeper.behind) {
      await this.#keeper.progress()
    }
    this.#abort.signal.throwIfAborted()
    const content = this.#contents.get(key)
    const refused = { stored: false, free: [buffer] }
    if (byteLength > buffer.byteLength) {
      return refused
    }
    const bytes = new Uint8Array(buffer, 0, byteLength)
    if (content?.isDisputed === true) {
      const isProven = await content.serial.run(() => this.#prove(content, chunkIndex, bytes))
      return isProven
        ? { ...(await this.writeChunk(content.key, chunkIndex, buffer, byteLength)), settled: content.state }
        : refused
    }
    if (content !== undefined && content.digests === undefined && chunkCountOf(content.extent) === 1) {
      // A round trip for digests would cost more than the chunk, and there may be thousands of such chunks.
      if (!(await this.setDigests(key, digestsOfOneChunk(bytes)))) {
        return refused
      }
    }
    if (content?.digests === undefined) {
      throw new Error(
        `the content ${printable(key)} or its digests are not known: nothing of it can be stored`
      )
    }
    const growing = content.part?.prepare(chunkIndex)
    if (growing !== undefined) {
      await growing
      this.#abort.signal.throwIfAborted()
    }
    const { part, digests, extent, files } = content
    if (files.size > 0) {
      return { stored: isChunk(bytes, digests, extent, chunkIndex), free: [buffer] }
    }
    if (part === undefined) {
      throw new Error(`the content ${printable(key)} is gone from here: start again to fetch it`)
    }
    try {
      const outcome = part.write(chunkIndex, buffer, byteLength)
      this.#quota.onStored(content.root, byteLength)
      return outcome
    } catch (error) {
      const isOverQuota = isOfQuota(error) && this.#quota.onRefused(content.root, byteLength)
      throw isOverQuota || isOfLength(error) ? this.#givenUp(content, error) : error
    }
  }

  confirm(): Promise<Manifest[]> {
    return this.#exclusively(async () => {
      const lost = await this.#rechecks.confirm()
      await this.#folders.restoreDates()
      return lost
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#abort.abort(new PotluckError('INTERRUPTED', 'the store was closed meanwhile'))
    const { prefixHasher, descriptors } = this.#context
    prefixHasher.stop()
    try {
      await Promise.all([this.#serial.idle(), this.#rechecks.idle()])
      await Promise.all(this.#contents.all().map(({ serial }) => serial.idle()))
      await this.#keeper.close()
      await this.#completion.remember(true)
      await this.#folders.restoreDates()
    } finally {
      prefixHasher.stop()
      descriptors.closeAll()
      this.#syncAll?.close()
      this.#lock.release()
    }
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#serial.run(async () => {
      this.#abort.signal.throwIfAborted()
      try {
        return await work()
      } catch (error) {
        throw isSystemError(error) ? diskError(error, 'work in', this.#context.paths.root) : error
      }
    })
  }

  /**
   * Whether the chunk is the last one of a disputed content, which proves that this one is true and all others of its
   * root are false.
   */
  async #prove(content: StoredContent, chunkIndex: number, bytes: Uint8Array): Promise<boolean> {
    const { root, extent, proposedDigests } = content
    const chunkCount = chunkCountOf(extent)
    const digests = chunkCount === 1 ? digestsOfOneChunk(bytes) : proposedDigests
    const isProof =
      digests !== undefined &&
      chunkIndex === chunkCount - 1 &&
      digestsMatch(digests, root, extent) &&
      isChunk(bytes, digests, extent, chunkIndex)
    if (isProof && content.isDisputed) {
      this.#settle(content, (rival) => rival.missing)
      await this.#takeDigests(content, digests)
    }
    return isProof
  }

  /** The description of a disputed content is true: the entries of the others are given up. */
  #settle(content: StoredContent, entriesOf: (rival: StoredContent) => readonly Entry[]): StoredContent[] {
    const rivals = this.#contents.settle(content)
    for (const entry of rivals.flatMap(entriesOf).filter(({ state }) => state === 'missing')) {
      this.#completion.giveUp(entry, falseLengthError(entry.manifest, content))
    }
    return rivals
  }

  /**
   * The file system allows no file of the content's length. @returns the outcome for the chunk that was to be written
   */
  #givenUp(content: StoredContent, error: unknown): WriteFailedError {
    this.#completion.giveUpAll(content.missing, error)
    return new WriteFailedError('the file is given up', { cause: error })
  }

  /**
   * Makes new entries known; gives up those that cannot be stored here.
   *
   * @param without declined entries: their content is looked for on this disk, and their descriptions count when
   * members contradict one another
   * @returns the contents that the others want
   */
  async #take(entries: Entry[], without: Entry[]): Promise<Map<StoredContent, Entry[]>> {
    const { paths } = this.#context
    for (const [entry, error] of this.#entries.meeting(entries)) {
      this.#completion.giveUp(entry, error)
    }
    this.#checkEach(entries, ({ manifest }) => paths.checkEntry(manifest))
    const wanted = this.#contents.wantedBy(
      [...entries.filter(({ state }) => state === 'missing'), ...without],
      (entry, error) => this.#completion.giveUpAll([entry], error)
    )
    const present = await this.#locate(wanted)
    const absent = entries.filter((entry) => entry.manifest.kind === 'file' && !present.has(entry))
    this.#checkEach(absent, ({ manifest }) => paths.checkWritable(manifest))
    await this.#checkSpace(wanted, present)
    this.#entries.add(entries)
    for (const [content, itsEntries] of wanted) {
      this.#contents.add(content)
      content.addEntries(itsEntries)
      for (const entry of itsEntries) {
        const known = present.get(entry)
        if (known !== undefined) {
          this.#completion.found(content, entry, known)
        }
      }
    }
    return wanted
  }

  /** Gives up the entries that fail a check of their own. */
  #checkEach(entries: readonly Entry[], check: (entry: Entry) => void): void {
    for (const entry of entries.filter(({ state }) => state === 'missing')) {
      try {
        check(entry)
      } catch (error) {
        if (!isOfOneFile(error)) {
          throw error
        }
        this.#completion.giveUp(entry, error)
      }
    }
  }

  /**
   * Looks for content that is on this disk already. @returns the entries that have their content under their name, with
   * the file
   */
  async #locate(wanted: Map<StoredContent, Entry[]>): Promise<Map<Entry, KnownFile>> {
    const localFiles = new LocalFiles(this.#context)
    const present = new Map<Entry, KnownFile>()
    for (const [content, entries] of wanted) {
      for (const entry of entries) {
        const path = this.#context.paths.destination(entry.manifest)
        const known = await localFiles.at(path, entry.manifest)
        if (known !== undefined) {
          content.addFile(path, known)
          present.set(entry, known)
        }
      }
      if (content.files.size === 0 && content.part === undefined) {
        const isWanted = entries.some(({ state }) => state === 'missing')
        const found = isWanted
          ? await localFiles.anywhere({ root: content.root, ...content.extent })
          : undefined
        if (found === undefined && !content.isDisputed) {
          await content.serial.run(() => this.#resume(content, entries))
        } else if (found !== undefined) {
          content.addFile(found.path, found.known)
        }
      }
      if (content.isDisputed && content.files.size > 0) {
        const entriesOf = (rival: StoredContent) => [...rival.missing, ...(wanted.get(rival) ?? [])]
        for (const rival of this.#settle(content, entriesOf)) {
          wanted.delete(rival)
        }
      }
    }
    return present
  }

  /** Once per run, what its file system cannot give this collection. */
  async #warn(): Promise<void> {
    if (this.#warned) {
      return
    }
    this.#warned = true
    const { lacks, freeSpace } = this.#system
    if ((await freeSpace(this.#context.paths.root).catch(() => 0)) === undefined) {
      lacks.add('free-space')
    }
    const limits = lacksText(this.#context.paths.root, lacks, ownerFileOf(this.#context.paths.lock))
    const said = [limits, this.#init.identityNote].filter((text) => text !== undefined)
    if (said.length > 0) {
      this.#init.listener.onWarning?.(said.join('. '))
    }
  }

  async #checkSpace(
    wanted: Map<StoredContent, Entry[]>,
    present: ReadonlyMap<Entry, KnownFile>
  ): Promise<void> {
    const needs: { entry: Entry; byteLength: number }[] = []
    for (const content of new Set([...this.#contents.all(), ...wanted.keys()])) {
      const entries = [...content.missing, ...(wanted.get(content) ?? [])]
      // The chunks that are here become the first of its files; the others are copies.
      let held = content.part?.reservedByteLength ?? 0
      for (const entry of entries) {
        if (entry.state === 'missing' && !present.has(entry)) {
          // Zeros take no room if a gap takes none. In a part file they count as present.
          const zeros = this.#system.isSparse ? (entry.manifest.zeroByteLength ?? 0) : 0
          needs.push({ entry, byteLength: Math.max(0, content.extent.byteLength - Math.max(held, zeros)) })
          held = 0
        }
      }
    }
    await this.#checkLengths(needs)
    const shortage = await findShortage(
      needs.filter(({ entry }) => entry.state === 'missing'),
      this.#context.paths.root,
      this.#system.freeSpace
    )
    for (const { entry } of shortage?.unmet ?? []) {
      this.#completion.giveUp(entry, shortage?.error)
    }
  }

  /** Otherwise a file beyond the file system's longest would fail only when that much of it is here. */
  async #checkLengths(needs: readonly { entry: Entry }[]): Promise<void> {
    const longest = await this.#system.longestFile(this.#context.paths.root)
    for (const { entry } of needs.filter(({ entry: { manifest } }) => manifest.byteLength > longest)) {
      const what = `${printable(manifestKey(entry.manifest))} has ${formatBytes(entry.manifest.byteLength)}`
      const limit = `the file system of ${printable(this.#context.paths.root)} holds no file longer than ${formatBytes(longest)}`
      const error = new PotluckError(
        'DISK',
        `${what}, and ${limit}; choose a collection folder on another one`
      )
      this.#completion.giveUp(entry, error)
    }
  }

  /** As the keeper does; if only one content is affected, its entries are given up. */
  async #resume(content: StoredContent, entries: readonly Entry[]): Promise<void> {
    if (content.isDisputed) {
      // Its part file has the one length that is true.
      return
    }
    try {
      await this.#keeper.resume(content)
    } catch (error) {
      if (!isOfOneFile(error)) {
        throw error
      }
      this.#completion.giveUpAll(entries, error)
    }
  }

  /** Completes a content without any network, as far as that is possible. */
  async #completeFromHere(content: StoredContent): Promise<void> {
    if (content.files.size > 0) {
      await this.#completion.copyMissing(content)
    }
    await this.#resume(content, content.missing)
    if (content.isDone && content.part === undefined) {
      await this.#completion.removeUnfinished(content)
    }
    await this.#completion.finish(content)
  }
}
