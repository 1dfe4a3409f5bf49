/** Shared by the tests of the store: a temporary folder, a peer's store in it, and a naive way to hash. */
import { hash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Bitfield } from '#potluck/core/bitfield.js'
import { messageOf } from '#potluck/core/errors.js'
import { manifestKey } from '#potluck/core/names.js'
import type { Manifest } from '#potluck/protocols/manifest/index.js'
import { FileStore, type FileStoreInit } from '#potluck/store/file-store.js'
import type { Store, StoreListener } from '#potluck/store/store.js'
import { bytesOf, CHUNK, chunkOf, hashNaively, manifestOf } from '../../bench/torture/samples.js'

export { bytesOf, CHUNK, chunkOf, hashNaively, manifestOf }

export class Recorder implements StoreListener {
  /** `<origin>/<path>` of every completion, " (local)" added where it was. */
  readonly completed: string[] = []
  readonly failures: Error[] = []
  /** `<origin>/<path>` of every entry that was given up, with why. */
  readonly failed = new Map<string, Error>()
  readonly lost: number[] = []
  readonly hashing: [number, number][] = []
  /** `<origin>/<path>` of files that were complete. */
  readonly lostFiles: string[] = []
  readonly lostContents: string[] = []
  readonly warnings: string[] = []

  onFileComplete(manifest: Manifest, local: boolean): void {
    this.completed.push(manifestKey(manifest) + (local ? ' (local)' : ''))
  }

  onEntryFailed(manifest: Manifest, error: Error): void {
    if (this.failed.has(manifestKey(manifest))) {
      throw new Error(`${manifestKey(manifest)} was given up twice`)
    }
    this.failed.set(manifestKey(manifest), error)
  }

  onFatal(error: Error): void {
    this.failures.push(error)
  }

  onChunkLost(_root: string, chunkIndex: number): void {
    this.lost.push(chunkIndex)
  }

  /** Chunks that were held when the digests came. */
  readonly heldAtOnce: number[] = []

  onChunksHeld(_root: string, chunkIndices: number[]): void {
    this.heldAtOnce.push(...chunkIndices)
  }

  readonly movedAside: string[] = []

  onMovedAside(path: string, movedTo: string): void {
    this.movedAside.push(`${path} to ${movedTo}`)
  }

  onFileLost(manifest: Manifest): void {
    this.lostFiles.push(manifestKey(manifest))
  }

  onContentLost(root: string): void {
    this.lostContents.push(root)
  }

  onWarning(message: string): void {
    this.warnings.push(message)
  }

  onHashing(hashedBytes: number, totalBytes: number): void {
    this.hashing.push([hashedBytes, totalBytes])
  }
}

/** A folder of the test's own; what is opened in it is closed, and then it is removed. */
export class Room {
  readonly folder: string
  readonly #stores = new Set<Store>()

  private constructor(folder: string) {
    this.folder = folder
  }

  static async make(test: TestContext): Promise<Room> {
    const room = new Room(await mkdtemp(join(tmpdir(), 'potluck-store-')))
    test.after(() => room.remove())
    return room
  }

  path(...names: string[]): string {
    return join(this.folder, ...names)
  }

  async write(path: string, bytes: Uint8Array | string): Promise<string> {
    const file = this.path(path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, bytes)
    return file
  }

  async open(init: Partial<FileStoreInit> = {}) {
    const recorder = new Recorder()
    const store = await FileStore.open({
      collection: this.path('collection'),
      shares: [],
      name: 'me',
      listener: recorder,
      ...init
    })
    return { store: this.closing(store), recorder }
  }

  /** A store that is closed with the room, however its test ends. */
  closing<S extends Store>(store: S): S {
    this.#stores.add(store)
    return store
  }

  /** The collection as a kill would leave it at this moment: a copy, while its store goes on. */
  async killed(): Promise<string> {
    const copy = this.path(`killed-${this.#stores.size}`)
    await copyAsKilled(this.path('collection'), copy)
    return copy
  }

  async remove(): Promise<void> {
    await Promise.allSettled([...this.#stores].map((store) => store.close()))
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Copies a folder that is in use; a rename or removal meanwhile makes it start again. */
export async function copyAsKilled(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await cp(from, to, { recursive: true })
      return
    } catch (error) {
      await rm(to, { recursive: true, force: true })
      if (attempt === 20) {
        throw error
      }
    }
  }
}

/** Of what is shared, the paths of the files. */
export function filesOf(entries: readonly { kind: string; path: string }[]): string[] {
  return entries.filter(({ kind }) => kind === 'file').map(({ path }) => path)
}

export function folderManifest(name: string): Manifest {
  return manifestOf(name, new Uint8Array(), { kind: 'folder', md5: '', root: '' })
}

export async function writeChunk(store: Store, bytes: Uint8Array, chunkIndex: number): Promise<boolean> {
  const buffer = chunkOf(bytes, chunkIndex)
  const { root } = hashNaively(bytes)
  return (await store.writeChunk(root, chunkIndex, buffer, buffer.byteLength)).stored
}

/** Stores a file as if a peer had sent it: the digests, then the chunks, all of them by default. */
export async function receive(store: Store, bytes: Uint8Array, chunkIndices?: number[]): Promise<void> {
  const { root, digests } = hashNaively(bytes)
  await store.setDigests(root, digests)
  const all = Array.from({ length: digests.byteLength / 32 }, (_, chunkIndex) => chunkIndex)
  for (const chunkIndex of chunkIndices ?? all) {
    await writeChunk(store, bytes, chunkIndex)
  }
}

/** The chunks that a store says it holds of the bytes when it is given a manifest of them. */
export async function heldOf(store: Store, manifest: Manifest): Promise<number[]> {
  const states = await store.adopt([manifest])
  const held = states.find(({ root }) => root === manifest.root)?.held ?? new Uint8Array()
  return [...Bitfield.fromBytes(held, Math.ceil(manifest.byteLength / manifest.chunkByteLength)).held()]
}

/** Makes an entry of the digest cache differ from the file, as if the file's stamp did not show a change. */
export async function forgeEntry(
  entry: string,
  { digests, readAtMs, md5 }: { digests: Uint8Array; readAtMs?: number; md5?: string }
): Promise<void> {
  const body = (await readFile(entry)).subarray(32)
  const [readMd5, readAt, ...key] = body.toString('utf8', 0, body.indexOf('\n')).split(' ')
  const header = Buffer.from(`${[md5 ?? readMd5, readAtMs ?? readAt, ...key].join(' ')}\n`)
  const forged = Buffer.concat([header, digests])
  await writeFile(entry, Buffer.concat([hash('sha256', forged, 'buffer'), forged]))
}

/** Waits for what happens in the background. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let attempt = 0; !condition(); attempt++) {
    if (attempt > 1000) {
      throw new Error(`waited in vain until ${what}`)
    }
    await delay(5)
  }
}

/** For assert.rejects: a PotluckError's code, and what its message says. */
export function failure(code: string, ...said: (RegExp | string)[]) {
  return (error: unknown) => {
    const actual = error instanceof Error && 'code' in error ? error.code : undefined
    const message = messageOf(error)
    const silent = said.filter(
      (part) => !(typeof part === 'string' ? message.includes(part) : part.test(message))
    )
    if (actual !== code || silent.length > 0) {
      throw new Error(`expected ${code} saying ${silent.join(', ')}, not ${String(actual)}: ${message}`)
    }
    return true
  }
}
