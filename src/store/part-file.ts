/**
 * One unfinished content on disk: its bytes at their places in a sparse file, which chunks are there, and the MD5 of
 * the part without a gap.
 *
 * The order that makes a crash harmless: a chunk is verified, then written; the file is synced, and only then the state
 * is written that claims what was there before the sync began. After a start, claimed chunks are hashed before they
 * count; without a state, all are.
 */
import { readFile, rm } from 'node:fs/promises'
import { Bitfield } from '../core/bitfield.ts'
import { byteLengthOfChunk, chunkByteOffset, chunkCountOf, type Extent, heldBytesOf } from '../core/chunks.ts'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { Serial } from '../core/serial.ts'
import { hasCode } from '../core/system-errors.ts'
import { ChunkFile } from './chunk-file.ts'
import type { StoreContext } from './context.ts'
import { zeroChunks } from './digest-list.ts'
import { diskError } from './disk-errors.ts'
import { replaceFile, syncFile } from './durable.ts'
import { Growth } from './growth.ts'
import { decodeState, encodeState } from './part-state.ts'
import { statusOf } from './paths.ts'
import type { HashedPrefix } from './prefix-hasher.ts'
import { PrefixMd5 } from './prefix-md5.ts'
import { LongRead, ReadBack } from './read-back.ts'
import { type ChunkOutcome, DiskFullError, WriteFailedError } from './store.ts'
import type { CheckedFile } from './stored-content.ts'

/** What a disk failed to save or to write once is fetched again; a disk that fails twice in succession is broken. */
const MAX_FAILURES = 2

export interface PartFileInit
  extends Pick<
    StoreContext,
    | 'paths'
    | 'descriptors'
    | 'disk'
    | 'chunkCache'
    | 'prefixHasher'
    | 'syncData'
    | 'isSparse'
    | 'folderSyncs'
    | 'signal'
  > {
  root: string
  extent: Extent
  digests: Uint8Array
  listener: PartListener
}

export interface PartListener {
  onDirty(part: PartFile): void
  /** A chunk that was here is lost. */
  onLost(chunkIndex: number): void
  /** Everything is here and the MD5 is known; may be called again. */
  onReady(): void
}

export class PartFile implements HashedPrefix {
  readonly path: string
  received = false
  readonly prefix: PrefixMd5

  /** Set if the file system writes gaps. */
  readonly #growth: Growth | undefined
  readonly #init: PartFileInit
  readonly #file: ChunkFile
  readonly #chunkCount: number
  readonly #held: Bitfield
  /** The chunks that were here when the file was last synced. */
  #synced: Bitfield
  /**
   * Its next value, when the save under way is done, without chunks that are lost and written again in the meantime:
   * these are not on the disk.
   */
  #syncing: Bitfield | undefined
  #exists = false
  readonly #readBack: ReadBack
  #dirty = false
  /** Whether the digests, and the names of the content's files, are on the disk. */
  #rootSynced = false
  /** Both in succession. */
  #failedSaves = 0
  #failedWrites = 0
  readonly #saves = new Serial()

  private constructor(init: PartFileInit) {
    this.#init = init
    this.#chunkCount = chunkCountOf(init.extent)
    this.#held = new Bitfield(this.#chunkCount)
    this.#synced = new Bitfield(this.#chunkCount)
    this.path = init.paths.part(init.root)
    const lose = (chunkIndex: number): void => this.#lose(chunkIndex)
    this.#file = new ChunkFile({ ...init, path: this.path }, 'write')
    this.#readBack = new ReadBack({ ...init, file: this.#file, held: this.#held, lose })
    const { root, chunkCache, prefixHasher } = init
    this.#growth = init.isSparse ? undefined : new Growth(this.path, init.descriptors, init.signal)
    this.prefix = new PrefixMd5({
      file: this.#file,
      held: this.#held,
      lanes: prefixHasher.lanes,
      cached: (chunkIndex) => chunkCache.get(root, chunkIndex),
      onTaken: (chunkIndex) => chunkCache.taken(root, chunkIndex),
      lose
    })
  }

