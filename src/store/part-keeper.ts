/**
 * Manages the unfinished contents: it stores their digests, opens their part files, writes their states regularly, and
 * begins their completion when everything is here.
 */
import { readFile } from 'node:fs/promises'
import { chunkCountOf } from '../core/chunks.ts'
import { Limit } from '../core/limit.ts'
import type { Completion } from './completion.ts'
import type { StoreContext } from './context.ts'
import { digestsMatch } from './digest-list.ts'
import { diskError } from './disk-errors.ts'
import { replaceFile } from './durable.ts'
import { PartFile } from './part-file.ts'
import { statusOf } from './paths.ts'
import { DiskFullError } from './store.ts'
import type { StoredContent } from './stored-content.ts'

/**
 * The most work, in time, that a crash may cost. Each save makes the disk write what it could otherwise have combined:
 * on 4 × 500 MiB, a save every 2 s took 36 s of system time, one every 10 s took 29 s.
 */
const SAVE_INTERVAL_MS = 5000

/**
 * For states and for digests. Each uses a descriptor while the disk syncs. Those of many small files share one sync,
 * which takes as long for 128 of them as for a few.
 */
const MAX_SAVES = 128

/** When this many contents wait to be finished, the disk is behind and new chunks have to wait. */
const MAX_BACKGROUND = 256

export interface PartKeeperInit extends StoreContext {
  completion: Completion
  /** SAVE_INTERVAL_MS by default. */
  saveIntervalMs: number | undefined
}

export class PartKeeper {
  readonly #init: PartKeeperInit
  readonly #unsaved = new Set<PartFile>()
  /** Contents whose completion found no room, to be tried again. */
  readonly #unfinished = new Set<StoredContent>()
  readonly #background = new Set<Promise<void>>()
  /** Called when some work in the background is done. */
  #waiting: (() => void)[] = []
  readonly #saves = new Limit(MAX_SAVES)
  readonly #digestSaves = new Limit(MAX_SAVES)
  #timer: NodeJS.Timeout | undefined

  constructor(init: PartKeeperInit) {
    this.#init = init
  }

  get behind(): boolean {
    return this.#background.size >= MAX_BACKGROUND
  }

  /** Resolves when the disk has caught up a little. */
  progress(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /**
   * Resumes what an earlier run left of a content, if that is useful and its digests are known. To be called in the
   * content's serial: it has one part file.
   *
   * @throws PotluckError DISK
   */
  async resume(content: StoredContent): Promise<void> {
    if (content.part !== undefined || content.files.size > 0) {
      return
    }
    const { root, extent } = content
    const digests =
      content.digests ?? (extent.byteLength === 0 ? new Uint8Array() : await this.#savedDigests(content))
    if (digests !== undefined && digestsMatch(digests, root, extent)) {
      await this.#open(content, digests)
    }
  }

  /** Of an earlier run; for a single chunk none were saved. */
  async #savedDigests({ root, extent }: StoredContent): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = this.#init.paths.digests(root)
    if (chunkCountOf(extent) === 1 || statusOf(path) === undefined) {
      return undefined
    }
    const bytes = await readFile(path).catch(() => undefined)
    return bytes && Uint8Array.from(bytes)
  }

  /** Accepts digests that belong to a content, and makes it ready for its chunks. @throws PotluckError DISK */
  async takeDigests(content: StoredContent, digests: Uint8Array<ArrayBuffer>): Promise<void> {
    // For a single chunk no state is written either: fetching it again is faster than looking for it.
    if (chunkCountOf(content.extent) > 1) {
      const { paths, descriptors } = this.#init
      const path = paths.digests(content.root)
      // Chunks wait for this, so it does not wait for the disk: the first save does.
      await this.#digestSaves
        .run(() => descriptors.withRoom(() => replaceFile(path, [digests], false)))
        .catch((error: unknown) => {
          throw diskError(error, 'write', path)
        })
    }
    await this.#open(content, digests)
    const held = content.part?.held
    if (held !== undefined && held.count > 0) {
      this.#init.listener.onChunksHeld?.(content.root, [...held.held()])
    }
  }

  /** From now on the content's part file is saved, and finished when it can be. */
  start(content: StoredContent): void {
    if (content.part !== undefined) {
      this.#onDirty(content.part)
      content.part.advance()
    }
  }

  /** Saves what is not saved. @throws PotluckError DISK when that fails */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    while (this.#background.size > 0) {
      await Promise.all(this.#background)
    }
    const saves = [...this.#unsaved].map((part) => this.#saves.run(() => part.save()))
    await Promise.allSettled(saves)
    await Promise.all(saves)
  }

  async #open(content: StoredContent, digests: Uint8Array<ArrayBuffer>): Promise<void> {
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
      }, this.#init.saveIntervalMs ?? SAVE_INTERVAL_MS).unref()
    }
  }

  async #saveAll(): Promise<void> {
    for (const part of [...this.#unsaved]) {
      this.#unsaved.delete(part)
      await this.#save(part)
    }
    await this.#init.completion.remember()
    for (const content of [...this.#unfinished]) {
      this.#unfinished.delete(content)
      this.#finish(content)
    }
  }

  async #save(part: PartFile): Promise<void> {
    try {
      if (await this.#init.busy.outlast(() => part.saveUnlessBroken())) {
        part.advance()
      }
    } catch (error) {
      // Writing chunks reports a full disk; the state can wait for room.
      this.#onDirty(part)
      if (error instanceof Error && !(error instanceof DiskFullError)) {
        this.#init.listener.onFatal(error)
      }
    }
  }

  #finish(content: StoredContent): void {
    const { completion, listener, signal } = this.#init
    // A content that is complete when the store closes gets its names at the next start.
    const finish = async () => (signal.aborted ? undefined : completion.finish(content))
    const finishing = content.serial.run(() => this.#saves.run(finish))
    this.#inBackground(
      finishing.catch((error: Error) => {
        if (error instanceof DiskFullError) {
          this.#unfinished.add(content)
          this.#schedule()
        } else if (!signal.aborted) {
          listener.onFatal(error)
        }
      })
    )
  }

  #inBackground(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#background.delete(tracked)
      const waiting = this.#waiting
      this.#waiting = []
      for (const resolve of waiting) {
        resolve()
      }
    })
    this.#background.add(tracked)
  }
}
