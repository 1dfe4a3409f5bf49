/**
 * Determines the present state of files that changed, or may have, since they were read. A changed share is reported. A
 * changed received file is lost and fetched again; the changed one is moved aside when the new one arrives.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { Serial } from '../core/serial.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import type { Completion } from './completion.ts'
import type { Contents } from './contents.ts'
import type { StoreContext } from './context.ts'
import type { KnownFile } from './digest-cache.ts'
import { diskError, isOfResources, systemMessage } from './disk-errors.ts'
import { FileChangingError } from './hasher.ts'
import type { PartKeeper } from './part-keeper.ts'
import { patiently } from './patiently.ts'
import type { OwnShare } from './shares.ts'
import { type FileStamp, sameStamp, stampAt } from './stamps.ts'
import type { Entry, StoredContent } from './stored-content.ts'

/** Between two turns of the event loop; a check takes some microseconds. */
const MAX_LOOKS = 256

/**
 * With a program that rewrites or removes each new file, such as a virus scanner, a file would be fetched for ever, and
 * a changed one kept each time.
 */
const MAX_LOSSES = 3

export interface RechecksInit extends StoreContext {
  /** This peer's own. */
  name: string
  contents: Contents
  completion: Completion
  keeper: PartKeeper
}

export class Rechecks {
  readonly #init: RechecksInit
  /** One file is read at a time. */
  readonly #serial = new Serial()
  readonly #waiting = new Set<string>()
  /** Stamps of files that were found wrong; undefined for one that is gone. */
  readonly #found = new Map<string, FileStamp | undefined>()
  /** How often each lost entry was lost. */
  readonly #losses = new Map<Entry, number>()

  constructor(init: RechecksInit) {
    this.#init = init
  }

  /** A chunk of the file could not be read as it was: reads the file again, in the background. */
  doubt(content: StoredContent, path: string): void {
    const { signal, listener } = this.#init
    if (signal.aborted || this.#waiting.has(path)) {
      return
    }
    this.#waiting.add(path)
    this.#serial
      .run(async () => {
        const isKnown = signal.aborted || this.#isFound(path, await this.#stampAt(path))
        await (isKnown ? undefined : this.#recheck(content, path))
      })
      .catch((error: Error) => {
        // A file that cannot be checked for lack of resources is doubted again, or checked in the end.
        if (!signal.aborted && !isOfResources(error)) {
          listener.onFatal(error)
        }
      })
      .finally(() => this.#waiting.delete(path))
  }

  /**
   * Checks all complete files, and reads again those that changed since they were read, or may have.
   *
   * @returns the entries that are no longer as published, which are to be fetched again
   * @throws PotluckError DISK, or the signal's reason
   */
  async confirm(): Promise<Manifest[]> {
    const { contents, signal } = this.#init
    // A file that is being read because of a wrong chunk may have an unchanged stamp.
    await this.#serial.idle()
    signal.throwIfAborted()
    const lost: Manifest[] = []
    let looks = 0
    for (const content of contents.all()) {
      for (const entry of content.entries) {
        looks++
        if (looks % MAX_LOOKS === 0) {
          await nextTurn()
          signal.throwIfAborted()
        }
        if (entry.state === 'complete' && !(await this.#isUnchanged(entry))) {
          await this.#recheckEntry(content, entry)
        }
        if (entry.state === 'missing') {
          lost.push(entry.manifest)
        }
      }
    }
    return lost
  }

  idle(): Promise<void> {
    return this.#serial.idle()
  }

  async #isUnchanged({ manifest, file }: Entry): Promise<boolean> {
    const stamp = await this.#stampAt(this.#init.paths.destination(manifest))
    return file?.stamp !== undefined && stamp !== undefined && sameStamp(file.stamp, stamp)
  }

  #isFound(path: string, stamp: FileStamp | undefined): boolean {
    const found = this.#found.get(path)
    return this.#found.has(path) && (found && stamp ? sameStamp(found, stamp) : found === stamp)
  }

  async #recheck(content: StoredContent, path: string): Promise<void> {
    const { contents, paths } = this.#init
    const entry = content.entries.find(
      ({ state, manifest }) => state === 'complete' && paths.destination(manifest) === path
    )
    const share = contents.shareAt(path)
    if (entry !== undefined) {
      await this.#recheckEntry(content, entry)
    } else if (share !== undefined) {
      await this.#recheckShare(content, share)
    } else {
      content.files.delete(path)
    }
  }

