/** Reads everything that this peer shares, and tells how far it is. */
import { DEFAULT_CHUNK_BYTE_LENGTH } from '../core/chunks.ts'
import type { DigestCache } from './digest-cache.ts'
import { FileChangingError, type ReadFile, TooManyChunksError } from './hasher.ts'
import { leftOutWarning } from './own-file-messages.ts'
import { type ScanInit, type ScannedEntry, scanShares, unreadable, unusable } from './shares.ts'
import type { SharedEntry } from './store.ts'
import { zeroByteLengthOf } from './zero-chunks.ts'

/** A few times a second is what an eye can follow. */
const PROGRESS_INTERVAL_MS = 250

export interface HashSharesInit extends ScanInit {
  cache: DigestCache
  chunkByteLength: number
  /** Called once at the most, with a sentence. */
  onLeftOut(message: string): void
  onHashing(hashedBytes: number, totalBytes: number): void
}

export interface OwnShare {
  entry: SharedEntry
  localPath: string
  /** Undefined for a folder. */
  read: ReadFile | undefined
}

/** @throws PotluckError SHARE_UNUSABLE, or the signal's reason */
export async function hashOwnShares(init: HashSharesInit): Promise<OwnShare[]> {
  const { entries: scanned, leftOut } = await scanShares(init)
  if (leftOut.length > 0) {
    init.onLeftOut(leftOutWarning(leftOut))
  }
  const onBytes = progressOf(scanned, init)
  const shares: OwnShare[] = []
  for (const entry of scanned) {
    const { kind, path, localPath } = entry
    if (kind === 'folder') {
      shares.push({ entry: { kind, path, byteLength: 0, md5: '', root: '' }, localPath, read: undefined })
    } else {
      const read = await hashShare(entry, onBytes, init)
      const { byteLength, md5, root, digests } = read.hashed
      const zeroByteLength = zeroByteLengthOf(digests, { byteLength, chunkByteLength: init.chunkByteLength })
      const zeros = zeroByteLength > 0 ? { zeroByteLength } : {}
      shares.push({ entry: { kind, path, byteLength, md5, root, ...zeros }, localPath, read })
    }
  }
  await init.cache.prune()
  return shares
}

async function hashShare(
  { localPath }: ScannedEntry,
  onBytes: (byteLength: number) => void,
  { cache, chunkByteLength, signal }: HashSharesInit
): Promise<ReadFile> {
  try {
    return await cache.hash(localPath, chunkByteLength, { signal, onBytes })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof FileChangingError) {
      throw unusable(localPath, 'is being written to; share it when that is over', { cause: error })
    }
    if (error instanceof TooManyChunksError) {
      const advice = `a larger chunkByteLength at the coordinator (now ${chunkByteLength}, by default ${DEFAULT_CHUNK_BYTE_LENGTH}) makes fewer`
      throw unusable(localPath, `is too long: ${error.message}; ${advice}`, { cause: error })
    }
    throw unreadable(localPath, error)
  }
}

function progressOf(scanned: ScannedEntry[], { onHashing }: HashSharesInit): (byteLength: number) => void {
  const totalBytes = scanned.reduce((sum, { byteLength }) => sum + byteLength, 0)
  let hashedBytes = 0
  let shownAtMs = Number.NEGATIVE_INFINITY
  return (byteLength) => {
    hashedBytes += byteLength
    const nowMs = performance.now()
    if (nowMs - shownAtMs >= PROGRESS_INTERVAL_MS || hashedBytes >= totalBytes) {
      shownAtMs = nowMs
      onHashing(hashedBytes, totalBytes)
    }
  }
}
