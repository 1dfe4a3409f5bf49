/**
 * Hashes files, and remembers the result for as long as path, length, modification time and inode stay what they
 * were, so that a peer that starts again need not read everything again.
 *
 * An entry carries a checksum and is believed only whole; losing one costs one reading, so entries are not synced and
 * a failure to write one is no failure of the store.
 */
import { hash } from 'node:crypto'
import { readdir, readFile, realpath, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { DIGEST_BYTE_LENGTH } from '../../protocols/chunks.ts'
import { rootOf } from './digest-list.ts'
import { replaceFile } from './durable.ts'
import { type FileStamp, type HashedFile, type HashOptions, hashFile } from './hasher.ts'

/** Smaller files are hashed faster than their entry is found. */
const MIN_CACHED_BYTE_LENGTH = 1024 * 1024

const MAX_UNUSED_MS = 30 * 24 * 60 * 60 * 1000

/** Linux stamps files with a clock that ticks every 4 to 10 ms. */
const FINE_STAMP_MS = 20

/** FAT counts in 2 s; a time of whole seconds may come from such a file system. */
const COARSE_STAMP_MS = 2000

const NEWLINE = 0x0a

const MD5_HEX_LENGTH = 32

export class DigestCache {
  readonly #folder: string
  #pruned = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** As `hashFile`, but reads the file only when it has no entry. */
  async hash(path: string, chunkByteLength: number, options: HashOptions): Promise<HashedFile> {
    const real = await realpath(path)
    const { size, mtimeNs, ino } = await stat(real, { bigint: true })
    const current = { byteLength: Number(size), modifiedNs: mtimeNs, inode: ino }
    if (current.byteLength >= MIN_CACHED_BYTE_LENGTH) {
      const cached = await this.#find(real, chunkByteLength, current)
      if (cached !== undefined) {
        options.onBytes?.(cached.byteLength)
        return cached
      }
    }
    const { hashed, stamp } = await hashFile(real, chunkByteLength, options)
    await this.keep(real, chunkByteLength, stamp, hashed)
    return hashed
  }

  /** Remembers what is known of a file. */
  async keep(real: string, chunkByteLength: number, stamp: FileStamp, hashed: HashedFile): Promise<void> {
    if (hashed.byteLength < MIN_CACHED_BYTE_LENGTH || !settled(stamp)) {
      return
    }
    const header = Buffer.from(`${headerOf(real, chunkByteLength, stamp, hashed.md5)}\n`)
    const checksum = hash('sha256', Buffer.concat([header, hashed.digests]), 'buffer')
    try {
      await replaceFile(this.#entry(real, chunkByteLength), [checksum, header, hashed.digests], false)
    } catch {
      // A cache that cannot be written is an empty one; what else the disk refuses is told where it matters.
    }
  }

  /** Removes what has not been used for a month; once a run. */
  async prune(): Promise<void> {
    if (this.#pruned) {
      return
    }
    this.#pruned = true
    const oldest = Date.now() - MAX_UNUSED_MS
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const entry = join(this.#folder, name)
      const status = await stat(entry).catch(() => undefined)
      if (status !== undefined && status.mtimeMs < oldest) {
        await rm(entry, { force: true }).catch(() => undefined)
      }
    }
  }

  async #find(real: string, chunkByteLength: number, stamp: FileStamp): Promise<HashedFile | undefined> {
    const entry = this.#entry(real, chunkByteLength)
    const bytes = await readFile(entry).catch(() => undefined)
    if (bytes === undefined) {
      return undefined
    }
    const hashed = parse(bytes, real, chunkByteLength, stamp)
    if (hashed !== undefined) {
      const now = new Date()
      await utimes(entry, now, now).catch(() => undefined)
    }
    return hashed
  }

  #entry(real: string, chunkByteLength: number): string {
    return join(this.#folder, hash('sha256', `${chunkByteLength}\0${real}`).slice(0, 32))
  }
}

/** Whether whatever is written to the file from now on will give it another stamp. */
function settled({ modifiedNs }: FileStamp): boolean {
  const unsettledMs = modifiedNs % 1_000_000_000n === 0n ? COARSE_STAMP_MS : FINE_STAMP_MS
  return Date.now() - Number(modifiedNs / 1_000_000n) > unsettledMs
}

function headerOf(path: string, chunkByteLength: number, stamp: FileStamp, md5: string): string {
  const { byteLength, modifiedNs, inode } = stamp
  return md5 + JSON.stringify([path, chunkByteLength, byteLength, String(modifiedNs), String(inode)])
}

/** Undefined when the entry is torn, or of another state of the file. */
function parse(
  bytes: Buffer<ArrayBuffer>,
  real: string,
  chunkByteLength: number,
  stamp: FileStamp
): HashedFile | undefined {
  const checksum = bytes.subarray(0, DIGEST_BYTE_LENGTH)
  const body = bytes.subarray(DIGEST_BYTE_LENGTH)
  const headerEnd = body.indexOf(NEWLINE)
  if (headerEnd < 0 || !hash('sha256', body, 'buffer').equals(checksum)) {
    return undefined
  }
  const header = body.toString('utf8', 0, headerEnd)
  const digests = Uint8Array.from(body.subarray(headerEnd + 1))
  const md5 = header.slice(0, MD5_HEX_LENGTH)
  if (header !== headerOf(real, chunkByteLength, stamp, md5)) {
    return undefined
  }
  return { byteLength: stamp.byteLength, md5, root: rootOf(digests), digests }
}
