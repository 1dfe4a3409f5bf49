/** Whether a collection has what it claims after a torment, and nothing corrupt. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chunkCountOf } from '#potluck/core/chunks.js'
import { manifestKey } from '#potluck/core/names.js'
import { decodeState } from '#potluck/store/part-state.js'
import { CHUNK } from './samples.ts'
import { Transfer, type TransferFile } from './transfer.ts'

/** The seed for the rest of a transfer, whose order no longer matters. */
const ANY_ORDER = 1

export interface Judged {
  collection: string
  files: readonly TransferFile[]
  /** Those that were reported as complete. */
  completed: ReadonlySet<string>
  /** Those with a durable state: some of them must be found. */
  begun?: ReadonlySet<string>
}

/** The promise is broken: something is lost or corrupt. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise'
}

/** Checks the files alone, as a crash left them. @throws BrokenPromise */
export async function judgeFiles({ collection, files, completed }: Judged): Promise<void> {
  for (const { manifest, bytes } of files) {
    const name = manifestKey(manifest)
    const found = await readFile(join(collection, name)).catch(() => undefined)
    if (found !== undefined && !found.equals(bytes)) {
      throw new BrokenPromise(`${name} has its name, and ${found.byteLength} bytes that are not its own`)
    }
    if (found === undefined && completed.has(name)) {
      throw new BrokenPromise(`${name} was complete, and is not there`)
    }
    await judgeState(collection, { manifest, bytes })
  }
}

/** What a state claims was synced before it was written: it must be there, whatever happened to the rest. */
async function judgeState(collection: string, { manifest, bytes }: TransferFile): Promise<void> {
  const path = join(collection, '.potluck/parts', manifest.root)
  const state = await readFile(`${path}.state`).catch(() => undefined)
  const claimed = state && decodeState(state, manifest.root, chunkCountOf(manifest))
  if (claimed === undefined) {
    return
  }
  const part = await readFile(`${path}.part`).catch(() => undefined)
  if (part === undefined) {
    // Renamed to its final name, which is checked separately; a state that claims missing files does no harm.
    return
  }
  for (const chunkIndex of claimed.held()) {
    const [start, end] = [chunkIndex * CHUNK, (chunkIndex + 1) * CHUNK]
    if (!part.subarray(start, end).equals(bytes.subarray(start, end))) {
      throw new BrokenPromise(
        `the state of ${manifestKey(manifest)} claims chunk ${chunkIndex}, not on the disk`
      )
    }
  }
}

/** Opens a store on it and reads everything that it claims to have. @throws BrokenPromise */
export async function judgeClaims(judged: Judged): Promise<void> {
  const transfer = await Transfer.begin(judged.collection, judged.files)
  try {
    await readHeld(transfer, judged)
  } finally {
    await transfer.store.close()
  }
}

/** As `judgeClaims`, and finishes the transfer. @throws BrokenPromise */
export async function judgeToTheEnd(judged: Judged): Promise<void> {
  const { collection, files } = judged
  const transfer = await Transfer.begin(collection, files)
  try {
    await readHeld(transfer, judged)
    await transfer.receive(ANY_ORDER)
    await transfer.finish()
  } finally {
    await transfer.store.close()
  }
  const all = new Set(files.map(({ manifest }) => manifestKey(manifest)))
  await judgeFiles({ collection, files, completed: all })
  const left = await readdir(join(collection, '.potluck/parts'))
  if (left.length > 0) {
    throw new BrokenPromise(`all is complete, and ${left.join(', ')} were left behind`)
  }
}

async function readHeld(transfer: Transfer, { begun = new Set() }: Judged): Promise<void> {
  const found = new Set<string>()
  for (const { file, chunkIndex } of await transfer.held()) {
    const { manifest, bytes } = file
    found.add(manifestKey(manifest))
    const chunk = bytes.subarray(chunkIndex * CHUNK, (chunkIndex + 1) * CHUNK)
    const read = await transfer.store.readChunk(manifest.root, chunkIndex).catch((error: unknown) => {
      throw new BrokenPromise(`chunk ${chunkIndex} of ${manifestKey(manifest)} is claimed`, { cause: error })
    })
    if (!Buffer.from(read).equals(chunk)) {
      throw new BrokenPromise(`chunk ${chunkIndex} of ${manifestKey(manifest)} was read, and is false`)
    }
  }
  for (const name of begun) {
    if (!found.has(name)) {
      throw new BrokenPromise(`nothing is left of ${name}, of which a state was written`)
    }
  }
}
