/**
 * What lies in a folder, all the way down. Symbolic links are not followed and special files (sockets, pipes,
 * devices) are left out: a link could lead anywhere, and neither has bytes of its own.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface Found {
  kind: 'file' | 'folder'
  path: string
  /** Its path from the folder where the walk began, "/" between its parts. */
  relative: string
}

export interface WalkOptions {
  /** Whether to leave a folder out. */
  skip(path: string, name: string): boolean
  /** Called for a folder that cannot be read; throws to end the walk. */
  onUnreadable(path: string, error: unknown): void
}

/** Yields every file, and of the folders those in which nothing was found; siblings in the order of their names. */
export async function* walk(folder: string, options: WalkOptions, prefix = ''): AsyncGenerator<Found> {
  for (const entry of await entriesOf(folder, options)) {
    const path = join(folder, entry.name)
    const relative = prefix + entry.name
    if (entry.isFile()) {
      yield { kind: 'file', path, relative }
    } else if (entry.isDirectory() && !options.skip(path, entry.name)) {
      let empty = true
      for await (const found of walk(path, options, `${relative}/`)) {
        empty = false
        yield found
      }
      if (empty) {
        yield { kind: 'folder', path, relative }
      }
    }
  }
}

async function entriesOf(folder: string, options: WalkOptions) {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    options.onUnreadable(folder, error)
    return []
  }
}
