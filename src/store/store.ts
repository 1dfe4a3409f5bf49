/**
 * What the rest of a peer knows of the disk: content by its root, entries of the catalog by their manifests.
 *
 * The order that every implementation keeps: a chunk is verified before it is written, its bytes are synced before
 * the state that claims them, a file's MD5 is checked before it gets its final name.
 */
import { PotluckError } from '../core/errors.ts'
import type { Attributes, Manifest } from '../protocols/manifest/index.ts'

/** A file or an empty folder that this peer brings, read and hashed. */
export interface SharedEntry extends Attributes {
  kind: 'file' | 'folder'
  /** As the others will see it: relative, "/" between its parts. */
  path: string
  byteLength: number
  md5: string
  root: string
  /** How many bytes are in chunks of zeros; left out where none are. */
  zeroByteLength?: number
}

/** How far the content of one root is here. */
export interface ContentState {
  /** What the store calls it: its root; as long as members contradict one another about its length, root and length. */
  key: string
  root: string
  byteLength: number
  /** `Bitfield.toBytes()` of the chunks that are here and verified. */
  held: Uint8Array<ArrayBuffer>
  /** Whether chunks can be stored: their digests are known, or there is one chunk, which the root itself verifies. */
  digestsKnown: boolean
  /** Whether an entry is still to be made of it; without one it is not to be fetched. */
  wanted: boolean
}

/** What became of bytes that were said to be a chunk. */
export interface ChunkOutcome {
  /** False only when the bytes are not the chunk. */
  stored: boolean
  /** The chunk proved how long its content is, of which members said different things: how far it is here. */
  settled?: ContentState
  /** The caller's again: the buffer that was lent, or in the place of one that the store keeps, others that it kept before. */
  free: ArrayBufferLike[]
}

/** The bytes are not here, cannot be read, or are no longer what they were when they were hashed. */
export class ChunkUnreadableError extends Error {
  override readonly name = 'ChunkUnreadableError'
}

/**
 * There is no room at the moment, for bytes, in memory or for one more open file: the same write may succeed once there is. Reading
 * goes on meanwhile.
 */
export class DiskFullError extends PotluckError {
  constructor(message: string, options?: ErrorOptions) {
    super('DISK', message, options)
    this.name = 'DiskFullError'
  }
}

/** The disk failed to take a chunk, and may take it the next time: it is to be fetched again. */
export class WriteFailedError extends Error {
  override readonly name = 'WriteFailedError'
}

export interface StoreListener {
  /**
   * An entry of the catalog has its final name; called once for each. `local`: no chunk was stored for it in this
   * run, so also when it was copied from another entry that was. `checkedAtMs`: when an earlier run read and hashed the
   * file, in milliseconds since 1970, where this run goes by its unchanged times.
   */
  onFileComplete(manifest: Manifest, local: boolean, checkedAtMs?: number): void
  /** How far the hashing of the shares is; a few times a second at the most. */
  onHashing(hashedBytes: number, totalBytes: number): void
  /** A chunk that was held is not any more, because the disk spoilt it: it is to be fetched again. */
  onChunkLost?(root: string, chunkIndex: number): void
  /** There is something to be careful of, in a sentence; the store goes on. */
  onWarning?(message: string): void
  /**
   * An entry of the catalog is given up: it will not get its final name in this run, and the run goes on without it. Called
   * once for each. DISK: this computer cannot hold it; INTEGRITY: its origin describes it falsely.
   */
  onEntryFailed(manifest: Manifest, error: PotluckError): void
  /** An entry that was complete is not as it was published any more: it is completed anew. */
  onFileLost?(manifest: Manifest): void
  /** No file here has the content any more: all of it is to be fetched again. */
  onContentLost?(root: string): void
  /**
   * Chunks are held that nobody brought in this run: of zeros, or left by an earlier run. Told when the digests of a
   * content were set, before that resolves.
   */
  onChunksHeld?(root: string, chunkIndices: number[]): void
  /** The store cannot go on. */
  onFatal(error: Error): void
}

export interface Store {
  /** Reads all shared paths once; what was read before and did not change is taken from the cache. */
  hashShares(chunkByteLength: number): Promise<SharedEntry[]>

  /**
   * Takes the catalog's entries of the other peers, and says of each content how far it is here. What is in the
   * collection already or can be copied from this disk is never to be fetched. Entries that cannot be held here are given
   * up: for their names, for what is in their way, for lack of room, for a false description. May be called again with more.
   * Only after `hashShares`.
   *
   * @returns one state for each content that is wanted or of which something is here
   * @throws PotluckError DISK when the disk fails as a whole
   */
  adopt(manifests: Manifest[]): Promise<ContentState[]>

  /**
   * The digests of up to `count` chunks from `firstChunkIndex` on, 32 bytes a chunk: fewer where the content ends, and
   * undefined when they are not known here.
   */
  digests(root: string, firstChunkIndex: number, count: number): Promise<Uint8Array<ArrayBuffer> | undefined>

  /** Takes digests from another peer; false when they do not hash to the root. @param key of `ContentState` */
  setDigests(key: string, digests: Uint8Array<ArrayBuffer>): Promise<boolean>

  /**
   * A chunk's bytes, as they were verified when they were stored or hashed, if the disk kept them. Whoever gets them verifies
   * them.
   *
   * @param isDoubted somebody got false bytes of it from here: it is read from the disk and verified, and lost when the
   * disk spoilt it
   * @param buffer where the bytes go if it is long enough; lent, and the caller's again when this resolves. Without it they
   * have a buffer of their own
   * @throws ChunkUnreadableError; the buffer is the caller's again then, too
   */
  readChunk(
    root: string,
    chunkIndex: number,
    isDoubted?: boolean,
    buffer?: ArrayBufferLike
  ): Promise<Uint8Array>

  /**
   * Verifies and writes a chunk: the first `byteLength` bytes of `buffer`, which is lent. Until the outcome says that it is free
   * the caller neither writes to it nor reads it: memory that threads share would change after it was verified. A chunk that
   * is held already counts as stored. Waits when the disk is behind.
   *
   * @throws DiskFullError when there is no room, WriteFailedError when the disk reports an error, PotluckError DISK when it
   * does so again or for any other failure of the disk, INTERRUPTED when the store is closed, Error when the content or its
   * digests are not known; the buffer is the caller's again then
   */
  writeChunk(
    key: string,
    chunkIndex: number,
    buffer: ArrayBufferLike,
    byteLength: number
  ): Promise<ChunkOutcome>

  /**
   * Looks at all complete files, and reads again those that changed since they were read. Told of complete files that
   * are wrong, and of contents, the listener knows when it resolves.
   *
   * @returns the entries that are not complete, or not any more
   * @throws PotluckError DISK
   */
  confirm(): Promise<Manifest[]>

  /** Syncs what was written, writes the state, gives up the lock. */
  close(): Promise<void>
}
