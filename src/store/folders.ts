/**
 * The folders of the catalog: private ones are made for their owner alone, and all get their dates when their content
 * is complete.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Manifest } from '../protocols/manifest/index.ts'
import type { StoreContext } from './context.ts'

/** Between two turns of the event loop; each takes some microseconds. */
const MAX_FOLDERS = 256

export class Folders {
  readonly #context: Pick<StoreContext, 'paths' | 'restorer'>
  readonly #modifiedMs = new Map<string, number>()

  constructor(context: Pick<StoreContext, 'paths' | 'restorer'>) {
    this.#context = context
  }

  /** To be called before anything is put into it. */
  add(folder: Manifest): void {
    const { paths } = this.#context
    if (folder.isPrivate === true) {
      paths.keepPrivate(folder)
    }
    if (folder.modifiedMs !== undefined) {
      this.#modifiedMs.set(paths.destination(folder), folder.modifiedMs)
    }
  }

  /** To be called when nothing more is put into them: adding or removing a name changes its folder's date. */
  async restoreDates(): Promise<void> {
    let count = 0
    for (const [path, modifiedMs] of this.#modifiedMs) {
      this.#context.restorer.restoreFolder(path, modifiedMs)
      count++
      if (count % MAX_FOLDERS === 0) {
        await nextTurn()
      }
    }
  }
}