  /**
   * Resumes what an earlier run left, if anything. The listener is not called before `advance` or `write`.
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

  /** Bytes that need no more room: those that are here, or up to the end of the file if gaps take room as well. */
  get reservedByteLength(): number {
    return Math.max(heldBytesOf(this.#init.extent, this.#held), this.#growth?.byteLength ?? 0)
  }

  /**
   * Reads a chunk that is here from the disk into the bytes; undefined when the disk does not return it as it was
   * written, so that it is lost.
   *
   * @throws the system's error if that says nothing of the bytes
   */
  read(chunkIndex: number, bytes: Uint8Array): Uint8Array | undefined {
    return this.#loseUnless(this.#file.read(chunkIndex, bytes), chunkIndex)
  }

  /** As `read`, but whatever bytes the disk returns. */
  readUnverified(chunkIndex: number, bytes: Uint8Array): Uint8Array | undefined {
    return this.#loseUnless(this.#file.readUnverified(chunkIndex, bytes), chunkIndex)
  }

  #loseUnless(bytes: Uint8Array | undefined, chunkIndex: number): Uint8Array | undefined {
    if (bytes === undefined) {
      this.#lose(chunkIndex)
    }
    return bytes
  }

  /**
   * If the file has to grow bit by bit, resolves when it reaches to the chunk; undefined when there is nothing to wait
   * for. Rejects as `write` throws.
   */
  prepare(chunkIndex: number): Promise<void> | undefined {
    return this.#growth === undefined ? undefined : this.#grow(this.#growth, chunkIndex)
  }

  /**
   * Verifies and writes a chunk: the first `byteLength` bytes of the buffer, which may stay in the cache.
   *
   * @throws WriteFailedError, PotluckError DISK
   */
  write(chunkIndex: number, buffer: ArrayBufferLike, byteLength: number): ChunkOutcome {
    const bytes = new Uint8Array(buffer, 0, byteLength)
    if (!this.#file.isChunk(bytes, chunkIndex)) {
      return { stored: false, free: [buffer] }
    }
    if (this.#held.has(chunkIndex)) {
      return { stored: true, free: [buffer] }
    }
    try {
      this.#create(this.#chunkCount === 1)
      const end = this.#file.write(chunkIndex, bytes)
      this.#growth?.noteReached(end)
    } catch (error) {
      throw this.#writeFailure(error)
    }
    this.#failedWrites = 0
    this.received = true
    this.#held.add(chunkIndex)
    this.#readBack.note(chunkIndex, bytes)
    this.#touch()
    const { chunkCache, root } = this.#init
    const free = chunkCache.put(root, chunkIndex, buffer, byteLength, !this.prefix.hasTaken(chunkIndex))
    this.advance()
    return { stored: true, free }
  }

  /**
   * Makes the file before its first chunk arrives, which shows whether it is too long for the file system.
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
   * The MD5 is not the published one: computes it again, this time from chunks that are verified again, so that a chunk
   * that the disk corrupted is found and fetched again.
   *
   * @returns false when it was computed from such chunks already
   */
  doubtMd5(): boolean {
    const isNew = this.prefix.doubt()
    if (isNew) {
      this.advance()
    }
    return isNew
  }

  /** Continues the MD5 as far as possible, and calls the listener when everything is done. */
  advance(): void {
    if (this.md5 === undefined) {
      this.#init.prefixHasher.advance(this)
    } else {
      this.#init.prefixHasher.remove(this)
      this.#init.listener.onReady()
    }
  }

  /**
   * Reads back all that is here, in its present state: what another program changed in the file is lost, and fetched
   * again. To be called when everything is saved.
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

  /** For the prefix hasher: retried when the part is saved, which also reports a failure. */
  onUnread(): void {
    this.#touch()
  }

  /**
   * Syncs what was written, then writes the state.
   *
   * @throws PotluckError DISK; what was not synced counts as lost then
   */
  save(): Promise<void> {
    return this.#saves.run(async () => (this.#dirty ? this.#saveOnce() : undefined))
  }

  /**
   * As `save`, but a failure that may be over the next time is not an error: what it lost was reported, and is fetched
   * again.
   *
   * @returns whether everything is saved
   * @throws DiskFullError, or PotluckError DISK for a failure that repeats
   */
  async saveUnlessBroken(): Promise<boolean> {
    try {
      await this.save()
      // Chunks that were lost and written again during the sync may not be on the disk.
      return !this.#dirty
    } catch (error) {
      if (error instanceof DiskFullError || this.#failedSaves >= MAX_FAILURES) {
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
    if (!this.#rootSynced && statusOf(paths.digests(root)) !== undefined) {
      await descriptors.withRoom(() => syncFile(paths.digests(root)))
    }
    await descriptors.withRoom(() => replaceFile(paths.state(root), [encodeState(root, snapshot)], false))
    if (!this.#rootSynced) {
      await descriptors.withRoom(() => folderSyncs.sync(paths.parts))
      this.#rootSynced = true
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
      throw new PotluckError('DISK', `${printable(this.path)} must be a file; move away what is there`)
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
    // Only a state proves that what is read here is on the disk, and not merely in the system's memory.
    if (saved !== undefined) {
      this.#synced = Bitfield.fromBytes(this.#held.toBytes(), this.#chunkCount)
    }
    this.#dirty = this.#held.count !== saved?.count
  }

  /**
   * Counts the chunks of zeros as present: they need not be fetched. If a gap costs nothing, nothing is written for
   * them either, unless an earlier run left something else in their place.
   */
  async #holdZeros(): Promise<void> {
    const { digests, extent, signal } = this.#init
    const zeros = this.#growth === undefined ? zeroChunks(digests, extent) : []
    const isNew = !this.#exists
    const reading = new LongRead(signal)
    for (const chunkIndex of zeros) {
      if (this.#held.has(chunkIndex)) {
        continue
      }
      this.#create()
      const byteLength = byteLengthOfChunk(extent, chunkIndex)
      if (!isNew && this.#file.peek(chunkIndex) === undefined) {
        this.#file.write(chunkIndex, new Uint8Array(byteLength))
      }
      this.#held.add(chunkIndex)
      this.#dirty = true
      await reading.after(isNew ? 0 : byteLength)
    }
  }

  /** The meaning of a failed write: the disk's own first error means only that the chunk is not there. */
  #writeFailure(error: unknown): Error {
    // The next attempt reopens the file: a server that was offline may know nothing of what was opened before.
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
    return this.#failedWrites < MAX_FAILURES
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

  /** Adds those of the claimed chunks that are really there. */
  async #check(claimed: Bitfield): Promise<void> {
    const { extent, signal } = this.#init
    const reading = new LongRead(signal)
    for (const chunkIndex of claimed.held()) {
      const bytes = this.#file.peek(chunkIndex)
      if (bytes !== undefined) {
        this.#held.add(chunkIndex)
        this.#readBack.note(chunkIndex, bytes)
        this.prefix.offer(chunkIndex, bytes)
      }
      await reading.after(extent.chunkByteLength)
    }
  }

  #lose(chunkIndex: number): void {
    if (this.#held.delete(chunkIndex)) {
      this.#init.disk.hasSpoilt = true
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
