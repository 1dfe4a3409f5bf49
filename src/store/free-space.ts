/** Whether the missing files fit, determined before the first byte of them is asked for. */
import { statfs } from 'node:fs/promises'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { hasCode } from '../core/system-errors.ts'
import { formatBytes } from '../core/units.ts'
import { diskError } from './disk-errors.ts'

/** For folders, states and digests, and to leave the file system some space. */
const MARGIN_BYTE_LENGTH = 16 * 1024 * 1024

/** How many bytes this user may still write at a path; undefined if the file system does not say. */
export type FreeSpace = (path: string) => Promise<number | undefined>

/** Even a full disk has blocks: without any, the figures mean nothing. */
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

/** `statfs` of Linux returns this for FAT, which stores the length of a file in 32 bits. */
const FAT_TYPE = 0x4d44
const FAT_MAX_BYTE_LENGTH = 0xffffffff

/** The maximum length of a file at a path, as far as that is known without trying. */
export async function longestFileAt(path: string): Promise<number> {
  const { type } = await statfs(path).catch(() => ({ type: 0 }))
  return process.platform === 'linux' && type === FAT_TYPE ? FAT_MAX_BYTE_LENGTH : Number.POSITIVE_INFINITY
}

interface Need {
  byteLength: number
}

/**
 * Which of the needs do not fit, with a margin left: the largest ones, so that as many as possible do; and why.
 *
 * @returns undefined when all fit
 * @throws PotluckError DISK when the system does not say what is free
 */
export async function findShortage<N extends Need>(
  needs: readonly N[],
  folder: string,
  freeSpace: FreeSpace
): Promise<{ unmet: N[]; error: PotluckError } | undefined> {
  const missing = needs.reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (missing === 0) {
    return undefined
  }
  const free = await freeSpace(folder).catch((error: unknown) => {
    throw diskError(error, 'ask for the free space of', folder)
  })
  const needed = missing + MARGIN_BYTE_LENGTH
  if (free === undefined || free >= needed) {
    return undefined
  }
  const error = new PotluckError(
    'DISK',
    `the missing files need ${formatBytes(needed)} in ${printable(folder)}, where ${formatBytes(free)} are free; ` +
      `free ${formatBytes(needed - free)} more, or choose a collection folder on another disk, and start this peer again`
  )
  return { unmet: unmetBy(free - MARGIN_BYTE_LENGTH, needs), error }
}

/** Smallest first as long as there is room; a need of nothing always fits. */
function unmetBy<N extends Need>(room: number, needs: readonly N[]): N[] {
  let left = Math.max(0, room)
  const unmet: N[] = []
  for (const need of [...needs].sort((a, b) => a.byteLength - b.byteLength)) {
    if (need.byteLength <= left) {
      left -= need.byteLength
    } else {
      unmet.push(need)
    }
  }
  return unmet
}
