/** Finds content that is in the collection already, wherever it is there. */
import { stat } from 'node:fs/promises'
import type { Manifest } from '../protocols/manifest/index.ts'
import type { StoreContext } from './context.ts'
import type { KnownFile } from './digest-cache.ts'
import { diskError, isOfResources } from './disk-errors.ts'
import { statusOf } from './paths.ts'
import { patiently } from './patiently.ts'
import { type Sibling, walk } from './walk.ts'

/** This program makes the collection; a folder with more files than this has other uses as well. */
const MAX_FILES = 100_000

export interface FoundFile {
  path: string
  known: KnownFile
}

type Wanted = Pick<Manifest, 'root' | 'byteLength' | 'chunkByteLength'>

type LocalFilesContext = Pick<StoreContext, 'paths' | 'cache' | 'signal'>

/** A snapshot: made again for every catalog. */
export class LocalFiles {
  readonly #context: LocalFilesContext
  readonly #known = new Map<string, KnownFile | undefined>()
  /** The hashed files, by how chunks divide them and their root. */
  readonly #found = new Map<string, FoundFile>()
  #byByteLength: Map<number, string[]> | undefined
  /** The files of a length that are still to be hashed, by how chunks divide them. */
  readonly #unread = new Map<string, string[]>()

  constructor(context: LocalFilesContext) {
    this.#context = context
  }

  /** The file at a path, when it is a regular file with that content. */
  async at(path: string, wanted: Wanted): Promise<KnownFile | undefined> {
    const status = statusOf(path)
    if (status?.isFile() !== true || status.size !== wanted.byteLength) {
      return undefined
    }
    const known = await this.#hash(path, wanted.chunkByteLength)
    return known?.hashed.root === wanted.root ? known : undefined
  }

  /** Any file of the collection with that content. */
  async anywhere(wanted: Wanted): Promise<FoundFile | undefined> {
    this.#byByteLength ??= await this.#list()
    const { root, byteLength, chunkByteLength } = wanted
    const key = `${chunkByteLength} ${byteLength}`
    const unread = this.#unread.get(key) ?? [...(this.#byByteLength.get(byteLength) ?? [])]
    this.#unread.set(key, unread)
    for (;;) {
      const found = this.#found.get(`${chunkByteLength} ${root}`)
      const path = found === undefined ? unread.pop() : undefined
      if (path === undefined) {
        return found
      }
      await this.#hash(path, chunkByteLength)
    }
  }

  async #hash(path: string, chunkByteLength: number): Promise<KnownFile | undefined> {
    const key = `${chunkByteLength} ${path}`
    if (!this.#known.has(key)) {
      const known = await this.#context.cache
        .hash(path, chunkByteLength, { signal: this.#context.signal })
        .catch((error: unknown) => this.#leaveOut(path, error))
      this.#known.set(key, known)
      if (known !== undefined) {
        this.#found.set(`${chunkByteLength} ${known.hashed.root}`, { path, known })
      }
    }
    return this.#known.get(key)
  }

  /** A file that cannot be read is useless here, and stays as it is. */
  #leaveOut(path: string, error?: unknown): undefined {
    this.#context.signal.throwIfAborted()
    if (isOfResources(error)) {
      throw diskError(error, 'read', path)
    }
  }

  async #list(): Promise<Map<number, string[]>> {
    const found = new Map<number, string[]>()
    let count = 0
    const { privateFolder } = this.#context.paths
    const select = (siblings: Sibling[]) => siblings.filter(({ localPath }) => localPath !== privateFolder)
    const leaveOut = (path: string, error?: unknown): undefined => this.#leaveOut(path, error)
    const options = { signal: this.#context.signal, select, onUnusable: leaveOut }
    for await (const { kind, localPath: path } of walk(this.#context.paths.root, options)) {
      this.#context.signal.throwIfAborted()
      const looking = kind === 'file' ? patiently(() => stat(path), this.#context.signal) : undefined
      const status = await looking?.catch((error: unknown) => leaveOut(path, error))
      if (status !== undefined) {
        const sameLength = found.get(status.size) ?? []
        sameLength.push(path)
        found.set(status.size, sameLength)
        count++
      }
      if (count >= MAX_FILES) {
        break
      }
    }
    return found
  }
}
