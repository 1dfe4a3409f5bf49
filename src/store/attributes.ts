/**
 * The attributes of a file or folder besides its name and bytes: its date and its permissions. They are read from
 * shared files, and restored on received ones, as far as the local umask and file system allow.
 */
import { constants, fchmodSync, fstatSync, futimesSync, lstatSync, lutimesSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { printable } from '../core/names.ts'
import { hasCode } from '../core/system-errors.ts'
import { type Attributes, isModificationTime } from '../protocols/manifest/index.ts'
import { type FileStamp, sameBytes, sameStamp, stampOf } from './stamps.ts'

const PERMISSIONS = 0o777
const OWNER = 0o700

/** The read permission of the group, and of others. */
const OTHERS_READ = 0o044

const NS_PER_MS = 1_000_000n

/** Node takes seconds, and cuts them to microseconds, so a double just below a millisecond would lose it. */
const HALF_MICROSECOND_IN_MS = 0.0005

/** The answers of file systems that have no such date, or no such permissions. */
export const REFUSALS = [
  'EPERM',
  'EACCES',
  'EINVAL',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EOVERFLOW',
  'ERANGE'
]

/**
 * By Linux's `statfs`: FAT, exFAT, NTFS (both drivers) and SMB (both), on which all files have the permissions of the
 * mount.
 */
const WITHOUT_PERMISSIONS = [0x4d44, 0x2011bab0, 0x5346544e, 0x7366746e, 0xff534d42, 0xfe534d42]

/** Whether files there have permissions of their own, as far as is known. */
export async function hasPermissionsAt(path: string): Promise<boolean> {
  if (process.platform !== 'linux') {
    return process.platform !== 'win32'
  }
  const type = await statfs(path).then(
    (figures) => figures.type,
    () => 0
  )
  return !WITHOUT_PERMISSIONS.includes(type)
}

/** The attributes that follow from the permissions: whether the owner may execute it, and whether others may not read it. */
export function permissionsOf(mode: number, kind: 'file' | 'folder'): Attributes {
  return {
    ...(kind === 'file' && (mode & constants.S_IXUSR) !== 0 ? { isExecutable: true } : {}),
    ...((mode & OTHERS_READ) === 0 ? { isPrivate: true } : {})
  }
}

/** The date for a manifest; none if no manifest can express it. */
export function dateOf(modifiedNs: bigint): Attributes {
  const modifiedMs = millisecondsOf(modifiedNs)
  return isModificationTime(modifiedMs) ? { modifiedMs } : {}
}

/** Rounded down, before 1970 as well. */
function millisecondsOf(ns: bigint): number {
  const ms = ns / NS_PER_MS
  return Number(ns % NS_PER_MS < 0n ? ms - 1n : ms)
}

export interface RestorerInit {
  /** The permissions of a new file, by this process's umask. */
  newFileMode: number
  /** Those of a new folder, and of a new executable file. */
  newFolderMode: number
  keepsPermissions: boolean
  keepsDates: boolean
  onWarning(message: string): void
}

export class Restorer {
  readonly #init: RestorerInit
  #warned = false

  constructor(init: RestorerInit) {
    this.#init = init
  }

  /**
   * Gives an open file its date and permissions.
   *
   * @param before its stamp when it was last known to be right
   * @returns its stamp now; undefined if the stamp was no longer `before`
   */
  restore(
    descriptor: number,
    path: string,
    attributes: Attributes,
    before: FileStamp | undefined
  ): FileStamp | undefined {
    const status = fstatSync(descriptor, { bigint: true })
    const found = stampOf(status)
    this.#unlessRefused(path, () => this.#restoreMode(descriptor, Number(status.mode), attributes))
    const { modifiedMs } = attributes
    if (this.#init.keepsDates && modifiedMs !== undefined) {
      const time = timeOf(modifiedMs)
      this.#unlessRefused(path, () => futimesSync(descriptor, time, time))
    }
    const after = stampOf(fstatSync(descriptor, { bigint: true }))
    const isAsBefore = before !== undefined && sameStamp(before, found)
    return isAsBefore && sameBytes(found, { ...after, modifiedNs: found.modifiedNs }) ? after : undefined
  }

  /** Gives a folder its date, if the folder exists. To be called when nothing more is put into it. */
  restoreFolder(path: string, modifiedMs: number): void {
    const restore = (): void => {
      const status = lstatSync(path, { bigint: true, throwIfNoEntry: false })
      if (status?.isDirectory() === true && millisecondsOf(status.mtimeNs) !== modifiedMs) {
        const time = timeOf(modifiedMs)
        lutimesSync(path, time, time)
      }
    }
    if (this.#init.keepsDates) {
      this.#unlessRefused(path, restore)
    }
  }

  #restoreMode(descriptor: number, mode: number, attributes: Attributes): void {
    const wanted = this.#modeOf(attributes)
    if (this.#init.keepsPermissions && (mode & PERMISSIONS) !== wanted) {
      fchmodSync(descriptor, wanted)
    }
  }

  #modeOf({ isExecutable, isPrivate }: Attributes): number {
    const { newFileMode, newFolderMode } = this.#init
    const all = isExecutable === true ? newFolderMode : newFileMode
    return isPrivate === true ? all & OWNER : all
  }

  /**
   * The file is as good without it. It is reported once, and not if the whole file system lacks it, which is reported
   * before.
   */
  #unlessRefused(path: string, restore: () => void): void {
    try {
      restore()
    } catch (error) {
      if (!hasCode(error, ...REFUSALS)) {
        throw error
      }
      if (!this.#warned) {
        this.#warned = true
        this.#init.onWarning(
          `the disk refused the date or the permissions of ${printable(path)}, and perhaps of others; the bytes are right`
        )
      }
    }
  }
}

/** Seconds since 1970 for a call of Node, which takes a negative number for "now", and a text as it is. */
export function timeOf(ms: number): string {
  return String((ms + (ms < 0 ? -HALF_MICROSECOND_IN_MS : HALF_MICROSECOND_IN_MS)) / 1000)
}
