/**
 * The folder that a whole swarm on this machine lies in. Nothing is removed from it but what a swarm put there, and
 * no folder is taken that holds anything else.
 */
import { closeSync, openSync } from 'node:fs'
import { lstat, mkdir, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLock } from 'fs-native-extensions'
import { absolute } from '../cli/working-folder.ts'
import { messageOf, PotluckError } from '../core/errors.ts'

/** What tells a folder of ours. While a swarm runs in it, the file is locked. */
const MARKER = '.potluck-run'

const PEER_FOLDER = /^client\d+$/

/** What a coordinator by itself leaves with the configuration that comes with this project, which logs into `run/logs`. */
const LOG_FILE = /^(coordinator|client\d+|report)\.(log|jsonl|html|json)$/

/** Where things of one peer lie. */
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
  /** Whether there was nothing of an earlier swarm in it. */
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
   * Makes the folder where it does not exist, and keeps other swarms out of it.
   *
   * @throws PotluckError CONFIGURATION when it holds something that no swarm put there, or another swarm runs in it;
   * DISK when it cannot be made
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

  /** Removes all that swarms put here, and the folders that nothing else is in. */
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

  /** Lets other swarms in. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true
      closeSync(this.#marker)
    }
  }

  /** Real folders only: a link could lead to somebody else's files. */
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

/** What holds something else stays, and so does a mount point. */
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
