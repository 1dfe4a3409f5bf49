/** Reads everything that a peer shares (see share-scan.ts), three files at a time. */
import { DEFAULT_CHUNK_BYTE_LENGTH } from '../core/chunks.ts'
import { sideBySide } from '../core/side-by-side.ts'
import { dateOf } from './attributes.ts'
import type { StoreContext } from './context.ts'
import { zeroByteLengthOf } from './digest-list.ts'
import { FileChangingError, type ReadFile, TooManyChunksError } from './hasher.ts'
import { LANE_COUNT } from './md5/md5-module.ts'
import { unreadable, unusable } from './share-errors.ts'
import { type ScanInit, type ScannedEntry, scanShares } from './share-scan.ts'
import type { SharedEntry } from './store.ts'

/** As many as MD5s that are computed side by side. */
const FILES_AT_A_TIME = LANE_COUNT

/** An eye can follow a few changes per second. */
const PROGRESS_INTERVAL_MS = 250

export interface HashSharesInit extends ScanInit, Pick<StoreContext, 'cache'> {
  chunkByteLength: number
  /** Something is left out of the shares, or shared under another name: one sentence. */
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
  const { entries: scanned, sentences } = await scanShares(init)
  for (const sentence of sentences) {
    init.onLeftOut(sentence)
  }
  const onBytes = progressOf(scanned, init)
  const shares = await sideBySide(scanned, FILES_AT_A_TIME, init.signal, (found, signal) =>
    hashShare(found, onBytes, { ...init, signal })
  )
  await init.cache.prune()
  return shares
}

async function hashShare(
  { kind, path, localPath, attributes }: ScannedEntry,
  onBytes: (byteLength: number) => void,
  init: HashSharesInit
): Promise<OwnShare> {
  if (kind === 'folder') {
    return {
      entry: { kind, path, byteLength: 0, md5: '', root: '', ...attributes },
      localPath,
      read: undefined
    }
  }
  const read = await hashSharedFile(localPath, onBytes, init)
  const { byteLength, md5, root, digests } = read.hashed
  const zeroByteLength = zeroByteLengthOf(digests, { byteLength, chunkByteLength: init.chunkByteLength })
  const zeros = zeroByteLength > 0 ? { zeroByteLength } : {}
  const all = { ...dateOf(read.stamp.modifiedNs), ...attributes, ...zeros }
  return { entry: { kind, path, byteLength, md5, root, ...all }, localPath, read }
}

async function hashSharedFile(
  localPath: string,
  onBytes: (byteLength: number) => void,
  { cache, chunkByteLength, signal }: HashSharesInit
): Promise<ReadFile> {
  try {
    return await cache.hash(localPath, chunkByteLength, { signal, onBytes })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof FileChangingError) {
      throw unusable(localPath, 'is being written; share it when that has ended', { cause: error })
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
