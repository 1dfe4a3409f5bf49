/** What it takes for a file to be there after a power loss, or to be replaced whole or not at all. */
import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { hasCode } from './disk-errors.ts'

/** Where links are not followed: absent on Windows, where making one takes an administrator. */
export const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/**
 * Writes a file under another name first, so that there is the old one or the new one, never half of each.
 *
 * @param synced also wait until the bytes are on the disk before the file gets its name
 */
export async function replaceFile(path: string, parts: Uint8Array[], synced: boolean): Promise<void> {
  const temporary = temporaryOf(path)
  await rm(temporary, { force: true })
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW
  const file = await open(temporary, flags, 0o600)
  try {
    try {
      for (const part of parts) {
        await file.writeFile(part)
      }
      if (synced) {
        await file.datasync()
      }
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Where `replaceFile` writes first; a crash may leave it behind. */
export function temporaryOf(path: string): string {
  return `${path}.tmp`
}

/** Makes the names in a folder lasting. Windows has no such call, and does it by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') {
    return
  }
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } catch (error) {
    // Some file systems, mostly over a network, refuse to sync a folder.
    if (!hasCode(error, 'EINVAL', 'ENOTSUP')) {
      throw error
    }
  } finally {
    await folder.close()
  }
}
