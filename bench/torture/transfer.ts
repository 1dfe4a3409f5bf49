/** A small transfer in the life of a store, decided by a seed: some files, their chunks in any order. */
import '#potluck/polyfill.js'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { Bitfield } from '#potluck/core/bitfield.js'
import { chunkCountOf } from '#potluck/core/chunks.js'
import { manifestKey } from '#potluck/core/names.js'
import { seededRandom, shuffled } from '#potluck/core/random.js'
import type { Manifest } from '#potluck/protocols/manifest/index.js'
import { FileStore, type System } from '#potluck/store/file-store.js'
import type { StoreListener } from '#potluck/store/store.js'
import { bytesOf, CHUNK, chunkOf, hashNaively, manifestOf } from './samples.ts'

/** So that states are written between two chunks. */
const SAVE_INTERVAL_MS = 1

/** A transfer that is not complete by then never will be. */
const COMPLETION_TIMEOUT_MS = 20_000

export interface TransferFile {
  manifest: Manifest
  bytes: Uint8Array<ArrayBuffer>
}

/** Of one chunk each, in one folder: they become complete together, and share the syncs of the whole file system. */
const TINY_FILES = 20

/** A file of many chunks, one with the same content, an empty one, one of any length, and a folder of tiny ones. */
export function transferFiles(seed: number): TransferFile[] {
  const random = seededRandom(seed)
  const large = bytesOf(
    CHUNK * (4 + Math.floor(random() * 6)) + Math.floor(random() * CHUNK),
    `${seed} large`
  )
  // Chunks of zeros are present without being written.
  large.fill(0, CHUNK, 3 * CHUNK)
  const any = bytesOf(Math.floor(random() * 5 * CHUNK), `${seed} any`)
  const files: [string, Uint8Array<ArrayBuffer>][] = [
    ['ann/large', large],
    ['ben/folder/same', large],
    ['ann/folder/small', bytesOf(CHUNK - 1, `${seed} small`)],
    ['ben/empty', new Uint8Array()],
    ['ben/any', any]
  ]
  for (let number = 0; number < TINY_FILES; number++) {
    files.push([`ann/tiny/${number}`, bytesOf(1 + Math.floor(random() * CHUNK), `${seed} tiny ${number}`)])
  }
  return files.map(([name, bytes]) => ({ manifest: manifestOf(name, bytes), bytes }))
}

export class Transfer {
  readonly store: FileStore
  readonly completed = new Set<string>()
  readonly #files: readonly TransferFile[]
  readonly #failures: Error[]

  private constructor(
    store: FileStore,
    files: readonly TransferFile[],
    completed: Set<string>,
    failures: Error[]
  ) {
    this.store = store
    this.#files = files
    this.completed = completed
    this.#failures = failures
  }

  /** Opens the store on a collection and gives it the catalog. */
  static async begin(
    collection: string,
    files: readonly TransferFile[],
    onComplete: (name: string) => void = () => undefined,
    system: Partial<System> = {}
  ): Promise<Transfer> {
    const completed = new Set<string>()
    const failures: Error[] = []
    const listener: StoreListener = {
      onFileComplete: (manifest) => {
        completed.add(manifestKey(manifest))
        onComplete(manifestKey(manifest))
      },
      onHashing: () => undefined,
      onEntryFailed: (_manifest, error) => failures.push(error),
      onFatal: (error) => failures.push(error)
    }
    const store = await FileStore.open({
      collection,
      shares: [],
      name: 'me',
      listener,
      // Nothing is only in memory: every read comes from the disk.
      chunkCacheByteLength: 0,
      saveIntervalMs: SAVE_INTERVAL_MS,
      system
    })
    const transfer = new Transfer(store, files, completed, failures)
    await store.adopt(files.map(({ manifest }) => manifest))
    return transfer
  }

  /** By content, the chunks that the store says it has. */
  async held(): Promise<{ file: TransferFile; chunkIndex: number }[]> {
    const states = await this.store.adopt([])
    return states.flatMap(({ root, held }) => {
      const file = this.#files.find(({ manifest }) => manifest.root === root)
      return file === undefined
        ? []
        : [...Bitfield.fromBytes(held, chunkCountOf(file.manifest)).held()].map((chunkIndex) => ({
            file,
            chunkIndex
          }))
    })
  }

  /** Stores the missing chunks, those of all files mixed; with a limit, only that many. */
  async receive(seed: number, limit = Number.POSITIVE_INFINITY): Promise<void> {
    const held = new Set((await this.held()).map(({ file, chunkIndex }) => keyOf(file, chunkIndex)))
    const contents = new Map(this.#files.map((file) => [file.manifest.root, file]))
    const missing: { file: TransferFile; chunkIndex: number }[] = []
    for (const file of contents.values()) {
      if (chunkCountOf(file.manifest) > 1) {
        await this.store.setDigests(file.manifest.root, hashNaively(file.bytes).digests)
      }
      for (let chunkIndex = 0; chunkIndex < chunkCountOf(file.manifest); chunkIndex++) {
        if (!held.has(keyOf(file, chunkIndex))) {
          missing.push({ file, chunkIndex })
        }
      }
    }
    const order = shuffled(missing.length, seededRandom(seed)).slice(0, limit)
    for (const index of order) {
      const next = missing[index]
      if (next !== undefined) {
        const buffer = chunkOf(next.file.bytes, next.chunkIndex)
        await this.store.writeChunk(next.file.manifest.root, next.chunkIndex, buffer, buffer.byteLength)
        await (index % 3 === 0 ? sleep(1) : nextTurn())
      }
    }
  }

  /** Waits until every file has its name. */
  async finish(): Promise<void> {
    const deadlineMs = performance.now() + COMPLETION_TIMEOUT_MS
    while (this.completed.size < this.#files.length) {
      const [failure] = this.#failures
      if (failure !== undefined) {
        throw failure
      }
      if (performance.now() > deadlineMs) {
        throw new Error(`only ${[...this.completed].join(', ')} became complete`)
      }
      await sleep(1)
    }
  }
}

function keyOf({ manifest }: TransferFile, chunkIndex: number): string {
  return `${manifest.root} ${chunkIndex}`
}
