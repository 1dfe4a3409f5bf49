/** One content, by its root: which files of this computer have all of it, and how much of it is in its part file. */
import { sep } from 'node:path'
import { Bitfield } from '../core/bitfield.ts'
import { byteLengthOfChunk, chunkCountOf, type Extent } from '../core/chunks.ts'
import { manifestKey, printable } from '../core/names.ts'
import { Serial } from '../core/serial.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import { unfilledBytes } from './chunk-cache.ts'
import { ChunkFile } from './chunk-file.ts'
import type { StoreContext } from './context.ts'
import type { KnownFile } from './digest-cache.ts'
import { isOfResources, systemMessage } from './disk-errors.ts'
import type { ReadFile } from './hasher.ts'
import type { PartFile } from './part-file.ts'
import { type FileStamp, sameStamp } from './stamps.ts'
import { ChunkUnreadableError, type ContentState } from './store.ts'

/**
 * The first chunk that is read of a content, and each chunk after this many more, is verified: a file that is wrong as
 * a whole, with an unchanged stamp, is found before a getter has received two chunks of it. The other reads cost no
 * SHA-256.
 */
const READS_PER_CHECK = 16

/** An entry of the catalog, and its state here. */
export interface Entry {
  manifest: Manifest
  /** `declined`: this peer does without it. */
  state: 'missing' | 'complete' | 'failed' | 'replaced' | 'declined'
  /** The file under its name, as it was when it was last read; for a complete entry. */
  file?: CheckedFile
}

/**
 * When a file was read completely, and its stamp then: undefined if no stamp shows that nothing was written in the
 * meantime.
 */
export interface CheckedFile extends Pick<KnownFile, 'readAtMs' | 'isEarlier'> {
  stamp: FileStamp | undefined
}

export interface StoredContentComponents extends Pick<StoreContext, 'descriptors' | 'chunkCache' | 'disk'> {
  /** A chunk of a complete file could not be read as it was. */
  onDoubt(content: StoredContent, path: string): void
}

export class StoredContent {
  readonly root: string
  readonly extent: Extent
  /** Its root, or root and length while members contradict one another about its length. */
  key: string
  /** For a disputed content, digests that hash to its root: they show how many chunks there are. */
  proposedDigests: Uint8Array<ArrayBuffer> | undefined
  digests: Uint8Array<ArrayBuffer> | undefined
  /** Of the whole; undefined until known. */
  md5: string | undefined
  /**
   * Files that had all of it when they were last read completely, with their stamps then, as far as these are known.
   */
  readonly files = new Map<string, FileStamp | undefined>()
  /** Exists from when the digests are known until everything is here. */
  part: PartFile | undefined
  /** The names it is wanted under. */
  readonly entries: Entry[] = []
  /** Serialises the work of giving it its names. */
  readonly serial = new Serial()

  readonly #components: StoredContentComponents
  /** How many chunks that no one doubted were read from the disk. */
  #reads = 0

  constructor(root: string, { byteLength, chunkByteLength }: Extent, components: StoredContentComponents) {
    this.root = root
    this.key = root
    this.extent = { byteLength, chunkByteLength }
    this.#components = components
  }

