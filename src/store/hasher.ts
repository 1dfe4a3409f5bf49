/**
 * Reads a file once and computes all that identifies it: its MD5, its chunk digests and their root.
 *
 * An MD5 needs a file in order, so it limits the speed of a long file. Files that are read at the same time have their
 * MD5s computed side by side, in half of the time each. If there are processors for it, Node's threads compute the
 * chunks' SHA-256s: each chunk is copied for that, which makes it two thirds more expensive.
 */
import { hash, subtle } from 'node:crypto'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { chunkCountOf, DIGEST_BYTE_LENGTH, MAX_CHUNK_COUNT } from '../core/chunks.ts'
import { READ_FLAGS, readFully as readFullyNow } from './descriptors.ts'
import { rootOf } from './digest-list.ts'
import { Md5Batch } from './md5/md5-batch.ts'
import { type FileStamp, sameStamp, stampOf, untilSettled } from './stamps.ts'

/**
 * Large enough that a read costs little compared with its hashing, small enough that other calls are served between
 * two.
 */
const READ_BYTE_LENGTH = 1024 * 1024

/** The digests of files of this length or more are recorded for the next run; smaller ones are read again as fast. */
export const MIN_NOTED_BYTE_LENGTH = 1024 * 1024

/** Read by calls that block the thread: through Node's threads a tiny file takes ten times as long. */
const MAX_SMALL_BYTE_LENGTH = 64 * 1024

/** A file that someone writes to may well be quiet a moment later. */
const MAX_ATTEMPTS = 3

/** The network's thread and the store's need one each; two more are worth the copies. */
const HAS_IDLE_PROCESSORS = availableParallelism() >= 4

/** The digest of a shorter chunk takes less time than passing it to another thread. */
const MIN_THREADED_BYTE_LENGTH = 64 * 1024

const md5s = new Md5Batch()

export interface HashedFile {
  byteLength: number
  md5: string
  root: string
  digests: Uint8Array<ArrayBuffer>
}

export interface ReadFile {
  hashed: HashedFile
  stamp: FileStamp
  /** When the reading began, in milliseconds since 1970. */
  readAtMs: number
}

export interface HashOptions {
  signal: AbortSignal
  /** Called with the bytes since the last call; negative when they are read again. */
  onBytes?(byteLength: number): void
  /** Whether Node's threads compute the chunks' digests: by default if there are processors for them. */
  onThreads?: boolean
}

/** The file was written to while it was read, at every attempt. */
export class FileChangingError extends Error {
  override readonly name = 'FileChangingError'
}

/** There would be more chunks than a manifest can have. */
export class TooManyChunksError extends Error {
  override readonly name = 'TooManyChunksError'
}

/**
 * @throws FileChangingError, TooManyChunksError, the signal's reason, or the error of the system
 */
export async function hashFile(
  path: string,
  chunkByteLength: number,
  options: HashOptions
): Promise<ReadFile> {
  options.signal.throwIfAborted()
  const small = hashSmallFile(path, chunkByteLength)
  if (small !== undefined) {
    options.onBytes?.(small.hashed.byteLength)
    return small
  }
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const file = await open(path, 'r')
    try {
      const stamp = stampOf(await file.stat({ bigint: true }))
      if (stamp.byteLength >= MIN_NOTED_BYTE_LENGTH) {
        await untilSettled(stamp)
      }
      const readAtMs = Date.now()
      const hashed = await hashOpenFile(file, stamp.byteLength, chunkByteLength, options)
      if (hashed !== undefined && sameStamp(stamp, stampOf(await file.stat({ bigint: true })))) {
        return { hashed, stamp, readAtMs }
      }
      options.onBytes?.(-stamp.byteLength)
    } finally {
      await file.close()
    }
  }
  throw new FileChangingError('it is being written to')
}

/** Undefined when the file is not small, or someone writes to it. */
function hashSmallFile(path: string, chunkByteLength: number): ReadFile | undefined {
  const descriptor = openSync(path, READ_FLAGS)
  try {
    const status = fstatSync(descriptor, { bigint: true })
    if (!status.isFile() || status.size > MAX_SMALL_BYTE_LENGTH) {
      return undefined
    }
    const stamp = stampOf(status)
    const readAtMs = Date.now()
    const bytes = Buffer.allocUnsafe(stamp.byteLength)
    const isWhole = readFullyNow(descriptor, bytes, 0) === bytes.byteLength
    return isWhole && sameStamp(stamp, stampOf(fstatSync(descriptor, { bigint: true })))
      ? { hashed: hashBytes(bytes, chunkByteLength), stamp, readAtMs }
      : undefined
  } finally {
    closeSync(descriptor)
  }
}

