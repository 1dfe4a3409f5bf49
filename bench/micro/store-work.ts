/** The store with a real folder: hashing shares, and reading and writing chunks. */
// Node 20 has no Promise.withResolvers.
import '#potluck/polyfill.js'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { chunkCountOf, DEFAULT_CHUNK_BYTE_LENGTH } from '#potluck/core/chunks.js'
import { seededRandom, shuffled } from '#potluck/core/random.js'
import { FileStore } from '#potluck/store/file-store.js'
import type { SharedEntry, StoreListener } from '#potluck/store/store.js'
import type { Work } from './rounds.ts'

/** Long enough that nothing waits for a single chunk, short enough for many rounds. */
export const STORE_FILE_BYTE_LENGTH = 64 * 1024 * 1024

/** As many as a peer asks one provider for at a time. */
const CHUNKS_AT_A_TIME = 16

const CHUNK_COUNT = chunkCountOf({
  byteLength: STORE_FILE_BYTE_LENGTH,
  chunkByteLength: DEFAULT_CHUNK_BYTE_LENGTH
})

const ORIGIN = 'origin'

/** @param source a file of STORE_FILE_BYTE_LENGTH @param folder for this work alone */
export function storeWork(source: string, folder: string): Work[] {
  const inOrder = inOrderOf(CHUNK_COUNT)
  const mixed = shuffled(CHUNK_COUNT, seededRandom(1))
  return [
    { name: 'hash a share (SHA-256, MD5)', unit: 'MB', round: (begin) => hash(source, folder, begin) },
    { name: 'read chunks of a share', unit: 'MB', round: (begin) => read(source, folder, begin) },
    { name: 'write a file in order', unit: 'MB', round: (begin) => write(source, folder, inOrder, begin) },
    { name: 'write a file in any order', unit: 'MB', round: (begin) => write(source, folder, mixed, begin) }
  ]
}

async function hash(source: string, folder: string, begin: () => void): Promise<number> {
  return await withOrigin(source, folder, async (store) => {
    begin()
    await store.hashShares(DEFAULT_CHUNK_BYTE_LENGTH)
    return STORE_FILE_BYTE_LENGTH
  })
}

async function read(source: string, folder: string, begin: () => void): Promise<number> {
  return await withOrigin(source, folder, async (store) => {
    const { root } = await hashed(store)
    begin()
    await inParallel(inOrderOf(CHUNK_COUNT), async (chunkIndex) => {
      await store.readChunk(root, chunkIndex)
    })
    return STORE_FILE_BYTE_LENGTH
  })
}

/** Until the file has its final name: verified, synced, and with its MD5 checked. */
async function write(
  source: string,
  folder: string,
  order: readonly number[],
  begin: () => void
): Promise<number> {
  return await withOrigin(source, folder, async (origin) => {
    const entry = await hashed(origin)
    const { root } = entry
    const digests = await origin.digests(root, 0, CHUNK_COUNT)
    const chunks = new Map<number, ArrayBufferLike>()
    for (const chunkIndex of order) {
      chunks.set(chunkIndex, (await origin.readChunk(root, chunkIndex)).buffer)
    }
    const complete = Promise.withResolvers<void>()
    return await withStore(join(folder, 'got'), [], complete, async (store) => {
      await store.hashShares(DEFAULT_CHUNK_BYTE_LENGTH)
      await store.adopt([
        { ...entry, chunkByteLength: DEFAULT_CHUNK_BYTE_LENGTH, origin: ORIGIN, originId: ORIGIN }
      ])
      if (digests === undefined || !(await store.setDigests(root, digests))) {
        throw new Error('the digests of the origin were not taken')
      }
      begin()
      await inParallel([...chunks], async ([chunkIndex, buffer]) => {
        await store.writeChunk(root, chunkIndex, buffer, buffer.byteLength)
      })
      await complete.promise
      return STORE_FILE_BYTE_LENGTH
    })
  })
}

async function withOrigin(
  source: string,
  folder: string,
  work: (store: FileStore) => Promise<number>
): Promise<number> {
  return await withStore(join(folder, 'shared'), [source], undefined, work)
}

/** A store in a new folder, which is removed afterwards. */
async function withStore(
  collection: string,
  shares: string[],
  complete: { resolve(): void; reject(error: Error): void } | undefined,
  work: (store: FileStore) => Promise<number>
): Promise<number> {
  const listener: StoreListener = {
    onFileComplete: () => complete?.resolve(),
    onHashing: () => undefined,
    onEntryFailed: (_manifest, error) => complete?.reject(error),
    onFatal: (error) => complete?.reject(error)
  }
  await mkdir(collection, { recursive: true })
  const store = await FileStore.open({ collection, shares, name: 'bench', listener })
  try {
    return await work(store)
  } finally {
    await store.close()
    await rm(collection, { recursive: true })
  }
}

async function hashed(store: FileStore): Promise<SharedEntry> {
  const [entry] = await store.hashShares(DEFAULT_CHUNK_BYTE_LENGTH)
  if (entry === undefined) {
    throw new Error('the share was not hashed')
  }
  return entry
}

function inOrderOf(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** Works through the items, with as many in parallel as in a peer. */
async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items].reverse()
  const workThrough = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: CHUNKS_AT_A_TIME }, workThrough))
}
