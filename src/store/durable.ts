/** Makes a file survive a power loss, and replaces a file completely or not at all. */
import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { hasCode, NO_SYNC } from '../core/system-errors.ts'
import { renameOver } from '../files/rename-over.ts'

/** Does not follow links: absent on Windows, where making one requires an administrator. */
export const NO_FOLLOW = constants.O_NOFOLLOW ?? 0

/** The answers for a folder, which some systems let no one even open. */
export const NO_FOLDER_SYNC = [...NO_SYNC, 'EBADF', 'EISDIR', 'EACCES', 'EPERM']

/** Waits for a sync; without one, the system writes to the disk when it likes. */
export async function synced(sync: Promise<void>, refusals: readonly string[] = NO_SYNC): Promise<void> {
  try {
    await sync
  } catch (error) {
    if (!hasCode(error, ...refusals)) {
      throw error
    }
  }
}

/**
 * Writes a file under another name first, so that there is the old one or the new one, never a part.
 *
 * @param isSynced also wait until the bytes are on the disk before the file gets its name
 */
export async function replaceFile(path: string, parts: Uint8Array[], isSynced: boolean): Promise<void> {
  const temporary = temporaryOf(path)
  await rm(temporary, { force: true })
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW
  const file = await open(temporary, flags, 0o600)
  const write = async (): Promise<void> => {
    for (const part of parts) {
      await file.writeFile(part)
    }
    if (isSynced) {
      await synced(file.datasync())
    }
  }
  try {
    await write().finally(() => file.close())
    await renameOver(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Where `replaceFile` writes first; a crash may leave it behind. */
export function temporaryOf(path: string): string {
  return `${path}.tmp`
}

/** Makes the bytes of a file durable, whoever wrote them. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, constants.O_RDWR | NO_FOLLOW)
  try {
    await synced(file.datasync())
  } finally {
    await file.close()
  }
}

/** Makes the names in a folder durable. Windows has no such call, and does it by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') {
    return
  }
  const sync = async (): Promise<void> => {
    const folder = await open(path, 'r')
    await folder.sync().finally(() => folder.close())
  }
  await synced(sync(), NO_FOLDER_SYNC)
}
