/** Whether what is missing fits, said before the first byte of it is asked for. */
import { statfs } from 'node:fs/promises'
import { PotluckError } from '../../protocols/errors.ts'
import { printable } from '../../protocols/names.ts'
import { formatBytes } from '../../protocols/units.ts'
import { diskError } from './disk-errors.ts'

/** For folders, states and digests, and not to leave a file system without a byte. */
const MARGIN_BYTE_LENGTH = 16 * 1024 * 1024

/** How many bytes this user may still write at a path. */
export type FreeSpace = (path: string) => Promise<number>

export async function freeSpaceAt(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
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
  let free: number
  try {
    free = await freeSpace(folder)
  } catch (error) {
    throw diskError(error, 'ask for the free space of', folder)
  }
  const needed = missingByteLength + MARGIN_BYTE_LENGTH
  if (free < needed) {
    throw new PotluckError(
      'DISK',
      `the missing files need ${formatBytes(needed)} in ${printable(folder)}, where ${formatBytes(free)} are free; ` +
        `free ${formatBytes(needed - free)} more, or choose a collection folder on another disk`
    )
  }
}
