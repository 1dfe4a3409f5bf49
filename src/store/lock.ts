/** One store per collection: the kernel's lock on a file, which ends with the process however the process dies. */
import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs'
import { tryLock } from 'fs-native-extensions'
import { hasCode } from '../core/system-errors.ts'
import { diskError } from './disk-errors.ts'
import { NO_FOLLOW } from './durable.ts'
import { acquireOwnerFile, describeOwner, lockedError, ownerIn, refuseLiving } from './owner-file.ts'

/** The answers of a file system without locks; ENOLCK also if its lock server is unreachable. */
const NO_LOCKS = ['ENOLCK', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL']

/** Takes the lock of an open file: false when another has it. */
export type TryLock = (descriptor: number) => boolean

export interface CollectionLock {
  /** Whether the file system has no locks, so that a file says which process is at work. */
  readonly isFile: boolean
  release(): void
}

/**
 * @param path the lock file; it stays when the lock is released, because removing it would let two in
 * @throws PotluckError COLLECTION_LOCKED when another store has the lock
 */
export async function acquireLock(
  path: string,
  collection: string,
  name: string,
  lock: TryLock = tryLock
): Promise<CollectionLock> {
  const descriptor = openLock(path)
  try {
    if (!lock(descriptor)) {
      throw lockedError(collection, ownerIn(path))
    }
    // Locks of a network file system may come and go with its lock server.
    refuseLiving(ownerFileOf(path), collection)
  } catch (error) {
    closeSync(descriptor)
    if (hasCode(error, ...NO_LOCKS)) {
      refuseLiving(path, collection)
      return { isFile: true, release: await acquireOwnerFile(ownerFileOf(path), collection, name) }
    }
    throw diskError(error, 'lock the collection with', path)
  }
  write(descriptor, `${JSON.stringify(describeOwner(name))}\n`)
  const release = (): void => {
    write(descriptor, '')
    closeSync(descriptor)
  }
  return { isFile: false, release }
}

function openLock(path: string): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT | NO_FOLLOW, 0o600)
  } catch (error) {
    throw diskError(error, 'lock the collection with', path)
  }
}

/** Says who has the lock, which helps people and is not needed. */
function write(descriptor: number, owner: string): void {
  try {
    ftruncateSync(descriptor)
    writeSync(descriptor, owner, 0)
  } catch {
    // The lock holds even on a full disk, or on one that cannot shorten a file.
  }
}

/** The file that replaces a lock. */
export function ownerFileOf(lockFile: string): string {
  return `${lockFile}.owner`
}
