/** Whether what is missing fits, said before the first byte of it is asked for. */
import { statfs } from 'node:fs/promises'
import { PotluckError } from '../../protocols/errors.ts'
import { printable } from '../../protocols/names.ts'
import { formatBytes } from '../../protocols/units.ts'
import { diskError, hasCode } from './disk-errors.ts'

/** For folders, states and digests, and not to leave a file system without a byte. */
const MARGIN_BYTE_LENGTH = 16 * 1024 * 1024

/** How many bytes this user may still write at a path; undefined where the file system does not tell. */
export type FreeSpace = (path: string) => Promise<number | undefined>

/** A disk that is full has blocks all the same: without any, the figures are none. */
export async function freeSpaceAt(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize, blocks } = await statfs(path)
    return blocks > 0 && bsize > 0 && bavail >= 0 && bavail <= blocks ? bavail * bsize : undefined
  } catch (error) {
    if (hasCode(error, 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EACCES', 'EOVERFLOW')) {
      return undefined
    }
    throw error
  }
}

/** @throws PotluckError DISK when the bytes and a margin do not fit */
export async function checkFreeSpace(
  missingByteLength: number,
  folder: string,
  freeSpace: FreeSpace
): Promise<void> {
  if (missingByteLength === 0) {
    return
  }
  let free: number | undefined
  try {
    free = await freeSpace(folder)
  } catch (error) {
    throw diskError(error, 'ask for the free space of', folder)
  }
  const needed = missingByteLength + MARGIN_BYTE_LENGTH
  if (free !== undefined && free < needed) {
    throw new PotluckError(
      'DISK',
      `the missing files need ${formatBytes(needed)} in ${printable(folder)}, where ${formatBytes(free)} are free; ` +
        `free ${formatBytes(needed - free)} more, or choose a collection folder on another disk`
    )
  }
}
