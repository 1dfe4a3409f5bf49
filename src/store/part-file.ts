/**
 * One unfinished content on disk: its bytes at their places in a sparse file, which chunks are there, and the MD5 of
 * what is there without a gap.
 *
 * The order that makes a crash harmless: a chunk is verified, then written; the file is synced, and only then the
 * state is written that claims what was there before the sync began. After a start, what the state claims is hashed
 * before it counts; without a state, everything is.
 */
import { readFile, rm } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Bitfield } from '../core/bitfield.ts'
import { byteLengthOfChunk, chunkByteOffset, chunkCountOf, type Extent } from '../core/chunks.ts'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { type ChunkCache, unfilledBytes } from './chunk-cache.ts'
import type { Descriptors } from './descriptors.ts'
import { isChunk } from './digest-list.ts'
import { diskError, hasCode } from './disk-errors.ts'
import { replaceFile } from './durable.ts'
import type { FolderSyncs } from './folder-syncs.ts'
import { Growth } from './growth.ts'
import { decodeState, encodeState } from './part-state.ts'
import { type CollectionPaths, statusOf } from './paths.ts'
import type { HashedPrefix, PrefixHasher } from './prefix-hasher.ts'
import { PrefixMd5 } from './prefix-md5.ts'
import { ReadBack } from './read-back.ts'
import { type ChunkOutcome, DiskFullError, WriteFailedError } from './store.ts'
import type { CheckedFile } from './stored-content.ts'
import { zeroChunks } from './zero-chunks.ts'

/** How much is checked between two turns of the event loop. */
const CHECK_BYTE_LENGTH = 1024 * 1024

/** What a disk failed to save once is fetched again; a disk that fails twice in succession is broken. */
const MAX_FAILED_SAVES = 2

/** The same of writes. */
const MAX_FAILED_WRITES = 2

export interface PartFileInit {
  root: string
  extent: Extent
  digests: Uint8Array
  paths: CollectionPaths
  descriptors: Descriptors
  chunkCache: ChunkCache
  prefixHasher: PrefixHasher
  syncData(descriptor: number): Promise<void>
  /** Whether a gap in a file costs nothing, so that the file may have its full length from the start. */
  isSparse: boolean
  folderSyncs: FolderSyncs
  signal: AbortSignal
  listener: PartListener
}

export interface PartListener {
  /** There is something to save. */
  onDirty(part: PartFile): void
  /** A chunk that was held is not any more. */
  onLost(chunkIndex: number): void
  /** Everything is here and the MD5 is known; may be called again. */
  onReady(): void
}

export class PartFile implements HashedPrefix {
  readonly path: string
  /** Whether a chunk was stored in this run. */
  received = false
  readonly prefix: PrefixMd5

  /** Where the file system writes gaps. */
  readonly #growth: Growth | undefined
  readonly #init: PartFileInit
  readonly #chunkCount: number
  readonly #held: Bitfield
  /** What was held when the file was last synced. */
  #synced: Bitfield
  /** What will be that when the save under way is done: what is lost meanwhile, and written again, is not on the disk. */
  #syncing: Bitfield | undefined
  #exists = false
  readonly #readBack: ReadBack
  #dirty = false
  #folderSynced = false
  /** In succession. */
  #failedSaves = 0
  /** In succession. */
  #failedWrites = 0
  #saving: Promise<void> | undefined

