/**
 * One unfinished content on disk: its bytes at their places in a sparse file, which chunks are there, and the MD5 of
 * what is there without a gap.
 *
 * The order that makes a crash harmless: a chunk is verified, then written; the file is synced, and only then the
 * state is written that claims what was there before the sync began. After a start, what the state claims is hashed
 * before it counts; without a state, everything is.
 */
import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Bitfield } from '../../protocols/bitfield.ts'
import { byteLengthOfChunk, chunkByteOffset, chunkCountOf, type Extent } from '../../protocols/chunks.ts'
import { PotluckError } from '../../protocols/errors.ts'
import { printable } from '../../protocols/names.ts'
import { type ChunkCache, unfilledBytes } from './chunk-cache.ts'
import type { Descriptors } from './descriptors.ts'
import { isChunk } from './digest-list.ts'
import { diskError, hasCode } from './disk-errors.ts'
import { replaceFile, syncFolder } from './durable.ts'
import { decodeState, encodeState } from './part-state.ts'
import { type CollectionPaths, statusOf } from './paths.ts'
import type { Slices } from './slices.ts'
import { type ChunkOutcome, DiskFullError } from './store.ts'

/** How much is read back at a time while other calls wait: less than a millisecond's hashing. */
const SLICE_BYTE_LENGTH = 256 * 1024

/** How much is checked between two turns of the event loop. */
const CHECK_BYTE_LENGTH = 1024 * 1024

/** What a disk failed to save once is fetched again; a disk that fails twice in succession is broken. */
const MAX_FAILED_SAVES = 2

export interface PartFileInit {
  root: string
  extent: Extent
  digests: Uint8Array
  paths: CollectionPaths
  descriptors: Descriptors
  chunkCache: ChunkCache
  slices: Slices
  syncData(descriptor: number): Promise<void>
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

export class PartFile {
  readonly path: string
  /** Whether a chunk was stored in this run. */
  received = false

  readonly #init: PartFileInit
  readonly #chunkCount: number
  readonly #held: Bitfield
  /** What was held when the file was last synced. */
  #synced: Bitfield
  #exists = false
  #dirty = false
  #folderSynced = false
  /** In succession. */
  #failedSaves = 0
  #saving: Promise<void> | undefined
  #md5 = createHash('md5')
  #md5Chunks = 0
  #md5Text: string | undefined
  /** Whether what the MD5 reads back from the disk is verified again. */
  #doubted = false

  private constructor(init: PartFileInit) {
    this.#init = init
    this.#chunkCount = chunkCountOf(init.extent)
    this.#held = new Bitfield(this.#chunkCount)
    this.#synced = new Bitfield(this.#chunkCount)
    this.path = init.paths.part(init.root)
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
    if (!this.#held.complete || this.#md5Chunks < this.#chunkCount) {
      return undefined
    }
    this.#md5Text ??= this.#md5.digest('hex')
    return this.#md5Text
  }

  get heldByteLength(): number {
    const { extent } = this.#init
    const lastIndex = this.#chunkCount - 1
    const shortBy = this.#held.has(lastIndex)
      ? extent.chunkByteLength - byteLengthOfChunk(extent, lastIndex)
      : 0
    return this.#held.count * extent.chunkByteLength - shortBy
  }

  /**
   * A chunk that is held, from the disk, in a buffer of its own; undefined when the disk does not give it as it was
   * written, so that it is lost.
   *
   * @throws what the system says when it does not even tell
   */
  read(chunkIndex: number): Uint8Array<ArrayBuffer> | undefined {
    const bytes = unfilledBytes(byteLengthOfChunk(this.#init.extent, chunkIndex))
    if (!this.#fill(bytes, chunkIndex)) {
      this.#lose(chunkIndex)
      return undefined
    }
    return bytes
  }

  /**
   * Verifies and writes a chunk: the first `byteLength` bytes of the buffer, which may stay in the cache.
   *
   * @throws PotluckError DISK
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
      this.#create()
      this.#init.descriptors.write(this.path, bytes, chunkByteOffset(this.#init.extent, chunkIndex))
    } catch (error) {
      throw diskError(error, 'write', this.path)
    }
    this.received = true
    this.#held.add(chunkIndex)
    this.#offerToMd5(chunkIndex, bytes)
    this.#touch()
    this.advance()
    const { chunkCache, root } = this.#init
    const waitedFor = chunkIndex >= this.#md5Chunks
    return { stored: true, buffer: chunkCache.put(root, chunkIndex, buffer, byteLength, waitedFor) }
  }

  /**
   * The MD5 is not what was published: has it computed anew, this time of chunks that are verified again, so that one
   * that the disk spoilt is found and fetched again.
   *
   * @returns false when it was of such already
   */
  doubtMd5(): boolean {
    if (this.#doubted) {
      return false
    }
    this.#doubted = true
    this.#md5 = createHash('md5')
    this.#md5Chunks = 0
    this.#md5Text = undefined
    this.advance()
    return true
  }

  /** Goes on with what can be done of the MD5, and tells when everything is. */
  advance(): void {
    if (this.md5 !== undefined) {
      this.#init.listener.onReady()
    } else if (this.#held.has(this.#md5Chunks)) {
      this.#init.slices.add(this.#readBack)
    }
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
    try {
      await this.#sync()
      await this.#writeState(snapshot)
      this.#failedSaves = 0
    } catch (error) {
      this.#failedSaves++
      this.#touch()
      throw diskError(error, 'save', this.path)
    }
    this.#synced = Bitfield.fromBytes(snapshot, this.#chunkCount)
  }

  async #sync(): Promise<void> {
    await this.#init.descriptors.lend(this.path, 'write', async (descriptor) => {
      try {
        await this.#init.syncData(descriptor)
      } catch (error) {
        // The system may have dropped any page written since the last sync, and says so only once.
        for (const chunkIndex of this.#held.held()) {
          if (!this.#synced.has(chunkIndex)) {
            this.#lose(chunkIndex)
          }
        }
        throw error
      }
    })
  }

