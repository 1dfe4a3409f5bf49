/** From what the operating system says of a failed call to what a person can act on. */
import { messageOf, PotluckError } from '../../protocols/errors.ts'
import { printable } from '../../protocols/names.ts'
import { systemCodeOf } from '../../protocols/system-errors.ts'
import { DiskFullError } from './store.ts'

const ADVICE: Record<string, string> = {
  EACCES: 'give this user access to it',
  EPERM: 'give this user access to it',
  EROFS: 'the file system is read-only: choose another collection folder',
  EIO: 'the disk reports an error: check the disk, then start again',
  EFBIG: 'the file system holds no file that large: choose a collection folder on another one',
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

/** Whether it is a system error with one of the codes. */
export function hasCode(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  const code = systemCodeOf(error)
  return code !== undefined && codes.includes(code)
}

/** Whether a call of the operating system failed, rather than this program. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

/** The error to throw when a system call on a path failed. `attempt` reads as in "could not <attempt> <path>". */
export function diskError(error: unknown, attempt: string, path: string): PotluckError {
  if (error instanceof PotluckError) {
    return error
  }
  const what = `could not ${attempt} ${printable(path)}`
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new DiskFullError(`${what}: no room is left there; free some space`, { cause: error })
  }
  const message = systemMessage(error)
  if (hasCode(error, 'EMFILE', 'ENFILE')) {
    return new DiskFullError(`${what}: ${message}; raise the limit (ulimit -n) or close other files`, {
      cause: error
    })
  }
  const advice = ADVICE[systemCodeOf(error) ?? ''] ?? 'see to its cause, then start again'
  return new PotluckError('DISK', `${what}: ${message}; ${advice}`, { cause: error })
}

/** Node's "EACCES: permission denied, open '/a/b'" without the call and the path, which may hold anything. */
export function systemMessage(error: unknown): string {
  return printable(messageOf(error).replace(/^([A-Z0-9]+: [^,]+), .*$/s, '$1'))
}
