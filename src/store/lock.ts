/** One store a collection: the kernel's lock on a file, gone when the process dies however it dies. */
import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs'
import { tryLock } from 'fs-native-extensions'
import { hasCode } from '../core/system-errors.ts'
import { diskError } from './disk-errors.ts'
import { NO_FOLLOW } from './durable.ts'
import { acquireOwnerFile, describeOwner, lockedError, ownerIn, refuseLiving } from './owner-file.ts'

/** What a file system without locks answers; ENOLCK also where its lock server is out of reach. */
const NO_LOCKS = ['ENOLCK', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL']

/** Takes the lock of an open file: false when somebody else has it. */
export type TryLock = (descriptor: number) => boolean

export interface CollectionLock {
  /** Whether the file system has no locks, so that a file says who is at work. */
  readonly isFile: boolean
  release(): void
}

/**
 * @param path the lock file; it stays when the lock is released, for removing it would let two in
 * @throws PotluckError COLLECTION_LOCKED when another store holds it
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
    // On a full disk, or one that shortens no file, the lock holds all the same.
  }
}

/** The file that goes in the place of a lock. */
export function ownerFileOf(lockFile: string): string {
  return `${lockFile}.owner`
}