  async #writeState(snapshot: Uint8Array): Promise<void> {
    if (this.#chunkCount < 2) {
      return
    }
    const { paths, root } = this.#init
    await replaceFile(paths.state(root), [encodeState(root, snapshot)], false)
    if (!this.#folderSynced) {
      await syncFolder(paths.parts)
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
    if (status.size !== extent.byteLength) {
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

  #create(): void {
    if (!this.#exists) {
      this.#init.descriptors.create(this.path, this.#init.extent.byteLength)
      this.#exists = true
    }
  }

  /** Holds of the chunks claimed those that are there. */
  async #check(claimed: Bitfield): Promise<void> {
    const { extent, signal } = this.#init
    let checked = 0
    for (const chunkIndex of claimed.held()) {
      const bytes = this.#peekAtDisk(chunkIndex)
      if (bytes !== undefined) {
        this.#held.add(chunkIndex)
        this.#offerToMd5(chunkIndex, bytes)
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
   * Has the MD5 catch up with what is held, from the disk where it is not in memory any more. That is most of a fast
   * swarm's data, so it is not verified once more: what the disk spoilt makes another MD5, and `doubtMd5` finds it.
   */
  readonly #readBack = (): boolean => {
    const { root, chunkCache, extent } = this.#init
    const { chunkByteLength } = extent
    for (let left = SLICE_BYTE_LENGTH; left > 0 && this.#held.has(this.#md5Chunks); left -= chunkByteLength) {
      const chunkIndex = this.#md5Chunks
      let bytes: Uint8Array | undefined
      try {
        bytes = chunkCache.get(root, chunkIndex) ?? this.#peekAtDisk(chunkIndex, this.#doubted)
      } catch {
        // Tried again when the part is saved, which tells when it fails as well.
        this.#touch()
        return false
      }
      if (bytes === undefined) {
        this.#lose(chunkIndex)
        return false
      }
      this.#offerToMd5(chunkIndex, bytes)
      chunkCache.taken(root, chunkIndex)
    }
    if (this.#held.has(this.#md5Chunks)) {
      return true
    }
    this.advance()
    return false
  }

  /** As `read`, but loses nothing, and the bytes are good until the next call only. */
  #peekAtDisk(chunkIndex: number, verified = true): Uint8Array<ArrayBuffer> | undefined {
    const { extent, descriptors } = this.#init
    const bytes = descriptors.scratch(byteLengthOfChunk(extent, chunkIndex))
    return this.#fill(bytes, chunkIndex, verified) ? bytes : undefined
  }

  /**
   * Reads a chunk from the disk. @returns whether it is what was written, as far as that is `verified`
   *
   * @throws what the system says when it does not even tell: too many open files say nothing of the bytes
   */
  #fill(bytes: Uint8Array, chunkIndex: number, verified = true): boolean {
    const { extent, descriptors } = this.#init
    try {
      const filled = descriptors.read(this.path, 'write', bytes, chunkByteOffset(extent, chunkIndex))
      return filled === bytes.byteLength && (!verified || this.#isChunk(bytes, chunkIndex))
    } catch (error) {
      if (!hasCode(error, 'EIO')) {
        throw error
      }
      return false
    }
  }

  /** A chunk that is lost and fetched again is the same bytes, so the MD5 need not go back for it. */
  #offerToMd5(chunkIndex: number, bytes: Uint8Array): void {
    if (chunkIndex === this.#md5Chunks) {
      this.#md5.update(bytes)
      this.#md5Chunks++
    }
  }

  #isChunk(bytes: Uint8Array, chunkIndex: number): boolean {
    return isChunk(bytes, this.#init.digests, this.#init.extent, chunkIndex)
  }

  #lose(chunkIndex: number): void {
    if (this.#held.delete(chunkIndex)) {
      this.#synced.delete(chunkIndex)
      this.#init.chunkCache.delete(this.#init.root, chunkIndex)
      this.#init.listener.onLost(chunkIndex)
      this.#touch()
    }
  }

  #touch(): void {
    this.#dirty = true
    this.#init.listener.onDirty(this)
  }
}
