/** One store a collection: the kernel's lock on a file, gone when the process dies however it dies. */
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { tryLock } from 'fs-native-extensions'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { diskError, hasCode } from './disk-errors.ts'
import { NO_FOLLOW } from './durable.ts'
import { describeOwner, OwnerFile, refuseLiving } from './owner-file.ts'

/** What a file system without locks answers; ENOLCK also where its lock server is out of reach. */
const NO_LOCKS = ['ENOLCK', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL']

/** Takes the lock of an open file: false when somebody else has it. */
export type TryLock = (descriptor: number) => boolean

export class CollectionLock {
  /** Whether the file system has no locks, so that a file says who is at work. */
  readonly isFile: boolean
  #release: (() => void) | undefined

  private constructor(isFile: boolean, release: () => void) {
    this.isFile = isFile
    this.#release = release
  }

  /**
   * @param path the lock file; it stays when the lock is released, for removing it would let two in
   * @throws PotluckError COLLECTION_LOCKED when another store holds it
   */
  static async acquire(
    path: string,
    collection: string,
    name: string,
    lock: TryLock = tryLock
  ): Promise<CollectionLock> {
    const descriptor = openLock(path)
    try {
      if (lock(descriptor)) {
        // Locks of a network file system may come and go with its lock server.
        refuseLiving(ownerFileOf(path), collection)
        write(descriptor, `${JSON.stringify(describeOwner(name))}\n`)
        return new CollectionLock(false, () => {
          write(descriptor, '')
          closeSync(descriptor)
        })
      }
    } catch (error) {
      closeSync(descriptor)
      if (hasCode(error, ...NO_LOCKS)) {
        refuseLiving(path, collection)
        const file = await OwnerFile.acquire(ownerFileOf(path), collection, name)
        return new CollectionLock(true, () => file.release())
      }
      throw diskError(error, 'lock the collection with', path)
    }
    closeSync(descriptor)
    throw new PotluckError(
      'COLLECTION_LOCKED',
      `${printable(collection)} is in use by ${ownerIn(path)}; end that one, or choose another collection folder`
    )
  }

  release(): void {
    this.#release?.()
    this.#release = undefined
  }
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

function ownerIn(path: string): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof owner === 'object' && owner !== null && 'pid' in owner && 'name' in owner) {
      return `the peer ${printable(String(owner.name))} (process ${printable(String(owner.pid))})`
    }
  } catch {
    // Not written yet, or not readable while locked (Windows): the lock says enough.
  }
  return 'another process'
}
