/**
 * Hashes files, and remembers the result for as long as path, length, inode and the times of modification and of change
 * stay the same, so that a peer that starts again need not read everything again.
 *
 * An entry carries a checksum and is believed only if it is whole. Losing one costs one reading, so entries are not
 * synced and a failure to write one is no failure of the store.
 */
import { hash } from 'node:crypto'
import { statSync } from 'node:fs'
import { readdir, readFile, realpath, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DIGEST_BYTE_LENGTH } from '../core/chunks.ts'
import { printable } from '../core/names.ts'
import type { Descriptors } from './descriptors.ts'
import { rootOf } from './digest-list.ts'
import { isOfResources, systemMessage } from './disk-errors.ts'
import { replaceFile } from './durable.ts'
import { type HashOptions, hashFile, MIN_NOTED_BYTE_LENGTH, type ReadFile } from './hasher.ts'
import { patiently } from './patiently.ts'
import { type FileStamp, isSettled, stampOf } from './stamps.ts'

const MAX_UNUSED_MS = 30 * 24 * 60 * 60 * 1000

/** Small files that are read between two turns of the event loop, in which the store's other calls are served. */
const UNNOTED_A_TURN = 32

const NEWLINE = 0x0a

const HEADER = /^([0-9a-f]{32}) ([0-9]{1,15}) /

export interface KnownFile extends ReadFile {
  /** Whether an earlier run read it: its stamp is the only evidence that it is still the same. */
  isEarlier: boolean
}

export interface DigestCacheOptions {
  /** Whether to believe nothing of earlier runs. */
  verify?: boolean
  /** These are closed when the process may open no more files. */
  descriptors?: Descriptors
  /** A warning, in one sentence. */
  onWarning?(message: string): void
}

export class DigestCache {
  readonly #folder: string
  readonly #options: DigestCacheOptions
  /** Entries of this run. */
  readonly #written = new Set<string>()
  /** Entries that are wrong, and cannot be removed. */
  readonly #refuted = new Set<string>()
  #pruned = false
  /** How many files were read that are too small for an entry. */
  #unnoted = 0

  constructor(folder: string, options: DigestCacheOptions = {}) {
    this.#folder = folder
    this.#options = options
  }

  /**
   * As `hashFile`, but reads the file only when it has no entry. Every call waits if this process or machine lacks a
   * resource: the error that is thrown in the end says nothing about the file (`isOfResources`).
   */
  async hash(path: string, chunkByteLength: number, options: HashOptions): Promise<KnownFile> {
    return await this.#patiently(options, (counting) => this.#hash(path, chunkByteLength, counting))
  }

  /** As `hash`, but ignores any entry of the file, and writes none. */
  async read(path: string, chunkByteLength: number, options: HashOptions): Promise<ReadFile> {
    return await this.#patiently(options, (counting) => hashFile(path, chunkByteLength, counting))
  }

  /** Subtracts the bytes of a failed attempt: the next one counts them again. */
  async #patiently<T>(options: HashOptions, work: (counting: HashOptions) => Promise<T>): Promise<T> {
    const attempt = async (): Promise<T> => {
      let countedBytes = 0
      const onBytes = (byteLength: number): void => {
        countedBytes += byteLength
        options.onBytes?.(byteLength)
      }
      try {
        return await work({ ...options, onBytes })
      } catch (error) {
        options.onBytes?.(-countedBytes)
        throw error
      }
    }
    return await patiently(() => this.#withRoom(attempt), options.signal)
  }

