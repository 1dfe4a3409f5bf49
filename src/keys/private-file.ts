/**
 * Files that only their owner may read: the swarm's secret, identities, what a coordinator keeps. Made so, and refused where others could have
 * read what is in them.
 */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, rename, rm, writeFile } from 'node:fs/promises'
import { PotluckError } from '../protocols/errors.ts'
import { printable } from '../protocols/names.ts'

/** Read and write, for the owner and for nobody else. */
const PRIVATE_MODE = 0o600

/** Read and write, for group and others. */
const OTHERS_MODE = 0o066

/** A key is some hundred bytes; whatever is larger is some other file. */
const MAX_KEY_BYTE_LENGTH = 4096

/**
 * What is in the file; undefined where there is none.
 *
 * @throws PotluckError CONFIGURATION when others may read or write it, or it is no key at all; or the system's error
 */
export async function readPrivateFile(
  path: string,
  maxByteLength = MAX_KEY_BYTE_LENGTH
): Promise<Buffer | undefined> {
  // Without waiting for somebody to write, should it be a pipe.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(absent)
  if (file === undefined) {
    return undefined
  }
  try {
    // Of what was opened: the name may stand for something else by now.
    const { mode, size } = await file.stat()
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > maxByteLength) {
      throw new PotluckError('CONFIGURATION', `${printable(path)} is not the file of a key; name one that is`)
    }
    if (process.platform !== 'win32' && (mode & OTHERS_MODE) !== 0) {
      throw new PotluckError(
        'CONFIGURATION',
        `others on this machine may read or write ${printable(path)}, which holds a key: run "chmod 600 ${printable(path)}", and make a new key if anybody could have read it; where the file system keeps no permissions, keep the key elsewhere`
      )
    }
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** Puts a file in the place of another one, or of none: there is the old one or the new one, never half of each. */
export async function replacePrivateFile(path: string, content: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, content, { mode: PRIVATE_MODE, flag: 'wx', flush: true })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/**
 * Writes a file that is not there yet, whole or not at all: of two that start at once, both go by what the first wrote.
 *
 * @returns whether it is this one's
 */
export async function writePrivateFile(path: string, content: Uint8Array | string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, content, { mode: PRIVATE_MODE, flag: 'wx' })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) {
      return false
    }
    throw error
  } finally {
    await rm(draft)
  }
}

function absent(error: unknown): undefined {
  if (!isCode(error, 'ENOENT')) {
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
