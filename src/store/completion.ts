/**
 * Gives complete contents their final names: it checks the MD5, syncs the bytes, renames the file, and syncs the
 * folders.
 */
import { chmod, open, rm } from 'node:fs/promises'
import { chunkCountOf } from '../core/chunks.ts'
import { PotluckError } from '../core/errors.ts'
import { manifestKey, printable } from '../core/names.ts'
import { hasCode } from '../core/system-errors.ts'
import type { StoreContext } from './context.ts'
import { copyWhole } from './copy-whole.ts'
import { diskError, isOfLength, isOfOneFile, isOfResources } from './disk-errors.ts'
import { temporaryOf } from './durable.ts'
import { MIN_NOTED_BYTE_LENGTH, type ReadFile } from './hasher.ts'
import { type Placed, statusOf } from './paths.ts'
import { patiently } from './patiently.ts'
import { type FileStamp, isSettled, sameBytes, sameStamp, stampAt, untilSettled } from './stamps.ts'
import type { CheckedFile, Entry, StoredContent } from './stored-content.ts'

export interface CompletionInit extends StoreContext {
  /** Whether a path relative to the collection is an entry of the catalog. */
  taken(path: string): boolean
  onMoved(from: string, to: string): void
}

/** Files that got their names, and are to be recorded in the cache. */
interface Unremembered {
  content: StoredContent
  entry: Entry
  stamp: FileStamp
  readAtMs: number
}

/** A file that is to get a name. */
interface Finished {
  path: string
  checked: CheckedFile
  /**
   * Its stamp when it was checked, or when its date and permissions were last restored; undefined if it may have been
   * written to since.
   */
  stamp: FileStamp | undefined
}

export class Completion {
  readonly #init: CompletionInit
  readonly #unremembered = new Set<Unremembered>()
  /** Entries that have their names, in folders that are not synced yet: only a failed sync is retried. */
  readonly #named = new Map<Entry, { placed: Placed; local: boolean }>()

  constructor(init: CompletionInit) {
    this.#init = init
  }

  /**
   * Gives a complete content the names it lacks; does nothing when its part file is not complete, or not any more. May
   * be called again after it failed: it continues with what is missing.
   *
   * @throws PotluckError DISK
   */
  async finish(content: StoredContent): Promise<void> {
    const { part } = content
    if (part === undefined) {
      await this.copyMissing(content)
      return
    }
    const { md5 } = part
    if (md5 === undefined) {
      return
    }
    const misnamed = content.missing.some(({ manifest }) => manifest.md5 !== md5)
    if (misnamed && part.doubtMd5()) {
      return
    }
    this.#failMisnamed(content, md5)
    const saved = await this.#init.busy.outlast(() => part.saveUnlessBroken())
    if (content.missing.length === 0 || !saved || part.md5 === undefined) {
      return
    }
    const checked = await part.confirm()
    if (checked === undefined) {
      return
    }
    for (const entry of content.missing) {
      const finished = { path: part.path, checked, stamp: checked.stamp }
      const placed = await this.#tryPlace(finished, content, entry)
      if (placed !== undefined) {
        // The only name took the part file away; the other files of a content of one chunk are never written.
        const isBare = content.entries.length === 1 && chunkCountOf(content.extent) === 1
        await this.#settle(content, entry, placed, !part.received, isBare)
        await this.copyMissing(content)
        return
      }
    }
  }

