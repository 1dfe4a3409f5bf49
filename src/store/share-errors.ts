/** What is wrong with a share, for people. */
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { hasCode } from '../core/system-errors.ts'
import { diskError, isOfResources, systemMessage } from './disk-errors.ts'
import { FalseLengthError } from './file-look.ts'

export function unusable(path: string, what: string, options?: ErrorOptions): PotluckError {
  return new PotluckError('SHARE_UNUSABLE', `${printable(path)} ${what}`, options)
}

/** The error for a share that could not be read; DISK when only this process or machine lacks a resource. */
export function unreadable(path: string, error: unknown): PotluckError {
  if (error instanceof PotluckError) {
    return error
  }
  if (isOfResources(error)) {
    return diskError(error, 'read', path)
  }
  if (error instanceof FalseLengthError) {
    return unusable(
      path,
      `cannot be shared: the file system reports another length than reading gives (${error.message}); share a copy of it`,
      { cause: error }
    )
  }
  const what = hasCode(error, 'ENOENT', 'ENOTDIR')
    ? 'does not exist; correct the path, or leave it out'
    : `cannot be read: ${systemMessage(error)}; give this user access to it, or leave it out`
  return unusable(path, what, { cause: error })
}
