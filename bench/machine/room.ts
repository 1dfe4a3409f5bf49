/**
 * The working folder of a benchmark: sources stay, copies are removed before each run, and nothing is left at the end.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunFolder } from '#potluck/local-run/run-folder.js'
import { makeSource, missingSources } from '#potluck/local-run/sources.js'
import { checkSpace } from '#potluck/local-run/space.js'
import type { NamedPlace } from '#potluck/local-run/verify.js'

/** The prefix of the name of every such folder; the process's id and a hyphen follow. */
export const ROOM_PREFIX = 'potluck-bench-'

/** Makes the folder, calls `work`, and removes it, however that ends. */
export async function inRoom(work: (room: Room) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `${ROOM_PREFIX}${process.pid}-`))
  // Also when the process ends without waiting for anything. The folder belongs to this benchmark, whatever is put into
  // it.
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  process.on('exit', removeNow)
  const runFolder = await RunFolder.open(folder)
  try {
    await work(new Room(runFolder))
  } finally {
    runFolder.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    process.off('exit', removeNow)
  }
}

export class Room {
  readonly #runFolder: RunFolder

  constructor(runFolder: RunFolder) {
    this.#runFolder = runFolder
  }

  get logs(): string {
    return this.#runFolder.logs
  }

  /** The places of this many peers, each with its source. @throws PotluckError DISK; the signal's reason */
  async places(peers: number, byteLength: number, signal: AbortSignal): Promise<NamedPlace[]> {
    const places = Array.from({ length: peers }, (_, index) => ({
      ...this.#runFolder.placeOf(index + 1),
      name: `client${index + 1}`
    }))
    const missing = await missingSources(places, byteLength)
    const demand = { peers, byteLength, missingSources: missing.length }
    await checkSpace(this.#runFolder.path, demand, () => undefined)
    for (const place of missing) {
      await makeSource(place, byteLength, signal, () => undefined)
    }
    return places
  }

  /** Removes the copies of the previous run. */
  async clear(): Promise<void> {
    await this.#runFolder.removeEarlierRun()
  }
}
