/**
 * The lock of a collection on a file system that has no locks: a file that exists while its owner lives. It says who that is, so
 * that what a killed process left behind is told from the file of one that works.
 */
import { hash, randomUUID } from 'node:crypto'
import { closeSync, constants, openSync, readFileSync, readlinkSync, rmSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { diskError, hasCode } from './disk-errors.ts'
import { NO_FOLLOW } from './durable.ts'

/** Two that find the file of a dead owner at once have both put theirs in its place by then; the later one's is there. */
const SETTLING_MS = 200

/** How often a file that vanished meanwhile is tried for again. */
const MAX_ATTEMPTS = 3

const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** Of hexadecimal digits. */
const MACHINE_LENGTH = 16

export interface Owner {
  pid: number
  name: string
  /** What people call the machine. */
  host: string
  /** What tells it from others of that name. */
  machine: string
  /** Of this boot of the machine; empty where the system tells none. */
  boot: string
  /** In which numbers of processes count: a container has its own. */
  space: string
  /** When the process began, as its system counts; empty where it does not tell. */
  began: string
  token: string
}

export class OwnerFile {
  readonly #path: string
  readonly #token: string

  private constructor(path: string, token: string) {
    this.#path = path
    this.#token = token
  }

  /** @throws PotluckError COLLECTION_LOCKED when a living process owns it, or one of another machine */
  static async acquire(path: string, collection: string, name: string): Promise<OwnerFile> {
    const mine = describeOwner(name)
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (create(path, mine)) {
        await delay(SETTLING_MS)
        if (ownerIn(path)?.token === mine.token) {
          return new OwnerFile(path, mine.token)
        }
        continue
      }
      if (ownerIn(path) === undefined) {
        // It is being written, or has just been removed.
        await delay(SETTLING_MS)
      }
      refuseLiving(path, collection)
      remove(path)
    }
    throw new PotluckError(
      'COLLECTION_LOCKED',
      `${printable(collection)} is in use by another process that has just started; end that one, or choose another collection folder`
    )
  }

  release(): void {
    if (ownerIn(this.#path)?.token === this.#token) {
      remove(this.#path)
    }
  }
}

/** What this process writes of itself. */
export function describeOwner(name: string): Owner {
  const pid = process.pid
  return {
    pid,
    name,
    host: hostname(),
    machine: thisMachine(),
    boot: textOf(BOOT_ID),
    space: thisSpace(),
    began: beganOf(pid),
    token: randomUUID()
  }
}

/** @throws PotluckError COLLECTION_LOCKED when a living process, or one of another machine, is in the file */
export function refuseLiving(path: string, collection: string): void {
  const owner = ownerIn(path)
  if (owner === undefined) {
    return
  }
  const { pid, name, host } = owner
  const what = `${printable(collection)} is in use by the peer ${printable(name)} (process ${pid}`
  if (isOutOfSight(owner)) {
    throw new PotluckError(
      'COLLECTION_LOCKED',
      `${what} on ${printable(host)}); end that one, or, if it is gone, remove ${printable(path)}`
    )
  }
  if (lives(owner)) {
    throw new PotluckError('COLLECTION_LOCKED', `${what}); end that one, or choose another collection folder`)
  }
}

/** Whether it is on another machine, or in a container of this one: nobody here can say whether it lives. */
function isOutOfSight({ machine, boot, space }: Owner): boolean {
  return machine !== thisMachine() || (boot === textOf(BOOT_ID) && space !== thisSpace())
}

/** A number that another process has by now began at another time, or at another boot. */
function lives({ pid, boot, began }: Owner): boolean {
  if (boot !== textOf(BOOT_ID)) {
    return false
  }
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (hasCode(error, 'ESRCH')) {
      return false
    }
  }
  return beganOf(pid) === began
}

/** Machines that were set up alike may have one name. The id itself is not to be shown to others. */
function thisMachine(): string {
  return hash('sha256', `${hostname()}\0${textOf('/etc/machine-id')}`).slice(0, MACHINE_LENGTH)
}

function thisSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/** The 22nd field of /proc/<pid>/stat; the second, in parentheses, may have anything in it. */
function beganOf(pid: number): string {
  const fields = textOf(`/proc/${pid}/stat`).split(')').at(-1)?.trim().split(' ')
  return fields?.[19] ?? ''
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

function create(path: string, owner: Owner): boolean {
  try {
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW)
    try {
      writeSync(descriptor, JSON.stringify(owner))
    } finally {
      closeSync(descriptor)
    }
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) {
      return false
    }
    throw diskError(error, 'lock the collection with', path)
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    throw diskError(error, 'unlock the collection with', path)
  }
}

/** Undefined where there is none, or what a killed process had only begun to write. */
function ownerIn(path: string): Owner | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isOwner(owner) ? owner : undefined
  } catch {
    return undefined
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) {
    return false
  }
  const texts = ['name', 'host', 'machine', 'boot', 'space', 'began', 'token'].map((key): unknown =>
    Reflect.get(value, key)
  )
  return 'pid' in value && Number.isInteger(value.pid) && texts.every((text) => typeof text === 'string')
}
