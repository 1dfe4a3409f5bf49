/**
 * How the rest of a peer sees the disk: content by its root, entries of the catalog by their manifests.
 *
 * The order that every implementation keeps: a chunk is verified before it is written, its bytes are synced before the
 * state that claims them, a file's MD5 is checked before it gets its final name.
 */
import { PotluckError } from '../core/errors.ts'
import type { Attributes, Manifest } from '../protocols/manifest/index.ts'

/** A file or a folder that this peer brings, read and hashed. */
export interface SharedEntry extends Attributes {
  kind: 'file' | 'folder'
  /** As the others will see it: relative, "/" between its parts. */
  path: string
  byteLength: number
  md5: string
  root: string
  /** How many bytes are in chunks of zeros; absent if none are. */
  zeroByteLength?: number
}

/** How much of the content of one root is here. */
export interface ContentState {
  /** The store's key for it: its root; while members contradict one another about its length, root and length. */
  key: string
  root: string
  byteLength: number
  /** `Bitfield.toBytes()` of the chunks that are here and verified. */
  held: Uint8Array<ArrayBuffer>
  /** Whether chunks can be stored: their digests are known, or there is one chunk, which the root itself verifies. */
  digestsKnown: boolean
  /** Whether an entry still needs it; otherwise it is not to be fetched. */
  wanted: boolean
}

/** The outcome for bytes that claim to be a chunk. */
export interface ChunkOutcome {
  /** False only when the bytes are not the chunk. */
  stored: boolean
  /** The chunk proved the length of its content, about which members disagreed: how much of the content is here. */
  settled?: ContentState
  /**
   * The buffers that the caller may use again: the one that was lent, or instead of one that the store keeps, others
   * that it kept before.
   */
  free: ArrayBufferLike[]
}

/** The bytes are not here, cannot be read, or have changed since they were hashed. */
export class ChunkUnreadableError extends Error {
  override readonly name = 'ChunkUnreadableError'
}

/**
 * There is no room at the moment, for bytes, in memory or for one more open file: the same write may succeed once there
 * is. Reading goes on in the meantime.
 */
export class DiskFullError extends PotluckError {
  constructor(message: string, options?: ErrorOptions) {
    super('DISK', message, options)
    this.name = 'DiskFullError'
  }
}

/** The disk failed to write a chunk, and may accept it the next time: it is to be fetched again. */
export class WriteFailedError extends Error {
  override readonly name = 'WriteFailedError'
}

export interface StoreListener {
  /**
   * An entry of the catalog has its final name; called once for each. `local`: no chunk was stored for it in this run,
   * also if it was copied from another entry for which chunks were. `checkedAtMs`: when an earlier run read and hashed
   * the file, in milliseconds since 1970, if this run relies on its unchanged times.
   */
  onFileComplete(manifest: Manifest, local: boolean, checkedAtMs?: number): void
  /** How far the hashing of the shares is; at most a few times per second. */
  onHashing(hashedBytes: number, totalBytes: number): void
  /** A chunk that was here is lost, because the disk corrupted it: it is to be fetched again. */
  onChunkLost?(root: string, chunkIndex: number): void
  /** A warning, in one sentence; the store goes on. */
  onWarning?(message: string): void
  /**
   * An entry of the catalog is given up: it will not get its final name in this run, and the run goes on without it.
   * Called once for each. DISK: this computer cannot store it; INTEGRITY: its origin describes it falsely.
   */
  onEntryFailed(manifest: Manifest, error: PotluckError): void
  /** What was in the place of a file is kept under another name. Both paths are relative to the collection. */
  onMovedAside?(path: string, movedTo: string): void
  /** An entry that was complete is no longer as published: it is completed again. */
  onFileLost?(manifest: Manifest): void
  /** No file here has the content any more: all of it is to be fetched again. */
  onContentLost?(root: string): void
  /**
   * Chunks are here that no one brought in this run: of zeros, or left by an earlier run. Called when the digests of a
   * content were set, before that resolves.
   */
  onChunksHeld?(root: string, chunkIndices: number[]): void
  /** The store cannot go on. */
  onFatal(error: Error): void
}

export interface Store {
  /** Reads all shared paths once; unchanged files that were read before are taken from the cache. */
  hashShares(chunkByteLength: number): Promise<SharedEntry[]>

  /**
   * Accepts the catalog's entries of the other peers, and says how much of each content is here. Content that is in the
   * collection already or can be copied from this disk is never fetched. Entries that cannot be stored here are given
   * up: because of their names, of what is in their way, of lack of room, or of a false description. May be called
   * again with more. Only after `hashShares`.
   *
   * @param declined entries of other peers that this one does without: no file is made of them, and their content that
   * is here stays and is served
   * @returns one state for each content that is wanted or of which something is here
   * @throws PotluckError DISK when the disk fails as a whole
   */
  adopt(manifests: Manifest[], declined?: Manifest[]): Promise<ContentState[]>

  /**
   * The digests of up to `count` chunks from `firstChunkIndex` on, 32 bytes per chunk: fewer if the content ends, and
   * undefined when they are not known here.
   */
  digests(root: string, firstChunkIndex: number, count: number): Promise<Uint8Array<ArrayBuffer> | undefined>

  /** Accepts digests from another peer; false when they do not hash to the root. @param key of `ContentState` */
  setDigests(key: string, digests: Uint8Array<ArrayBuffer>): Promise<boolean>

  /**
   * A chunk's bytes as verified when they were stored or hashed, if the disk kept them. The peer that receives them
   * verifies them.
   *
   * @param isDoubted a peer received corrupt bytes of it from here: it is read from the disk and verified, and lost if
   * the disk corrupted it
   * @param buffer for the bytes if it is long enough; lent, and the caller's again when this resolves. Without it they
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
   * Verifies and writes a chunk: the first `byteLength` bytes of `buffer`, which is lent. Until the outcome says that
   * it is free the caller neither writes to it nor reads it: memory that threads share could change after it was
   * verified. A chunk that is here already counts as stored. Waits when the disk is behind.
   *
   * @throws DiskFullError when there is no room, WriteFailedError when the disk reports an error, PotluckError DISK
   * when it does so again or for any other failure of the disk, INTERRUPTED when the store is closed, Error when the
   * content or its digests are not known; the buffer is the caller's again then
   */
  writeChunk(
    key: string,
    chunkIndex: number,
    buffer: ArrayBufferLike,
    byteLength: number
  ): Promise<ChunkOutcome>

  /**
   * Checks all complete files, and reads again those that changed since they were read. By the time it resolves, the
   * listener knows of complete files that are wrong, and of lost contents.
   *
   * @returns the entries that are not complete, or not any more
   * @throws PotluckError DISK
   */
  confirm(): Promise<Manifest[]>

  /** Syncs what was written, writes the state, releases the lock. */
  close(): Promise<void>
}
