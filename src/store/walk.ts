/**
 * What lies in a folder, all the way down. Symbolic links are not followed and special files (sockets, pipes,
 * devices) are left out: a link could lead anywhere, and neither has bytes of its own.
 */
import { isUtf8 } from 'node:buffer'
import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { patiently } from './patiently.ts'

export interface Found {
  kind: 'file' | 'folder'
  /** Its path from the folder where the walk began, "/" between its parts. */
  path: string
  localPath: string
}

/** What lies in one folder beside others, under the name that its path is to have. */
export interface Sibling extends Pick<Found, 'kind' | 'localPath'> {
  name: string
}

export interface WalkOptions {
  signal: AbortSignal
  /** Those of a folder's files and folders to go on with, in the same order, under the names that their paths are to have. */
  select(siblings: Sibling[]): Sibling[]
  /**
   * Called for a folder that cannot be read, and without an error for a file or folder whose name is not UTF-8: no text
   * names it. It is left out; throws to end the walk.
   */
  onUnusable(localPath: string, error?: unknown): void
  /** A link or a special file was left out. */
  onOdd?(localPath: string, kind: 'link' | 'special'): void
}

/** Yields every file and folder, a folder before what lies in it; siblings in the order of their names. */
export async function* walk(folder: string, options: WalkOptions, prefix = ''): AsyncGenerator<Found> {
  for (const { kind, name, localPath } of options.select(await siblingsIn(folder, options))) {
    const path = prefix + name
    yield { kind, path, localPath }
    if (kind === 'folder') {
      yield* walk(localPath, options, `${path}/`)
    }
  }
}

async function siblingsIn(folder: string, options: WalkOptions): Promise<Sibling[]> {
  const siblings: Sibling[] = []
  for (const entry of await entriesOf(folder, options)) {
    const name = entry.name.toString()
    const localPath = join(folder, name)
    const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : undefined
    if (kind === undefined) {
      options.onOdd?.(localPath, entry.isSymbolicLink() ? 'link' : 'special')
    } else if (isUtf8(entry.name)) {
      siblings.push({ kind, name, localPath })
    } else {
      options.onUnusable(localPath)
    }
  }
  return siblings.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function entriesOf(folder: string, options: WalkOptions): Promise<Dirent<Buffer>[]> {
  try {
    // As bytes: in a text, bytes that are not UTF-8 look like U+FFFD, which a name may have.
    const read = () => readdir(folder, { withFileTypes: true, encoding: 'buffer' })
    return await patiently(read, options.signal)
  } catch (error) {
    options.signal.throwIfAborted()
    options.onUnusable(folder, error)
    return []
  }
}
