/**
 * Syncs folders for many callers at a time. A sync covers only what was done before it began, so a caller that asks
 * during one waits for the next one, which serves all that asked in the meantime. So thousands of small files that get
 * their names in one folder share its syncs.
 */
import { syncFolder } from './durable.ts'

export class FolderSyncs {
  readonly #sync: (path: string) => Promise<void>
  /** By folder, the sync under way, and the next one if anyone waits for it. */
  readonly #running = new Map<string, { current: Promise<void>; next: Promise<void> | undefined }>()

  /** @param sync another way to sync a folder, for tests */
  constructor(sync = syncFolder) {
    this.#sync = sync
  }

  /** Resolves when everything done in the folders before the call is durable. Rejects with the error of the system. */
  async syncAll(folders: Iterable<string>): Promise<void> {
    await Promise.all(Array.from(new Set(folders), (folder) => this.sync(folder)))
  }

  sync(path: string): Promise<void> {
    const running = this.#running.get(path)
    if (running === undefined) {
      return this.#begin(path)
    }
    running.next ??= running.current.catch(() => undefined).then(() => this.#begin(path))
    return running.next
  }

  #begin(path: string): Promise<void> {
    const current = this.#sync(path)
    const running = { current, next: undefined }
    this.#running.set(path, running)
    const forget = (): void => {
      // If there is a next one, it begins right after this and takes its place.
      if (this.#running.get(path) === running && running.next === undefined) {
        this.#running.delete(path)
      }
    }
    current.then(forget, forget)
    return current
  }
}