  private constructor(init: PartFileInit) {
    this.#init = init
    this.#chunkCount = chunkCountOf(init.extent)
    this.#held = new Bitfield(this.#chunkCount)
    this.#synced = new Bitfield(this.#chunkCount)
    this.path = init.paths.part(init.root)
    this.#readBack = new ReadBack({
      ...init,
      path: this.path,
      held: this.#held,
      fill: (bytes, byteOffset) => this.#fill(bytes, byteOffset),
      isChunk: (bytes, chunkIndex) => this.#isChunk(bytes, chunkIndex),
      lose: (chunkIndex) => this.#lose(chunkIndex)
    })
    const { extent, root, chunkCache, prefixHasher, isSparse, descriptors, signal } = init
    this.#growth = isSparse ? undefined : new Growth(this.path, descriptors, signal)
    this.prefix = new PrefixMd5({
      extent,
      held: this.#held,
      lanes: prefixHasher.lanes,
      chunks: {
        cached: (chunkIndex) => chunkCache.get(root, chunkIndex),
        onTaken: (chunkIndex) => chunkCache.taken(root, chunkIndex),
        read: (bytes, byteOffset) => this.#fill(bytes, byteOffset),
        readVerified: (chunkIndex) => this.#readVerified(chunkIndex),
        lose: (chunkIndex) => this.#lose(chunkIndex)
      }
    })
  }

  /**
   * Takes up what an earlier run left, if it did. The listener hears nothing before `advance` or `write`.
   *
   * @throws PotluckError DISK, or the signal's reason
   */
  static async open(init: PartFileInit): Promise<PartFile> {
    const part = new PartFile(init)
    try {
      await part.#resume()
      await part.#holdZeros()
    } catch (error) {
      throw init.signal.aborted ? error : diskError(error, 'take up', part.path)
    }
    return part
  }

  get held(): Bitfield {
    return this.#held
  }

  /** The MD5 of the whole, once everything is here and was read; lower-case hexadecimal. */
  get md5(): string | undefined {
    return this.prefix.digest
  }

  get heldByteLength(): number {
    const { extent } = this.#init
    const lastIndex = this.#chunkCount - 1
    const shortBy = this.#held.has(lastIndex)
      ? extent.chunkByteLength - byteLengthOfChunk(extent, lastIndex)
      : 0
    return this.#held.count * extent.chunkByteLength - shortBy
  }

  /** What needs no more room: what is held, or as far as the file reaches where gaps take room as well. */
  get reservedByteLength(): number {
    return Math.max(this.heldByteLength, this.#growth?.byteLength ?? 0)
  }

  /**
   * A chunk that is held, from the disk, in a buffer of its own; undefined when the disk does not give it as it was
   * written, so that it is lost.
   *
   * @throws what the system says when it does not even tell
   */
  read(chunkIndex: number): Uint8Array<ArrayBuffer> | undefined {
    const bytes = this.#readVerified(chunkIndex)
    if (bytes === undefined) {
      this.#lose(chunkIndex)
    }
    return bytes
  }

  /**
   * Where the file has to grow bit by bit, resolves when it reaches to the chunk; undefined where there is nothing to wait for.
   * Rejects as `write` throws.
   */
  prepare(chunkIndex: number): Promise<void> | undefined {
    return this.#growth === undefined ? undefined : this.#grow(this.#growth, chunkIndex)
  }

  /**
   * Verifies and writes a chunk: the first `byteLength` bytes of the buffer, which may stay in the cache.
   *
   * @throws WriteFailedError, PotluckError DISK
   */
  write(chunkIndex: number, buffer: ArrayBuffer, byteLength: number): ChunkOutcome {
    const bytes = new Uint8Array(buffer, 0, byteLength)
    if (!this.#isChunk(bytes, chunkIndex)) {
      return { stored: false, buffer }
    }
    if (this.#held.has(chunkIndex)) {
      return { stored: true, buffer }
    }
    try {
      this.#create(this.#chunkCount === 1)
      const byteOffset = chunkByteOffset(this.#init.extent, chunkIndex)
      this.#init.descriptors.write(this.path, bytes, byteOffset)
      this.#growth?.noteReached(byteOffset + byteLength)
    } catch (error) {
      throw this.#writeFailure(error)
    }
    this.#failedWrites = 0
    this.received = true
    this.#held.add(chunkIndex)
    this.#readBack.note(chunkIndex, bytes)
    this.#touch()
    const { chunkCache, root } = this.#init
    const other = chunkCache.put(root, chunkIndex, buffer, byteLength, !this.prefix.hasTaken(chunkIndex))
    this.advance()
    return { stored: true, buffer: other }
  }

  /**
   * Makes the file before its first chunk comes: one that is too long for the file system shows.
   *
   * @throws PotluckError DISK
   */
  reserve(): void {
    try {
      this.#create()
    } catch (error) {
      throw diskError(error, 'make', this.path)
    }
  }

  /**
   * The MD5 is not what was published: has it computed anew, this time of chunks that are verified again, so that one
   * that the disk spoilt is found and fetched again.
   *
   * @returns false when it was of such already
   */
  doubtMd5(): boolean {
    const isNew = this.prefix.doubt()
    if (isNew) {
      this.advance()
    }
    return isNew
  }

  /** Goes on with what can be done of the MD5, and tells when everything is. */
  advance(): void {
    if (this.md5 === undefined) {
      this.#init.prefixHasher.advance(this)
    } else {
      this.#init.prefixHasher.remove(this)
      this.#init.listener.onReady()
    }
  }

  /**
   * Reads back all that is here, whole as it is: what another program did to the file meanwhile is lost, and to be
   * fetched again. To be called when everything is saved.
   *
   * @returns when that was, and the file's stamp then; undefined when something was lost
   * @throws PotluckError DISK, also when it is another file by now, or the signal's reason
   */
  async confirm(): Promise<CheckedFile | undefined> {
    const { extent, signal } = this.#init
    try {
      await this.#growth?.reach(extent.byteLength)
      return await this.#readBack.run()
    } catch (error) {
      throw signal.aborted ? error : diskError(error, 'read back', this.path)
    }
  }

  /** For the prefix hasher. */
  onDigest(): void {
    this.#init.listener.onReady()
  }

  /** For the prefix hasher: tried again when the part is saved, which tells when it fails as well. */
  onUnread(): void {
    this.#touch()
  }

  /**
   * Syncs what was written, then writes the state.
   *
   * @throws PotluckError DISK; what was not synced counts as lost then
   */
  async save(): Promise<void> {
    while (this.#saving !== undefined) {
      await this.#saving
    }
    if (!this.#dirty) {
      return
    }
    const saving = this.#saveOnce()
    this.#saving = saving
      .catch(() => undefined)
      .finally(() => {
        this.#saving = undefined
      })
    await saving
  }

  /**
   * As `save`, but a failure that may be over the next time is not an error: what it lost has been told of, and is
   * fetched again.
   *
   * @returns whether everything is saved
   * @throws DiskFullError, or PotluckError DISK for a failure that repeats
   */
  async saveUnlessBroken(): Promise<boolean> {
    try {
      await this.save()
      // What was lost and written again during the sync may not be on the disk.
      return !this.#dirty
    } catch (error) {
      if (error instanceof DiskFullError || this.#failedSaves >= MAX_FAILED_SAVES) {
        throw error
      }
      return false
    }
  }

  async #saveOnce(): Promise<void> {
    this.#dirty = false
    const snapshot = this.#held.toBytes()
    const syncing = Bitfield.fromBytes(snapshot, this.#chunkCount)
    this.#syncing = syncing
    try {
      await this.#sync()
      await this.#writeState(snapshot)
      this.#failedSaves = 0
    } catch (error) {
      this.#failedSaves++
      this.#touch()
      throw diskError(error, 'save', this.path)
    } finally {
      this.#syncing = undefined
    }
    this.#synced = syncing
  }

  async #sync(): Promise<void> {
    await this.#init.descriptors.lend(this.path, 'write', async (descriptor) => {
      try {
        await this.#init.syncData(descriptor)
      } catch (error) {
        this.#loseUnsynced()
        throw error
      }
    })
  }

  /** The system may have dropped any page written since the last sync, and says so only once. */
  #loseUnsynced(): void {
    for (const chunkIndex of this.#held.held()) {
      if (!this.#synced.has(chunkIndex)) {
        this.#lose(chunkIndex)
      }
    }
  }

  async #writeState(snapshot: Uint8Array): Promise<void> {
    if (this.#chunkCount < 2) {
      return
    }
    const { paths, root, descriptors, folderSyncs } = this.#init
    await descriptors.withRoom(() => replaceFile(paths.state(root), [encodeState(root, snapshot)], false))
    if (!this.#folderSynced) {
      await descriptors.withRoom(() => folderSyncs.sync(paths.parts))
      this.#folderSynced = true
    }
  }

  async #resume(): Promise<void> {
    const { paths, root, extent, descriptors } = this.#init
    const status = statusOf(this.path)
    if (status === undefined) {
      if (this.#chunkCount === 0) {
        this.#create()
        this.#dirty = true
      }
      return
    }
    if (!status.isFile()) {
      throw new PotluckError('DISK', `${printable(this.path)} has to be a file; move what is there away`)
    }
    this.#exists = true
    this.#readBack.begin()
    this.#growth?.noteReached(Math.min(status.size, extent.byteLength))
    if (this.#growth === undefined ? status.size !== extent.byteLength : status.size > extent.byteLength) {
      await rm(paths.state(root), { force: true })
      descriptors.create(this.path, extent.byteLength)
    }
    const state = await readFile(paths.state(root)).catch(() => new Uint8Array())
    const saved = decodeState(state, root, this.#chunkCount)
    await this.#check(saved ?? Bitfield.full(this.#chunkCount))
    // Only a state says that what is read here is on the disk, and not merely in the system's memory.
    if (saved !== undefined) {
      this.#synced = Bitfield.fromBytes(this.#held.toBytes(), this.#chunkCount)
    }
    this.#dirty = this.#held.count !== saved?.count
  }

  /**
   * Holds the chunks of zeros, which need not be fetched: where a gap costs nothing, nothing is written for them either,
   * unless an earlier run left something else in their place.
   */
  async #holdZeros(): Promise<void> {
    const { digests, extent, descriptors, signal } = this.#init
    const zeros = this.#growth === undefined ? zeroChunks(digests, extent) : []
    const isNew = !this.#exists
    let checked = 0
    for (const chunkIndex of zeros) {
      if (this.#held.has(chunkIndex)) {
        continue
      }
      this.#create()
      const byteLength = byteLengthOfChunk(extent, chunkIndex)
      if (!isNew && this.#readVerified(chunkIndex, descriptors.scratch(byteLength)) === undefined) {
        descriptors.write(this.path, new Uint8Array(byteLength), chunkByteOffset(extent, chunkIndex))
      }
      this.#held.add(chunkIndex)
      this.#dirty = true
      checked += isNew ? 0 : byteLength
      if (checked >= CHECK_BYTE_LENGTH) {
        checked = 0
        await nextTurn()
        signal.throwIfAborted()
      }
    }
  }

  /** What an error of a write means: the first of the disk itself only that the chunk is not there. */
  #writeFailure(error: unknown): Error {
    // Another try opens the file anew: a server that was away may know nothing of what was opened before.
    try {
      this.#init.descriptors.close(this.path)
    } catch {
      // Network file systems report earlier writes here.
      this.#loseUnsynced()
    }
    const failure = diskError(error, 'write', this.path)
    if (!hasCode(error, 'EIO')) {
      return failure
    }
    this.#failedWrites++
    return this.#failedWrites < MAX_FAILED_WRITES
      ? new WriteFailedError(failure.message, { cause: error })
      : failure
  }

  async #grow(growth: Growth, chunkIndex: number): Promise<void> {
    const { extent } = this.#init
    try {
      this.#create()
      await growth.reach(Math.min(chunkByteOffset(extent, chunkIndex), extent.byteLength))
    } catch (error) {
      throw this.#writeFailure(error)
    }
  }

  #create(isFilled = false): void {
    if (!this.#exists) {
      const byteLength = this.#growth === undefined ? this.#init.extent.byteLength : 0
      const inode = this.#init.descriptors.create(this.path, byteLength, isFilled)
      this.#exists = true
      this.#readBack.begin(inode)
    }
  }

  /** Holds of the chunks claimed those that are there. */
  async #check(claimed: Bitfield): Promise<void> {
    const { extent, signal, descriptors } = this.#init
    let checked = 0
    for (const chunkIndex of claimed.held()) {
      const scratch = descriptors.scratch(byteLengthOfChunk(extent, chunkIndex))
      const bytes = this.#readVerified(chunkIndex, scratch)
      if (bytes !== undefined) {
        this.#held.add(chunkIndex)
        this.#readBack.note(chunkIndex, bytes)
        this.prefix.offer(chunkIndex, bytes)
      }
      checked += extent.chunkByteLength
      if (checked >= CHECK_BYTE_LENGTH) {
        checked = 0
        await nextTurn()
        signal.throwIfAborted()
      }
    }
  }

  /**
   * A chunk from the disk, as it was verified; undefined when it is not.
   *
   * @param bytes where to put it: a buffer of its own unless given
   * @throws as `#fill`
   */
  #readVerified(
    chunkIndex: number,
    bytes = unfilledBytes(byteLengthOfChunk(this.#init.extent, chunkIndex))
  ): Uint8Array<ArrayBuffer> | undefined {
    const { extent } = this.#init
    const isFilled = this.#fill(bytes, chunkByteOffset(extent, chunkIndex))
    return isFilled && this.#isChunk(bytes, chunkIndex) ? bytes : undefined
  }

  /**
   * Reads from the disk. @returns whether it has all of it
   *
   * @throws what the system says when it does not even tell: too many open files say nothing of the bytes
   */
  #fill(bytes: Uint8Array, byteOffset: number): boolean {
    try {
      return this.#init.descriptors.read(this.path, 'write', bytes, byteOffset) === bytes.byteLength
    } catch (error) {
      if (!hasCode(error, 'EIO')) {
        throw error
      }
      return false
    }
  }

  #isChunk(bytes: Uint8Array, chunkIndex: number): boolean {
    return isChunk(bytes, this.#init.digests, this.#init.extent, chunkIndex)
  }

  #lose(chunkIndex: number): void {
    if (this.#held.delete(chunkIndex)) {
      this.#synced.delete(chunkIndex)
      this.#syncing?.delete(chunkIndex)
      this.#init.chunkCache.delete(this.#init.root, chunkIndex)
      this.prefix.onLost(chunkIndex)
      this.#init.listener.onLost(chunkIndex)
      this.#touch()
    }
  }

  #touch(): void {
    this.#dirty = true
    this.#init.listener.onDirty(this)
  }
}
