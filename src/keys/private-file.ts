/**
 * Files that only their owner may read: the swarm's secret, identities, a coordinator's state. They are made private,
 * and refused if others could have read them.
 */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { hasCode, NO_SYNC } from '../core/system-errors.ts'
import { renameOver } from '../files/rename-over.ts'

/** Read and write, for the owner only. */
const PRIVATE_MODE = 0o600

/** Read and write, for group and others. */
const OTHERS_MODE = 0o066

/** A key takes about a hundred bytes; a larger file is something else. */
export const MAX_KEY_BYTE_LENGTH = 4096

/** The answers of file systems without hard links: EPERM of exFAT and FAT, or that they have no such call. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EMLINK']

/** How often, and for how long each time, to wait for what another process is writing. */
const ATTEMPTS = 20
const WAIT_MS = 25

/** The file system keeps no permissions, so no file on it is private. Nothing was written. */
export class UnprotectedError extends PotluckError {
  constructor(path: string) {
    super(
      'CONFIGURATION',
      `the file system of ${printable(path)} keeps no permissions, so other users of this machine could read a key there; choose a folder on another file system, such as your home folder`
    )
    this.name = 'UnprotectedError'
  }
}

/**
 * The file's content; undefined when there is no file.
 *
 * @throws PotluckError CONFIGURATION when others may read or write it, or it is no key at all; or the system's error
 */
export async function readPrivateFile(
  path: string,
  maxByteLength = MAX_KEY_BYTE_LENGTH
): Promise<Buffer | undefined> {
  // Does not wait for a writer, should it be a pipe.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(unless('ENOENT'))
  if (file === undefined) {
    return undefined
  }
  try {
    // Checks the opened file: the name may refer to another one by now.
    const { mode, size } = await file.stat()
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > maxByteLength) {
      throw new PotluckError('CONFIGURATION', `${printable(path)} is not a key file; name another one`)
    }
    if (isOpenToOthers(mode)) {
      throw await exposed(path)
    }
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** Whether a file that is made private in the folder stays private. If that cannot be tested, the answer is yes. */
export async function keepsPermissions(folder: string): Promise<boolean> {
  const probe = `${folder}/${randomUUID()}`
  const file = await open(probe, 'wx', PRIVATE_MODE).catch(() => undefined)
  if (file === undefined) {
    return true
  }
  try {
    return !isOpenToOthers((await file.stat()).mode)
  } finally {
    await file.close()
    await rm(probe, { force: true })
  }
}

/**
 * Replaces a file, or creates it: there is the old file or the new one, never a part.
 *
 * @throws UnprotectedError, or the system's error
 */
export async function replacePrivateFile(path: string, content: Uint8Array | string): Promise<void> {
  const draft = await writeDraft(path, content)
  try {
    await renameOver(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/**
 * Creates a file, completely or not at all: if two processes start at once, both use the first one's file. Without hard
 * links the file may be empty for a moment, and stay empty after a crash.
 *
 * @returns whether this call created it
 * @throws UnprotectedError, or the system's error
 */
export async function writePrivateFile(path: string, content: Uint8Array | string): Promise<boolean> {
  const draft = await writeDraft(path, content)
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) {
      return false
    }
    if (hasCode(error, ...NO_LINKS)) {
      return await writeAtOnce(path, content)
    }
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/** What another process is writing: reads until it is there; undefined if it does not appear. */
export async function awaitWritten<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const written = await read()
    if (written !== undefined) {
      return written
    }
    await delay(WAIT_MS)
  }
  return undefined
}

async function writeDraft(path: string, content: Uint8Array | string): Promise<string> {
  const draft = `${path}.${randomUUID()}`
  const file = await open(draft, 'wx', PRIVATE_MODE)
  try {
    // Before there is anything in it.
    if (isOpenToOthers((await file.stat()).mode)) {
      throw new UnprotectedError(path)
    }
    await writeAll(file, content)
    return draft
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

async function writeAtOnce(path: string, content: Uint8Array | string): Promise<boolean> {
  const file = await open(path, 'wx', PRIVATE_MODE).catch(unless('EEXIST'))
  if (file === undefined) {
    return false
  }
  try {
    await writeAll(file, content)
    return true
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

async function writeAll(file: FileHandle, content: Uint8Array | string): Promise<void> {
  await file.writeFile(content)
  await file.sync().catch(unless(...NO_SYNC))
}

async function exposed(path: string): Promise<PotluckError> {
  const what = `other users of this machine may read or write ${printable(path)}, which holds a key`
  const anew = 'make a new key if anybody could have read it'
  const advice = (await keepsPermissions(dirname(path)))
    ? `run "chmod 600 ${printable(path)}", and ${anew}`
    : `its file system keeps no permissions: move the file to a folder on another file system, such as your home folder, run "chmod 600" on it there, and ${anew}`
  return new PotluckError('CONFIGURATION', `${what}; ${advice}`)
}

/** Whether users other than the owner may read or write it; Windows has no such modes. */
export function isOpenToOthers(mode: number): boolean {
  return process.platform !== 'win32' && (mode & OTHERS_MODE) !== 0
}

/** Ignores an error with one of the codes. */
function unless(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!hasCode(error, ...codes)) {
      throw error
    }
  }
}