  async #recheckEntry(content: StoredContent, entry: Entry): Promise<void> {
    const path = this.#init.paths.destination(entry.manifest)
    // Whatever comes of the reading, the file is less certain than before.
    delete entry.file
    if (content.files.has(path)) {
      content.files.set(path, undefined)
    }
    const known = await this.#read(content, path).catch((error: unknown) => {
      if (isOfResources(error)) {
        throw diskError(error, 'read', path)
      }
      return undefined
    })
    this.#init.signal.throwIfAborted()
    if (known?.hashed.root === content.root) {
      entry.file = known
      content.addFile(path, known)
    } else {
      await content.serial.run(() => this.#lose(content, entry, path))
    }
  }

  async #recheckShare(content: StoredContent, share: OwnShare): Promise<void> {
    const { name, listener, signal } = this.#init
    const { localPath, read, entry } = share
    const stamp = await this.#stampAt(localPath)
    this.#found.set(localPath, stamp)
    const file = printable(`${name}/${entry.path}`)
    const isTouched = stamp === undefined || read === undefined || !sameStamp(stamp, read.stamp)
    if (isTouched) {
      // Reading a large file takes long.
      listener.onWarning?.(stamp === undefined ? goneText(file) : changedText(file))
    }
    try {
      const { hashed } = await this.#read(content, localPath)
      if (!isTouched) {
        listener.onWarning?.(hashed.root === content.root ? misreadText(file) : changedText(file))
      }
    } catch (error) {
      signal.throwIfAborted()
      if (isOfResources(error)) {
        this.#found.delete(localPath)
      } else if (!isTouched) {
        const isChanging = error instanceof FileChangingError
        listener.onWarning?.(isChanging ? changedText(file) : unreadableText(file, error))
      }
    }
  }

  /** What the file is now, ignoring its record. @throws as `DigestCache.hash` */
  async #read({ extent }: StoredContent, path: string): Promise<KnownFile> {
    const { cache, signal } = this.#init
    await cache.drop(path, extent.chunkByteLength, signal)
    return await cache.hash(path, extent.chunkByteLength, { signal })
  }

  /** @throws PotluckError DISK when this process or machine lacks a resource for the check */
  async #stampAt(path: string): Promise<FileStamp | undefined> {
    try {
      return await patiently(() => stampAt(path), this.#init.signal)
    } catch (error) {
      throw isOfResources(error) ? diskError(error, 'look at', path) : error
    }
  }

  /** In the content's serial. */
  async #lose(content: StoredContent, entry: Entry, path: string): Promise<void> {
    const { descriptors, completion, keeper, listener } = this.#init
    if (entry.state !== 'complete') {
      return
    }
    entry.state = 'missing'
    delete entry.file
    content.files.delete(path)
    descriptors.close(path)
    listener.onFileLost?.(entry.manifest)
    const losses = (this.#losses.get(entry) ?? 0) + 1
    this.#losses.set(entry, losses)
    if (losses >= MAX_LOSSES) {
      if (content.files.size === 0 && content.part === undefined) {
        listener.onContentLost?.(content.root)
      }
      completion.giveUp(entry, keepsChangingError(path))
    }
    await completion.copyMissing(content)
    if (content.missing.length > 0 && content.digests !== undefined && content.part === undefined) {
      await keeper.takeDigests(content, content.digests)
      listener.onContentLost?.(content.root)
      keeper.start(content)
    }
  }
}

function keepsChangingError(path: string): PotluckError {
  return new PotluckError(
    'DISK',
    `another program changed or removed ${printable(path)} ${MAX_LOSSES} times after it was complete; end that program, and start this peer again`
  )
}

const ANEW = 'start a new swarm'

function changedText(file: string): string {
  return `${file} was changed since it was hashed, so peers that still need the changed part cannot fetch it from here. Put the file back as it was, or ${ANEW} to share it as it is now.`
}

function goneText(file: string): string {
  return `${file} was moved or removed since it was hashed, so peers that still need it cannot fetch it from here. Put the file back, or ${ANEW} without it.`
}

function misreadText(file: string): string {
  return `the disk returned wrong data of ${file}, although the file has not changed. Check the disk and the memory of this computer.`
}

function unreadableText(file: string, error: unknown): string {
  return `${file} is no longer readable (${systemMessage(error)}), so peers that still need it cannot fetch it from here. Give this user access to it, or ${ANEW} without it.`
}