function hashBytes(bytes: Uint8Array, chunkByteLength: number): HashedFile {
  const { byteLength } = bytes
  const digests = new Uint8Array(chunkCountOf({ byteLength, chunkByteLength }) * DIGEST_BYTE_LENGTH)
  for (const [index, chunk] of chunksOf(bytes, chunkByteLength).entries()) {
    digests.set(hash('sha256', chunk, 'buffer'), index * DIGEST_BYTE_LENGTH)
  }
  return { byteLength, md5: hash('md5', bytes), root: rootOf(digests), digests }
}

/** Undefined when the file ends before it should. */
async function hashOpenFile(
  file: FileHandle,
  byteLength: number,
  chunkByteLength: number,
  { signal, onBytes, onThreads = HAS_IDLE_PROCESSORS }: HashOptions
): Promise<HashedFile | undefined> {
  const chunkCount = chunkCountOf({ byteLength, chunkByteLength })
  if (chunkCount > MAX_CHUNK_COUNT) {
    throw new TooManyChunksError(`it would have ${chunkCount} chunks, more than ${MAX_CHUNK_COUNT}`)
  }
  const slabByteLength = Math.max(1, Math.floor(READ_BYTE_LENGTH / chunkByteLength)) * chunkByteLength
  const md5 = md5s.begin()
  const digests = new Uint8Array(chunkCount * DIGEST_BYTE_LENGTH)
  let digested = 0
  // Two slabs, so that the disk reads one while the other is hashed.
  let slab = new Uint8Array(Math.min(slabByteLength, byteLength))
  let spare = new Uint8Array(Math.min(slabByteLength, byteLength - slab.byteLength))
  let filled = await readFully(file, slab, 0, byteLength)
  for (let byteOffset = 0; byteOffset < byteLength; byteOffset += slabByteLength) {
    signal.throwIfAborted()
    if (filled < Math.min(slabByteLength, byteLength - byteOffset)) {
      onBytes?.(byteLength - byteOffset)
      return undefined
    }
    const bytes = slab.subarray(0, filled)
    ;[slab, spare] = [spare, slab]
    const chunks = chunksOf(bytes, chunkByteLength)
    // All are awaited from the start: if one fails while the others go on, that is an error of this file, and not of
    // the thread.
    const [next] = await Promise.all([
      readFully(file, slab, byteOffset + slabByteLength, byteLength),
      md5s.update({ md5, bytes }),
      digestChunks(
        chunks,
        digests.subarray(digested),
        onThreads && chunkByteLength >= MIN_THREADED_BYTE_LENGTH
      )
    ])
    digested += chunks.length * DIGEST_BYTE_LENGTH
    onBytes?.(filled)
    filled = next
  }
  return { byteLength, md5: md5.digest(), root: rootOf(digests), digests }
}

async function digestChunks(
  chunks: readonly Uint8Array[],
  digests: Uint8Array,
  onThreads: boolean
): Promise<void> {
  await Promise.all(
    chunks.map(async (chunk, index) => {
      const digest = onThreads
        ? new Uint8Array(await subtle.digest('SHA-256', chunk))
        : hash('sha256', chunk, 'buffer')
      digests.set(digest, index * DIGEST_BYTE_LENGTH)
    })
  )
}

function chunksOf(bytes: Uint8Array, chunkByteLength: number): Uint8Array[] {
  return Array.from({ length: chunkCountOf({ byteLength: bytes.byteLength, chunkByteLength }) }, (_, index) =>
    bytes.subarray(index * chunkByteLength, (index + 1) * chunkByteLength)
  )
}

/** Reads until the buffer is full or the file ends. */
async function readFully(
  file: FileHandle,
  buffer: Uint8Array,
  byteOffset: number,
  byteLength: number
): Promise<number> {
  const wanted = Math.max(0, Math.min(buffer.byteLength, byteLength - byteOffset))
  let filled = 0
  while (filled < wanted) {
    const { bytesRead } = await file.read(buffer, filled, wanted - filled, byteOffset + filled)
    if (bytesRead === 0) {
      break
    }
    filled += bytesRead
  }
  return filled
}
