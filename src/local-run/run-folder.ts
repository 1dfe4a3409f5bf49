/**
 * The folder of a whole swarm on this machine. Only files that a swarm put there are removed from it, and a folder with
 * anything else in it is refused.
 */
import { closeSync, openSync } from 'node:fs'
import { lstat, mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLock } from 'fs-native-extensions'
import { absolute } from '../cli/working-folder.ts'
import { messageOf, PotluckError } from '../core/errors.ts'

/** Marks a folder as ours. While a swarm runs in it, the file is locked. */
const MARKER = '.potluck-run'

const PEER_FOLDER = /^client\d+$/

/** What a coordinator leaves here when it runs alone with this project's configuration, which logs into `run/logs`. */
const LOG_FILE = /^(coordinator|client\d+|report)\.(log|jsonl|html|json)$/

/** The paths of one peer. */
export interface PeerPlace {
  /** 1 for the first. */
  number: number
  folder: string
  share: string
  /** The file that the peer brings. */
  source: string
  sourceName: string
  collection: string
}

export class RunFolder {
  readonly path: string
  readonly logs: string
  /** Whether it had nothing of an earlier swarm in it. */
  readonly fresh: boolean
  readonly #marker: number
  #closed = false

  private constructor(path: string, fresh: boolean, marker: number) {
    this.path = path
    this.fresh = fresh
    this.logs = join(path, 'logs')
    this.#marker = marker
  }

  /**
   * Makes the folder if it does not exist, and locks it against other swarms.
   *
   * @throws PotluckError CONFIGURATION when it has anything that no swarm put there, or another swarm runs in it; DISK
   * when it cannot be made
   */
  static async open(folder: string): Promise<RunFolder> {
    const path = absolute(folder)
    const entries = await makeFolder(path)
    if (entries.length > 0 && !entries.includes(MARKER) && !(await holdsLogsOnly(path, entries))) {
      throw new PotluckError(
        'CONFIGURATION',
        `The folder ${path} is not empty and was not made by this command, so nothing is put into it or removed from it. Choose another one with --dir, or empty it.`
      )
    }
    return new RunFolder(path, entries.length === 0, lockMarker(path))
  }

  placeOf(number: number): PeerPlace {
    const folder = join(this.path, `client${number}`)
    const share = join(folder, 'share')
    const sourceName = `client${number}.bin`
    const source = join(share, sourceName)
    return { number, folder, share, source, sourceName, collection: join(folder, 'collection') }
  }

  /** Removes the collections and logs of an earlier run; sources stay. */
  async removeEarlierRun(): Promise<void> {
    for (const folder of await this.#peerFolders()) {
      await remove(join(folder, 'collection'))
    }
    await remove(this.logs)
  }

  /** Removes everything that swarms put here, and then the empty folders. */
  async removeAll(): Promise<void> {
    for (const folder of await this.#peerFolders()) {
      const { source, share, collection } = this.placeOf(
        Number(folder.slice(folder.lastIndexOf('client') + 6))
      )
      await remove(source)
      await remove(collection)
      await removeIfEmpty(share)
      await removeIfEmpty(folder)
    }
    await remove(this.logs)
    this.close()
    await remove(join(this.path, MARKER))
    await removeIfEmpty(this.path)
  }

  /** Unlocks the folder. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true
      closeSync(this.#marker)
    }
  }

  /** Real folders only: a link could lead to other people's files. */
  async #peerFolders(): Promise<string[]> {
    const folders: string[] = []
    for (const name of await readdir(this.path)) {
      const path = join(this.path, name)
      if (PEER_FOLDER.test(name) && (await lstat(path)).isDirectory()) {
        folders.push(path)
      }
    }
    return folders
  }
}

async function makeFolder(path: string): Promise<string[]> {
  try {
    await mkdir(path, { recursive: true })
    return await readdir(path)
  } catch (cause) {
    throw diskError(cause, `The folder ${path} cannot be used`, 'Choose another one')
  }
}

function diskError(cause: unknown, what: string, whatToDo: string): PotluckError {
  return new PotluckError('DISK', `${what}: ${messageOf(cause)}. ${whatToDo} with --dir.`, { cause })
}

async function holdsLogsOnly(path: string, entries: string[]): Promise<boolean> {
  const logs = join(path, 'logs')
  return (
    entries.every((name) => name === 'logs') &&
    (await lstat(logs)).isDirectory() &&
    (await readdir(logs)).every((name) => LOG_FILE.test(name))
  )
}

function lockMarker(path: string): number {
  let marker: number
  try {
    marker = openSync(join(path, MARKER), 'a')
  } catch (cause) {
    throw diskError(cause, `The folder ${path} cannot be written to`, 'Choose another one')
  }
  if (!tryLock(marker)) {
    closeSync(marker)
    throw new PotluckError(
      'CONFIGURATION',
      `Another swarm runs in the folder ${path}. Wait for its end, or choose another folder with --dir.`
    )
  }
  return marker
}

/** Folders that are not empty stay, and so do mount points. */
async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => undefined)
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
  } catch (cause) {
    const whatToDo = 'Remove it by hand, or choose another folder'
    throw diskError(cause, `${path} of an earlier run cannot be removed`, whatToDo)
  }
}
