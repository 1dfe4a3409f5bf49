/** Turns what the operating system says of a failed call into something that a person can act on. */
import { messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { hasCode, systemCodeOf } from '../core/system-errors.ts'
import { DiskFullError } from './store.ts'

/** This process or machine has too little of something at the moment: it says nothing about the file. */
const OF_RESOURCES = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'ENOBUFS']

/**
 * The disk, the process or the machine lacks something, whatever the file; all other failures concern one file or name.
 */
const OF_ALL_FILES = [
  ...OF_RESOURCES,
  ...['EIO', 'ENOENT', 'ENOSPC', 'EDQUOT', 'ENODEV', 'ENXIO'],
  ...['ESTALE', 'ENOTCONN', 'ENOMEDIUM', 'EREMOTEIO', 'EUCLEAN']
]

/** Characters of a path in a message; views show 300 of the message. */
const MAX_PATH_SHOWN = 120

/** A file system's answers to a file or a path that is too long for it. */
const OF_ITS_LENGTH = ['EFBIG', 'EOVERFLOW', 'EINVAL', 'ENAMETOOLONG']

const ADVICE: Record<string, string> = {
  EACCES: 'give this user access to it',
  EPERM: 'give this user access to it',
  EBUSY: 'another program has it open: end that program, then start again',
  EROFS: 'the file system is read-only: choose another collection folder',
  EIO: 'the disk reports an error: check the disk, then start again',
  EFBIG: 'the file system holds no file that large: choose a collection folder on another one',
  ENAMETOOLONG: 'choose a collection folder with a shorter path',
  EILSEQ: 'the file system takes no such name: choose a collection folder on another one',
  ENOTDIR: 'a file is where a folder has to be: move it away',
  EXDEV: 'it is on another file system than the collection: choose a collection folder without mounts inside',
  ENOTCONN: 'the program that serves this file system has ended: mount it again, then start again',
  ENODEV: 'the disk is gone: attach and mount it again, then start again',
  ENXIO: 'the disk is gone: attach and mount it again, then start again',
  ENOMEDIUM: 'the disk is gone: attach and mount it again, then start again',
  ESTALE: 'its server has replaced the file system: mount it again, then start again',
  EREMOTEIO: 'the disk or its server reports an error: check it, then start again',
  EUCLEAN: 'the file system is damaged: unmount it and run fsck, then start again',
  ENOENT: 'something removed it meanwhile: start again to fetch what is missing'
}

/** What the system said: for a store's own error, its cause. */
export function causeOf(error: unknown): unknown {
  return error instanceof PotluckError ? error.cause : error
}

/** Whether a call failed for lack of a resource of this process or machine, so that it says nothing about the file. */
export function isOfResources(error: unknown): boolean {
  return hasCode(causeOf(error), ...OF_RESOURCES)
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

/**
 * Whether a failure concerns one file or name, so that others can still be stored: not the disk as a whole, no lack of
 * room, no bug in this program.
 */
export function isOfOneFile(error: unknown): boolean {
  const isOurs =
    error instanceof PotluckError
      ? error.code === 'DISK' && !(error instanceof DiskFullError)
      : isSystemError(error)
  return isOurs && !hasCode(causeOf(error), ...OF_ALL_FILES)
}

/** Whether the file system allows no file of that length, or no path of that length, at this place. */
export function isOfLength(error: unknown): boolean {
  return hasCode(causeOf(error), ...OF_ITS_LENGTH)
}

/** Whether the user, group or project may store no more at this place. */
export function isOfQuota(error: unknown): boolean {
  return hasCode(causeOf(error), 'EDQUOT')
}

/** The error to throw when a system call on a path failed. `attempt` reads as in "could not <attempt> <path>". */
export function diskError(error: unknown, attempt: string, path: string): PotluckError {
  if (error instanceof PotluckError) {
    return error
  }
  const what = `could not ${attempt} ${printable(shortened(path))}`
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new DiskFullError(`${what}: no room is left there; free some space`, { cause: error })
  }
  const message = systemMessage(error)
  if (isOfResources(error)) {
    const cure = hasCode(error, 'EMFILE', 'ENFILE')
      ? 'raise the limit (ulimit -n) or close other files'
      : 'end other programs, or raise the limits of this one'
    return new DiskFullError(`${what}: ${message}; ${cure}`, { cause: error })
  }
  const advice = ADVICE[systemCodeOf(error) ?? ''] ?? 'see to its cause, then start again'
  return new PotluckError('DISK', `${what}: ${message}; ${advice}`, { cause: error })
}

/** The end of a path says more than its beginning. */
function shortened(path: string): string {
  return path.length > MAX_PATH_SHOWN ? `…${path.slice(-MAX_PATH_SHOWN)}` : path
}

/** Node's "EACCES: permission denied, open '/a/b'" without the call and the path, which may contain anything. */
export function systemMessage(error: unknown): string {
  return printable(messageOf(error).replace(/^([A-Z0-9]+: [^,]+), .*$/s, '$1'))
}