  #withRoom<T>(work: () => Promise<T>): Promise<T> {
    return this.#options.descriptors?.withRoom(work) ?? work()
  }

  async #hash(path: string, chunkByteLength: number, options: HashOptions): Promise<KnownFile> {
    const current = stampOf(statSync(path, { bigint: true }))
    if (current.byteLength < MIN_NOTED_BYTE_LENGTH) {
      this.#unnoted++
      if (this.#unnoted % UNNOTED_A_TURN === 0) {
        await nextTurn()
      }
      return { ...(await hashFile(path, chunkByteLength, options)), isEarlier: false }
    }
    const real = await realpath(path)
    const cached = await this.#find(real, chunkByteLength, current)
    if (cached !== undefined) {
      options.onBytes?.(current.byteLength)
      return cached
    }
    const read = await hashFile(real, chunkByteLength, options)
    // Unless it may have been written to since and have the same stamp.
    if (isSettled(read.stamp, read.readAtMs)) {
      await this.keepSettled(real, chunkByteLength, read)
    }
    return { ...read, isEarlier: false }
  }

  /** Remembers the digests of a file that is known to have been the same since it has its stamp. */
  async keepSettled(
    real: string,
    chunkByteLength: number,
    { hashed, stamp, readAtMs }: ReadFile
  ): Promise<void> {
    if (hashed.byteLength < MIN_NOTED_BYTE_LENGTH) {
      return
    }
    const known = `${hashed.md5} ${readAtMs} `
    const header = Buffer.from(`${known}${keyOf(real, chunkByteLength, stamp)}\n`)
    const checksum = hash('sha256', Buffer.concat([header, hashed.digests]), 'buffer')
    const entry = this.#entry(real, chunkByteLength)
    try {
      await this.#withRoom(() => replaceFile(entry, [checksum, header, hashed.digests], false))
      this.#written.add(entry)
      this.#refuted.delete(entry)
    } catch {
      // A cache that cannot be written is an empty one; other failures of the disk are reported where they matter.
    }
  }

  /**
   * The entry of a file is wrong: nothing of it is believed any more. It waits if this process or machine lacks a
   * resource. An entry that still cannot be removed is reported, because the next run would believe it.
   *
   * @throws the signal's reason
   */
  async drop(path: string, chunkByteLength: number, signal: AbortSignal): Promise<void> {
    try {
      await patiently(() => this.#withRoom(() => this.#remove(path, chunkByteLength)), signal)
    } catch (error) {
      signal.throwIfAborted()
      this.#options.onWarning?.(
        `what an earlier run noted of ${printable(path)} is wrong, and could not be removed (${systemMessage(error)}); ` +
          'start this peer with --verify the next time'
      )
    }
  }

  async #remove(path: string, chunkByteLength: number): Promise<void> {
    const real = await realpath(path).catch((error: unknown) => {
      if (isOfResources(error)) {
        throw error
      }
      return path
    })
    const entry = this.#entry(real, chunkByteLength)
    this.#refuted.add(entry)
    await rm(entry, { force: true })
    this.#refuted.delete(entry)
  }

  /** Removes entries that have not been used for a month; once per run. */
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

  async #find(real: string, chunkByteLength: number, stamp: FileStamp): Promise<KnownFile | undefined> {
    const entry = this.#entry(real, chunkByteLength)
    const isEarlier = !this.#written.has(entry)
    if ((isEarlier && this.#options.verify === true) || this.#refuted.has(entry)) {
      return undefined
    }
    const bytes = await readFile(entry).catch((error: unknown) => {
      // Reading a large file again would take longer than waiting.
      if (isOfResources(error)) {
        throw error
      }
      return undefined
    })
    const read = bytes && parse(bytes, keyOf(real, chunkByteLength, stamp), stamp)
    // A clock that was set back since may give a file the same times twice.
    if (read === undefined || read.readAtMs > Date.now()) {
      return undefined
    }
    const now = new Date()
    await utimes(entry, now, now).catch(() => undefined)
    return { ...read, isEarlier }
  }

  #entry(real: string, chunkByteLength: number): string {
    return join(this.#folder, hash('sha256', `${chunkByteLength}\0${real}`).slice(0, 32))
  }
}

/** What must be equal for an entry to describe the file in its present state. */
function keyOf(path: string, chunkByteLength: number, stamp: FileStamp): string {
  const { byteLength, modifiedNs, changedNs, inode } = stamp
  return JSON.stringify([path, chunkByteLength, byteLength, ...[modifiedNs, changedNs, inode].map(String)])
}

/** Undefined when the entry is torn, or of another state of the file. */
function parse(bytes: Buffer<ArrayBuffer>, key: string, stamp: FileStamp): ReadFile | undefined {
  const checksum = bytes.subarray(0, DIGEST_BYTE_LENGTH)
  const body = bytes.subarray(DIGEST_BYTE_LENGTH)
  const headerEnd = body.indexOf(NEWLINE)
  if (headerEnd < 0 || !hash('sha256', body, 'buffer').equals(checksum)) {
    return undefined
  }
  const header = body.toString('utf8', 0, headerEnd)
  const [known = '', md5 = '', readAt = ''] = HEADER.exec(header) ?? []
  if (known === '' || header.slice(known.length) !== key) {
    return undefined
  }
  const digests = Uint8Array.from(body.subarray(headerEnd + 1))
  const hashed = { byteLength: stamp.byteLength, md5, root: rootOf(digests), digests }
  return { hashed, stamp, readAtMs: Number(readAt) }
}
