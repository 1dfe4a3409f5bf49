/**
 * Keeps the unfinished contents: their digests on disk, their part files opened, their states written every now and
 * then, and their completion begun when everything is here.
 */
import { readFile } from 'node:fs/promises'
import { chunkCountOf } from '../../protocols/chunks.ts'
import type { Completion } from './completion.ts'
import type { Content } from './content.ts'
import { digestsMatch } from './digest-list.ts'
import { diskError } from './disk-errors.ts'
import { replaceFile, syncFolder } from './durable.ts'
import { PartFile, type PartFileInit } from './part-file.ts'
import { DiskFullError, type StoreListener } from './store.ts'

/** What a crash of the computer may cost, in time; a sync more often would slow the disk for little. */
const SAVE_INTERVAL_MS = 2000

export interface PartKeeperInit
  extends Pick<PartFileInit, 'paths' | 'descriptors' | 'slices' | 'syncData' | 'signal'> {
  completion: Completion
  listener: StoreListener
}

export class PartKeeper {
  readonly #init: PartKeeperInit
  readonly #unsaved = new Set<PartFile>()
  /** Contents whose completion found no room, to be tried again. */
  readonly #unfinished = new Set<Content>()
  readonly #background = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(init: PartKeeperInit) {
    this.#init = init
  }

  /** Takes up what an earlier run left of a content, where its digests are known. @throws PotluckError DISK */
  async resume(content: Content): Promise<void> {
    const { root, extent } = content
    const path = this.#init.paths.digests(root)
    const digests =
      content.digests ??
      (extent.byteLength === 0
        ? new Uint8Array()
        : await readFile(path).then(
            (bytes) => Uint8Array.from(bytes),
            () => undefined
          ))
    if (digests !== undefined && digestsMatch(digests, root, extent)) {
      await this.#open(content, digests)
    }
  }

  /** Takes digests that belong to a content, and makes it ready for its chunks. @throws PotluckError DISK */
  async takeDigests(content: Content, digests: Uint8Array<ArrayBuffer>): Promise<void> {
    // Of a single chunk the state is never written either: it is fetched again faster than looked for.
    if (chunkCountOf(content.extent) > 1) {
      const { paths } = this.#init
      const path = paths.digests(content.root)
      try {
        await replaceFile(path, [digests], true)
        await syncFolder(paths.parts)
      } catch (error) {
        throw diskError(error, 'write', path)
      }
    }
    await this.#open(content, digests)
  }

  /** From now on the content's part file is saved, and finished when it can be. */
  start(content: Content): void {
    if (content.part !== undefined) {
      this.#onDirty(content.part)
      content.part.advance()
    }
  }

  /** Saves what is not saved. @throws PotluckError DISK when that fails */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await Promise.all(this.#background)
    const saved = await Promise.allSettled([...this.#unsaved].map((part) => part.save()))
    const failed = saved.find((result) => result.status === 'rejected')
    if (failed !== undefined) {
      throw failed.reason
    }
  }

  async #open(content: Content, digests: Uint8Array<ArrayBuffer>): Promise<void> {
    const { root, extent } = content
    content.part = await PartFile.open({
      ...this.#init,
      root,
      extent,
      digests,
      listener: {
        onDirty: (part) => this.#onDirty(part),
        onLost: (chunkIndex) => this.#init.listener.onChunkLost?.(root, chunkIndex),
        onReady: () => this.#finish(content)
      }
    })
    content.digests = digests
  }

  #onDirty(part: PartFile): void {
    this.#unsaved.add(part)
    this.#schedule()
  }

  #schedule(): void {
    if (!this.#init.signal.aborted) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#inBackground(this.#saveAll())
      }, SAVE_INTERVAL_MS).unref()
    }
  }

  async #saveAll(): Promise<void> {
    for (const part of [...this.#unsaved]) {
      this.#unsaved.delete(part)
      await this.#save(part)
    }
    for (const content of [...this.#unfinished]) {
      this.#unfinished.delete(content)
      this.#finish(content)
    }
  }

  async #save(part: PartFile): Promise<void> {
    try {
      if (await part.saveUnlessBroken()) {
        part.advance()
      }
    } catch (error) {
      // A full disk is told where chunks are written; the state can wait for room.
      this.#onDirty(part)
      if (error instanceof Error && !(error instanceof DiskFullError)) {
        this.#init.listener.onFailure(error)
      }
    }
  }

  #finish(content: Content): void {
    const { completion, listener, signal } = this.#init
    const finishing = content.serial.run(() => completion.finish(content))
    this.#inBackground(
      finishing.catch((error: Error) => {
        if (error instanceof DiskFullError) {
          this.#unfinished.add(content)
          this.#schedule()
        } else if (!signal.aborted) {
          listener.onFailure(error)
        }
      })
    )
  }

  #inBackground(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#background.delete(tracked)
    })
    this.#background.add(tracked)
  }
}
