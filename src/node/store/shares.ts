/**
 * What a peer's share paths stand for: a file under its own name, a folder with everything in it under the folder's
 * name. A share path may itself be a symbolic link and is followed; links inside a shared folder are neither followed
 * nor shared (see walk.ts).
 */
import { realpath, stat } from 'node:fs/promises'
import { basename, resolve, sep } from 'node:path'
import { PotluckError } from '../../protocols/errors.ts'
import { foldName, PRIVATE_FOLDER, pathProblem, printable } from '../../protocols/names.ts'
import { hasCode, systemMessage } from './disk-errors.ts'
import { NameTable } from './name-table.ts'
import type { CollectionPaths } from './paths.ts'
import { type Found, walk } from './walk.ts'

export interface ScannedEntry {
  kind: 'file' | 'folder'
  /** As the others will see it. */
  path: string
  localPath: string
  byteLength: number
}

/** @throws PotluckError SHARE_UNUSABLE for the first share that is missing, unreadable or badly named */
export async function scanShares(shares: string[], collection: CollectionPaths): Promise<ScannedEntry[]> {
  const entries: ScannedEntry[] = []
  const names = new NameTable(foldName)
  for (const share of shares) {
    for await (const { kind, path, relative } of foundIn(resolve(share), collection)) {
      checkName(relative, path)
      const meeting = names.claim(relative, kind, path)
      if (meeting !== undefined) {
        throw unusable(
          path,
          `would be shared under the same name as ${printable(meeting.label)}, or one that some systems take for ` +
            'the same; rename one of them, or share only one'
        )
      }
      entries.push({ kind, path: relative, localPath: path, byteLength: await byteLengthOf(kind, path) })
    }
  }
  return entries
}

export function unusable(path: string, what: string, options?: ErrorOptions): PotluckError {
  return new PotluckError('SHARE_UNUSABLE', `${printable(path)} ${what}`, options)
}

/** The error for a share that could not be read. */
export function unreadable(path: string, error: unknown): PotluckError {
  if (error instanceof PotluckError) {
    return error
  }
  const what = hasCode(error, 'ENOENT', 'ENOTDIR')
    ? 'does not exist; correct the path that is to be shared, or leave it out'
    : `cannot be read: ${systemMessage(error)}; give this user access to it, or leave it out`
  return unusable(path, what, { cause: error })
}

async function* foundIn(share: string, collection: CollectionPaths): AsyncGenerator<Found> {
  const name = basename(share)
  const { real, isFile, isFolder } = await resolveShare(share)
  if (isFile) {
    yield { kind: 'file', path: real, relative: name }
    return
  }
  if (!isFolder) {
    throw unusable(share, 'is neither a file nor a folder; leave it out')
  }
  if (real === collection.root || `${real}${sep}`.startsWith(collection.privateFolder + sep)) {
    throw unusable(share, 'is the folder that the files of the others are collected in; share another one')
  }
  let empty = true
  const skip = (path: string, folder: string) => path === collection.root || folder === PRIVATE_FOLDER
  for await (const found of walk(real, { skip, onUnreadable })) {
    empty = false
    yield { ...found, relative: `${name}/${found.relative}` }
  }
  if (empty) {
    yield { kind: 'folder', path: real, relative: name }
  }
}

async function resolveShare(share: string): Promise<{ real: string; isFile: boolean; isFolder: boolean }> {
  try {
    const real = await realpath(share)
    const status = await stat(real)
    return { real, isFile: status.isFile(), isFolder: status.isDirectory() }
  } catch (error) {
    throw unreadable(share, error)
  }
}

function onUnreadable(path: string, error: unknown): never {
  throw unreadable(path, error)
}

function checkName(relative: string, path: string): void {
  // What Node puts in the place of bytes that are not UTF-8: the file cannot even be opened under such a name.
  const problem = relative.includes('\ufffd') ? 'bytes that are not UTF-8' : pathProblem(relative)
  if (problem !== undefined) {
    throw unusable(
      path,
      `cannot be shared: its name has ${problem}, which not every system can store; rename it`
    )
  }
}

async function byteLengthOf(kind: 'file' | 'folder', path: string): Promise<number> {
  if (kind === 'folder') {
    return 0
  }
  try {
    return (await stat(path)).size
  } catch (error) {
    throw unreadable(path, error)
  }
}