  /**
   * It is wanted under these names too. Added one by one: as arguments of one call, that many would overflow the stack.
   */
  addEntries(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.entries.push(entry)
    }
  }

  get missing(): Entry[] {
    return this.entries.filter(({ state }) => state === 'missing')
  }

  /** Whether members contradict one another about its length, and nothing has shown who is right. */
  get isDisputed(): boolean {
    return this.key !== this.root
  }

  /** Whether the swarm needs it here: something is here, or is expected. */
  get isOfUse(): boolean {
    return this.files.size > 0 || this.part !== undefined || this.missing.length > 0
  }

  /** Whether all its entries have their names. */
  get isDone(): boolean {
    return this.entries.every(({ state }) => state === 'complete' || state === 'replaced')
  }

  get state(): ContentState {
    const chunkCount = chunkCountOf(this.extent)
    const held =
      this.files.size > 0 ? Bitfield.full(chunkCount) : (this.part?.held ?? new Bitfield(chunkCount))
    return {
      key: this.key,
      root: this.root,
      byteLength: this.extent.byteLength,
      held: held.toBytes(),
      digestsKnown: this.digests !== undefined || chunkCount === 1,
      wanted: this.missing.length > 0
    }
  }

  addFile(path: string, { hashed: { digests, md5 }, stamp }: Pick<ReadFile, 'hashed' | 'stamp'>): void {
    this.files.set(path, stamp)
    this.digests = digests
    this.md5 = md5
  }

  /** A file, or a folder that contains files, has another name now. */
  moveFile(from: string, to: string): void {
    for (const [path, stamp] of [...this.files]) {
      if (path === from || path.startsWith(from + sep)) {
        this.files.delete(path)
        this.files.set(to + path.slice(from.length), stamp)
      }
    }
  }

  /** Whether an extent divides the content as this one does: a single chunk may have any length. */
  divides({ byteLength, chunkByteLength }: Extent): boolean {
    return (
      byteLength === this.extent.byteLength &&
      (chunkByteLength === this.extent.chunkByteLength ||
        byteLength <= Math.min(chunkByteLength, this.extent.chunkByteLength))
    )
  }

  /**
   * A chunk, in the buffer if that is long enough, or in one of its own. If it is doubted, it is read from the disk and
   * verified. Otherwise it is verified now and then, or if something shows that its file, or any on this disk, has
   * changed.
   *
   * @throws ChunkUnreadableError, or the system's error when only this process or machine lacks a resource
   */
  read(chunkIndex: number, isDoubted = false, buffer?: ArrayBufferLike): Uint8Array {
    const { chunkCache } = this.#components
    const byteLength = byteLengthOfChunk(this.extent, chunkIndex)
    const place = (): Uint8Array =>
      buffer === undefined || buffer.byteLength < byteLength
        ? unfilledBytes(byteLength)
        : new Uint8Array(buffer, 0, byteLength)
    if (isDoubted) {
      chunkCache.delete(this.root, chunkIndex)
    }
    const cached = chunkCache.get(this.root, chunkIndex)
    if (cached !== undefined) {
      const bytes = place()
      bytes.set(cached)
      return bytes
    }
    const verifies = isDoubted || this.#components.disk.hasSpoilt || this.#reads++ % READS_PER_CHECK === 0
    let lack: unknown
    for (const [path, stamp] of this.files) {
      try {
        const bytes = this.#readFrom(path, stamp, chunkIndex, verifies, place())
        if (bytes !== undefined) {
          return bytes
        }
      } catch (error) {
        lack = error
      }
    }
    if (lack !== undefined) {
      throw lack
    }
    if (this.part?.held.has(chunkIndex) === true) {
      const bytes = this.#readFromPart(this.part, chunkIndex, verifies, place())
      if (bytes !== undefined) {
        return bytes
      }
      throw new ChunkUnreadableError(
        `chunk ${chunkIndex} of ${this.#shown()} was spoilt on this disk; it will be fetched again`
      )
    }
    throw new ChunkUnreadableError(
      this.files.size > 0
        ? `chunk ${chunkIndex} of ${this.#shown()} is not what it was: the file was changed, moved or removed; ` +
            'put it back, or start this peer again to share it as it is now'
        : `chunk ${chunkIndex} of ${this.#shown()} is not here`
    )
  }

  #readFromPart(
    part: PartFile,
    chunkIndex: number,
    verifies: boolean,
    place: Uint8Array
  ): Uint8Array | undefined {
    try {
      return verifies ? part.read(chunkIndex, place) : part.readUnverified(chunkIndex, place)
    } catch (error) {
      throw isOfResources(error) ? error : this.unreadableNow(chunkIndex, error)
    }
  }

  unreadableNow(chunkIndex: number, error: unknown): ChunkUnreadableError {
    const what = `chunk ${chunkIndex} of ${this.#shown()} cannot be read at the moment`
    return new ChunkUnreadableError(`${what}: ${systemMessage(error)}`, { cause: error })
  }

  /** Undefined when the file is gone or changed. @throws the system's error when that says nothing about the file */
  #readFrom(
    path: string,
    stamp: FileStamp | undefined,
    chunkIndex: number,
    verifies: boolean,
    place: Uint8Array
  ): Uint8Array | undefined {
    const { digests, extent } = this
    const { descriptors, disk, onDoubt } = this.#components
    if (digests === undefined) {
      return undefined
    }
    try {
      const file = new ChunkFile({ path, extent, digests, descriptors }, 'read')
      // A check costs some microseconds, a chunk's SHA-256 milliseconds.
      const isUnchanged = stamp !== undefined && sameStamp(stamp, descriptors.stamp(path, 'read'))
      const isTrusted = isUnchanged && !verifies
      const bytes = isTrusted ? file.readUnverified(chunkIndex, place) : file.read(chunkIndex, place)
      if (bytes !== undefined) {
        return bytes
      }
      disk.hasSpoilt ||= isUnchanged
      // The name may be another file's by now: check again next time.
      descriptors.close(path)
    } catch (error) {
      if (isOfResources(error)) {
        throw error
      }
      // Gone or unreadable: the caller tries the next file, and reports it when there is none.
    }
    onDoubt(this, path)
    return undefined
  }

  #shown(): string {
    const [entry] = this.entries
    const [file] = this.files.keys()
    return printable(file ?? (entry === undefined ? this.root : manifestKey(entry.manifest)))
  }
}
