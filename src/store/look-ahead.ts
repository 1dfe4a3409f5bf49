/** Looks what a run would find in a collection, and changes nothing: no folder is made and no file is read. */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { chunkCountOf, heldBytesOf } from '../core/chunks.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import { freeSpaceAt } from './free-space.ts'
import { decodeState } from './part-state.ts'
import { CollectionPaths, statusOf } from './paths.ts'

/** What is here of a file, as its name and length say; a run reads what they do not prove. */
export interface Found {
  heldBytes: number
  /** Whether something else has its name: a run moves that aside. */
  isInTheWay: boolean
}

export class LookAhead {
  readonly #paths: CollectionPaths

  /** @param collection that need not exist */
  constructor(collection: string) {
    this.#paths = CollectionPaths.of(collection)
  }

  /** On the disk of the collection; undefined where nobody knows. */
  async freeBytes(): Promise<number | undefined> {
    let folder = this.#paths.root
    while (statusOf(folder) === undefined && dirname(folder) !== folder) {
      folder = dirname(folder)
    }
    return await freeSpaceAt(folder).catch(() => undefined)
  }

  async find(manifest: Manifest): Promise<Found> {
    const status = statusOf(this.#paths.destination(manifest))
    if (status?.isFile() === true && status.size === manifest.byteLength) {
      return { heldBytes: manifest.byteLength, isInTheWay: false }
    }
    return { heldBytes: await this.#partOf(manifest), isInTheWay: status !== undefined }
  }

  /** What an earlier run has of the content, as its state file says. */
  async #partOf(manifest: Manifest): Promise<number> {
    const state = await readFile(this.#paths.state(manifest.root)).catch(() => undefined)
    const held = state && decodeState(state, manifest.root, chunkCountOf(manifest))
    return held === undefined ? 0 : heldBytesOf(manifest, held)
  }
}
