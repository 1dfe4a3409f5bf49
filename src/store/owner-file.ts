/**
 * The lock of a collection on a file system without locks: a file that exists while its owner lives. It identifies its
 * owner, so the file of a killed process differs from that of a running one.
 */
import { hash, randomUUID } from 'node:crypto'
import { closeSync, constants, openSync, readFileSync, readlinkSync, rmSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { hasCode } from '../core/system-errors.ts'
import { diskError } from './disk-errors.ts'
import { NO_FOLLOW } from './durable.ts'

/**
 * By then, two processes that find a dead owner's file at the same time have both put theirs in its place; the later
 * one remains.
 */
const SETTLING_MS = 200

/** How often to retry when the file vanished in the meantime. */
const MAX_ATTEMPTS = 3

const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** Of hexadecimal digits. */
const MACHINE_LENGTH = 16

export interface Owner {
  pid: number
  name: string
  /** The machine's name for people. */
  host: string
  /** Tells it from other machines with that name. */
  machine: string
  /** Of this boot of the machine; empty if the system has none. */
  boot: string
  /** The namespace of process numbers: a container has its own. */
  space: string
  /** When the process began, as its system counts; empty if it does not say. */
  began: string
  token: string
}

/**
 * @returns the function that releases it. @throws PotluckError COLLECTION_LOCKED when a living process owns it, or one
 * of another machine
 */
export async function acquireOwnerFile(path: string, collection: string, name: string): Promise<() => void> {
  const mine = describeOwner(name)
  const isMine = (): boolean => ownerIn(path)?.token === mine.token
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (create(path, mine)) {
      await delay(SETTLING_MS)
      if (isMine()) {
        return () => (isMine() ? remove(path) : undefined)
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
  throw lockedError(collection, undefined)
}

/** The error for a collection that another process uses. @param owner undefined when no one can say */
export function lockedError(
  collection: string,
  owner: Owner | undefined,
  place = '',
  advice = OTHER_FOLDER
): PotluckError {
  const who =
    owner === undefined
      ? 'another process'
      : `the peer ${printable(owner.name)} (process ${owner.pid}${place})`
  return new PotluckError(
    'COLLECTION_LOCKED',
    `${printable(collection)} is in use by ${who}; end that one, or ${advice}`
  )
}

const OTHER_FOLDER = 'choose another collection folder'

/** What this process writes about itself. */
export function describeOwner(name: string): Owner {
  const { pid } = process
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

/** @throws PotluckError COLLECTION_LOCKED when the file names a living process, or one of another machine */
export function refuseLiving(path: string, collection: string): void {
  const owner = ownerIn(path)
  if (owner === undefined) {
    return
  }
  if (isOutOfSight(owner)) {
    const advice = `if it is gone, remove ${printable(path)}`
    throw lockedError(collection, owner, ` on ${printable(owner.host)}`, advice)
  }
  if (lives(owner)) {
    throw lockedError(collection, owner)
  }
}

/** Whether it is on another machine, or in a container of this one: then this process cannot tell whether it lives. */
function isOutOfSight({ machine, boot, space }: Owner): boolean {
  return machine !== thisMachine() || (boot === textOf(BOOT_ID) && space !== thisSpace())
}

/** If another process has its number by now, that one began at another time, or at another boot. */
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

/** Machines that were set up alike may have one name. The id itself must not be shown to others. */
function thisMachine(): string {
  return hash('sha256', `${hostname()}\0${textOf('/etc/machine-id')}`).slice(0, MACHINE_LENGTH)
}

function thisSpace(): string {
  return unlessUnreadable(() => readlinkSync('/proc/self/ns/pid'))
}

/** The 22nd field of /proc/<pid>/stat; the second, in parentheses, may contain anything. */
function beganOf(pid: number): string {
  const fields = textOf(`/proc/${pid}/stat`).split(')').at(-1)?.trim().split(' ')
  return fields?.[19] ?? ''
}

function textOf(path: string): string {
  return unlessUnreadable(() => readFileSync(path, 'utf8').trim())
}

function unlessUnreadable(read: () => string): string {
  try {
    return read()
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

/** Undefined when there is none, or a killed process had only begun to write it; on Windows also while it is locked. */
export function ownerIn(path: string): Owner | undefined {
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
  const texts = ['name', 'host', 'machine', 'boot', 'space', 'began', 'token']
  const areTexts = texts.every((key) => typeof Reflect.get(value, key) === 'string')
  return 'pid' in value && Number.isInteger(value.pid) && areTexts
}
