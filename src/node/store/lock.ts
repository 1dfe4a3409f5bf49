/** One store a collection: the kernel's lock on a file, gone when the process dies however it dies. */
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { tryLock } from 'fs-native-extensions'
import { PotluckError } from '../../protocols/errors.ts'
import { printable } from '../../protocols/names.ts'
import { diskError } from './disk-errors.ts'
import { NO_FOLLOW } from './durable.ts'

export class CollectionLock {
  #descriptor: number | undefined

  private constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  /**
   * @param path the lock file; it stays when the lock is released, for removing it would let two in
   * @throws PotluckError COLLECTION_LOCKED when another store holds it
   */
  static acquire(path: string, collection: string, name: string): CollectionLock {
    try {
      const descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | NO_FOLLOW, 0o600)
      if (tryLock(descriptor)) {
        ftruncateSync(descriptor)
        writeSync(descriptor, `${JSON.stringify({ pid: process.pid, name })}\n`, 0)
        return new CollectionLock(descriptor)
      }
      closeSync(descriptor)
    } catch (error) {
      throw diskError(error, 'lock the collection with', path)
    }
    throw new PotluckError(
      'COLLECTION_LOCKED',
      `${printable(collection)} is in use by ${ownerIn(path)}; end that one, or choose another collection folder`
    )
  }

  release(): void {
    if (this.#descriptor !== undefined) {
      closeSync(this.#descriptor)
      this.#descriptor = undefined
    }
  }
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
