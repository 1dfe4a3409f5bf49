/** The objects that the parts of a store share: one of each per store. */
import type { Restorer } from './attributes.ts'
import type { BusyFiles } from './busy-files.ts'
import type { ChunkCache } from './chunk-cache.ts'
import type { Descriptors } from './descriptors.ts'
import type { DigestCache } from './digest-cache.ts'
import type { FolderSyncs } from './folder-syncs.ts'
import type { CollectionPaths } from './paths.ts'
import type { PrefixHasher } from './prefix-hasher.ts'
import type { StoreListener } from './store.ts'

/** What is known of the disk under the files. */
export interface Disk {
  /**
   * Whether the disk corrupted anything that was verified and written, or hashed: from then on each chunk is verified
   * again.
   */
  hasSpoilt: boolean
}

export interface StoreContext {
  paths: CollectionPaths
  descriptors: Descriptors
  cache: DigestCache
  chunkCache: ChunkCache
  disk: Disk
  prefixHasher: PrefixHasher
  folderSyncs: FolderSyncs
  busy: BusyFiles
  listener: StoreListener
  /** Aborts when the store is closed. */
  signal: AbortSignal
  /** Whether a gap in a file costs nothing, so that the file may have its full length from the start. */
  isSparse: boolean
  newFileMode: number
  restorer: Restorer
  syncData(descriptor: number): Promise<void>
}