  /**
   * Copies a content that some file has to the names that lack it. Content that is no longer in that file stays
   * missing.
   *
   * @throws PotluckError DISK
   */
  async copyMissing(content: StoredContent): Promise<void> {
    if (content.files.size === 0) {
      return
    }
    if (content.md5 !== undefined) {
      this.#failMisnamed(content, content.md5)
    }
    for (const entry of content.missing) {
      const named = this.#named.get(entry)
      if (named !== undefined) {
        await this.#settle(content, entry, named.placed, named.local)
        continue
      }
      const copied = await this.#copyVerified(content).catch((error: unknown) => {
        if (!isOfLength(error)) {
          throw error
        }
        // This file system has no room for a second file of the content.
        this.giveUpAll(content.missing, error)
      })
      if (!copied) {
        return
      }
      const path = this.#init.paths.copy(content.root)
      const copy = { path, checked: copied, stamp: copied.stamp }
      const placed = await this.#tryPlace(copy, content, entry)
      if (placed === undefined) {
        await rm(path, { force: true })
      } else {
        await this.#settle(content, entry, placed, true)
      }
    }
  }

  /** The entry will not get its name in this run: the run goes on without it. */
  giveUp(entry: Entry, error: unknown): void {
    entry.state = 'failed'
    const failure =
      error instanceof PotluckError
        ? error
        : diskError(error, 'store', this.#init.paths.destination(entry.manifest))
    this.#init.listener.onEntryFailed(entry.manifest, failure)
  }

  giveUpAll(entries: readonly Entry[], error: unknown): void {
    for (const entry of entries.filter(({ state }) => state === 'missing')) {
      this.giveUp(entry, error)
    }
  }

  /** An entry that has its name already. */
  found(content: StoredContent, entry: Entry, file: CheckedFile): void {
    this.#failMisnamed(content, content.md5 ?? entry.manifest.md5)
    if (entry.state === 'missing') {
      entry.file = file
      this.#complete(entry, true)
    }
  }

  /** Removes the files for resuming the content. */
  async removeUnfinished({ root, extent }: StoredContent): Promise<void> {
    const { paths, descriptors } = this.#init
    descriptors.close(paths.part(root))
    // For a single chunk neither is ever written.
    const replaced = chunkCountOf(extent) === 1 ? [] : [paths.state(root), paths.digests(root)]
    const all = [paths.part(root), paths.copy(root), ...replaced, ...replaced.map(temporaryOf)]
    for (const path of all) {
      // Usually there is none, and checking takes a twentieth of the time.
      if (statusOf(path) !== undefined) {
        await rm(path, { force: true })
      }
    }
  }

  /**
   * Makes a folder of the catalog.
   *
   * @param isMadeWithFiles whether it contains files, so that it is made with the first of them
   * @throws PotluckError DISK
   */
  async makeFolder(entry: Entry, isMadeWithFiles: boolean): Promise<void> {
    if (isMadeWithFiles) {
      this.#complete(entry, true)
      return
    }
    try {
      const { paths, taken, busy } = this.#init
      const placed = await busy.outlast(() => paths.makeFolder(entry.manifest, taken))
      this.#tellMoved(placed)
      await this.#init.folderSyncs.syncAll(placed.folders)
    } catch (error) {
      const failure = diskError(error, 'make the folder', this.#init.paths.destination(entry.manifest))
      if (!isOfOneFile(failure)) {
        throw failure
      }
      this.giveUp(entry, failure)
      return
    }
    this.#complete(entry, true)
  }

  /** As `#place`; gives up an entry that cannot get its name. @throws PotluckError DISK when the disk fails */
  async #tryPlace(finished: Finished, content: StoredContent, entry: Entry): Promise<Placed | undefined> {
    try {
      await this.#forgetEarlier(content, entry)
      return await this.#init.busy.outlast(() => this.#place(finished, content, entry))
    } catch (error) {
      if (!isOfOneFile(error)) {
        throw error
      }
      this.giveUp(entry, error)
      return undefined
    }
  }

  /**
   * Removes the record of an earlier file of that name: without times of change, a file with the same length and a
   * restored date could pass for it.
   */
  async #forgetEarlier({ extent }: StoredContent, { manifest }: Entry): Promise<void> {
    const { cache, paths, signal } = this.#init
    if (extent.byteLength >= MIN_NOTED_BYTE_LENGTH) {
      await cache.drop(paths.destination(manifest), extent.chunkByteLength, signal)
    }
  }

  #place(finished: Finished, content: StoredContent, entry: Entry): Placed {
    const { path, checked } = finished
    const { paths, descriptors, restorer, taken } = this.#init
    const { manifest } = entry
    const destination = paths.destination(manifest)
    try {
      // A write since the file was checked shows in the stamp before; a later one shows in the stamp that is taken
      // under the new name.
      finished.stamp = descriptors.use(path, 'write', (descriptor) =>
        restorer.restore(descriptor, destination, manifest, finished.stamp)
      )
      descriptors.close(path)
      const placed = paths.place(path, manifest, taken)
      const stamp = stampAfterMove(finished.stamp, stampAt(destination))
      entry.file = { ...checked, stamp }
      const isNoted = content.extent.byteLength >= MIN_NOTED_BYTE_LENGTH
      const wasSettled = checked.stamp !== undefined && isSettled(checked.stamp, checked.readAtMs)
      if (isNoted && stamp !== undefined && wasSettled) {
        this.#unremembered.add({ content, entry, stamp, readAtMs: checked.readAtMs })
      }
      // It may have been open under this name as the file that was moved aside.
      descriptors.close(destination)
      this.#tellMoved(placed)
      // At once: the part file is gone, so nothing may look for it.
      content.files.set(placed.destination, stamp)
      if (content.part?.path === path) {
        content.md5 = content.part.md5
        content.part = undefined
      }
      return placed
    } catch (error) {
      throw diskError(error, 'give a finished file the name', destination)
    }
  }

  /** @param isBare whether no files for resuming the content can be left */
  async #settle(
    content: StoredContent,
    entry: Entry,
    placed: Placed,
    local: boolean,
    isBare = false
  ): Promise<void> {
    this.#named.set(entry, { placed, local })
    try {
      await this.#init.descriptors.withRoom(() => this.#init.folderSyncs.syncAll(placed.folders))
      if (content.missing.length === 1 && !isBare) {
        await this.removeUnfinished(content)
      }
    } catch (error) {
      throw diskError(error, 'sync the folder of', placed.destination)
    }
    this.#named.delete(entry)
    this.#complete(entry, local)
  }

  /**
   * Makes a verified and synced copy, not yet under its name. @returns undefined when no file has the content any more
   */
  async #copyVerified(content: StoredContent): Promise<CheckedFile | undefined> {
    const { paths, syncData } = this.#init
    const copy = paths.copy(content.root)
    try {
      for (const source of content.files.keys()) {
        await rm(copy, { force: true })
        const read = await this.#tryCopy(source, copy, content)
        if (read !== undefined) {
          const file = await open(copy, 'r+')
          try {
            await syncData(file.fd)
          } finally {
            await file.close()
          }
          return { ...read, isEarlier: false }
        }
        content.files.delete(source)
        await this.#init.cache.drop(source, content.extent.chunkByteLength, this.#init.signal)
      }
      await rm(copy, { force: true })
      return undefined
    } catch (error) {
      // An incomplete copy is useless, and may take up the room that is lacking.
      await rm(copy, { force: true }).catch(() => undefined)
      throw diskError(error, 'write', copy)
    }
  }

  async #tryCopy(
    source: string,
    copy: string,
    { root, extent }: StoredContent
  ): Promise<ReadFile | undefined> {
    const { signal, cache, descriptors, busy } = this.#init
    const copyOnce = async (): Promise<void> => {
      try {
        await copyWhole(source, copy)
      } catch (error) {
        // Another attempt makes a new one.
        await rm(copy, { force: true })
        throw error
      }
    }
    try {
      await busy.outlast(() => patiently(() => descriptors.withRoom(copyOnce), signal))
      // The original's permissions are not the entry's; if modes cannot be changed, all files have the same.
      await chmod(copy, this.#init.newFileMode).catch(() => undefined)
      const read = await cache.read(copy, extent.chunkByteLength, { signal })
      return read.hashed.root === root ? read : undefined
    } catch (error) {
      signal.throwIfAborted()
      if (isOfResources(error) || hasCode(error, 'ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG')) {
        throw error
      }
      // The original cannot be read any more: another one is tried.
      return undefined
    }
  }

  /**
   * Records the digests of the files that this run named, so that the next run need not read them. Not at once, because
   * naming changes a file.
   */
  async remember(isLast = false): Promise<void> {
    const { paths, cache } = this.#init
    for (const noted of [...this.#unremembered]) {
      const { content, entry, stamp, readAtMs } = noted
      const { root, digests, md5, extent } = content
      const path = paths.destination(entry.manifest)
      if (isLast) {
        await untilSettled(stamp)
      }
      const current = entry.state === 'complete' ? stampAt(path) : undefined
      const isSame = current !== undefined && sameStamp(current, stamp)
      if (isSame && !isSettled(current, Date.now())) {
        continue
      }
      this.#unremembered.delete(noted)
      if (isSame && digests !== undefined && md5 !== undefined) {
        const hashed = { byteLength: extent.byteLength, md5, root, digests }
        await cache.keepSettled(path, extent.chunkByteLength, { hashed, stamp, readAtMs })
      }
    }
  }

  #failMisnamed(content: StoredContent, md5: string): void {
    for (const entry of content.missing.filter(({ manifest }) => manifest.md5 !== md5)) {
      const { manifest } = entry
      const origin = printable(manifest.origin)
      const error = new PotluckError(
        'INTEGRITY',
        `${printable(manifestKey(manifest))}: ${origin} published the wrong MD5 ${manifest.md5}; the content it signed, ` +
          `verified by SHA-256, has the MD5 ${md5}; ${origin} must share the file again`
      )
      this.giveUp(entry, error)
    }
  }

  #tellMoved({ destination, movedTo }: Placed): void {
    if (movedTo !== undefined) {
      this.#init.onMoved(destination, movedTo)
    }
  }

  #complete(entry: Entry, local: boolean): void {
    entry.state = 'complete'
    const checkedAtMs = entry.file?.isEarlier === true ? entry.file.readAtMs : undefined
    this.#init.listener.onFileComplete(entry.manifest, local, checkedAtMs)
  }
}

/** The stamp of a file that got its name; undefined when it may have been written to since it was checked. */
function stampAfterMove(before: FileStamp | undefined, after: FileStamp | undefined): FileStamp | undefined {
  return before !== undefined && after !== undefined && sameBytes(before, after) ? after : undefined
}
