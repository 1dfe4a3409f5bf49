/**
 * Everything in a folder, all the way down. Symbolic links are not followed and special files (sockets, pipes, devices)
 * are left out: a link could lead anywhere, and special files have no bytes of their own.
 */
import { isUtf8 } from 'node:buffer'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { patiently } from './patiently.ts'

export interface Found {
  kind: 'file' | 'folder'
  /** Its path from the folder where the walk began, "/" between its parts. */
  path: string
  localPath: string
}

export interface WalkOptions {
  signal: AbortSignal
  /** Whether to leave a folder out. */
  skip(localPath: string, name: string): boolean
  /**
   * Called for a folder that cannot be read, and without an error for a file or folder whose name is not UTF-8, which
   * no text can express. It is left out; throws to end the walk.
   */
  onUnusable(localPath: string, error?: unknown): void
}

/** Yields every file and folder, a folder before its content; siblings in the order of their names. */
export async function* walk(folder: string, options: WalkOptions, prefix = ''): AsyncGenerator<Found> {
  for (const { entry, name } of await entriesOf(folder, options)) {
    const localPath = join(folder, name)
    const path = prefix + name
    if (!isUtf8(entry.name)) {
      if (entry.isFile() || entry.isDirectory()) {
        options.onUnusable(localPath)
      }
    } else if (entry.isFile()) {
      yield { kind: 'file', path, localPath }
    } else if (entry.isDirectory() && !options.skip(localPath, name)) {
      yield { kind: 'folder', path, localPath }
      yield* walk(localPath, options, `${path}/`)
    }
  }
}

async function entriesOf(folder: string, options: WalkOptions) {
  try {
    // As bytes: in a text, bytes that are not UTF-8 look like U+FFFD, which a name may contain.
    const read = () => readdir(folder, { withFileTypes: true, encoding: 'buffer' })
    const entries = await patiently(read, options.signal)
    const named = entries.map((entry) => ({ entry, name: entry.name.toString() }))
    return named.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    options.signal.throwIfAborted()
    options.onUnusable(folder, error)
    return []
  }
}
