/**
 * What the collection's file system can do, found by trying: FAT, exFAT, NTFS, network shares and FUSE file systems
 * lack some features of a Linux disk. Nothing here is fatal: the store goes on without them and says what that means.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  rmSync
} from 'node:fs'
import { join } from 'node:path'
import { foldName, printable } from '../core/names.ts'
import { hasCode, NO_SYNC } from '../core/system-errors.ts'
import { REFUSALS } from './attributes.ts'
import { diskError } from './disk-errors.ts'
import { NO_FOLDER_SYNC, NO_FOLLOW } from './durable.ts'
import { statusOf } from './paths.ts'

/** Features that a file system may lack. */
export type Lack = 'permissions' | 'dates' | 'sync' | 'locks' | 'free-space'

export interface FileSystem {
  /** Equal for names that it takes for the same. */
  fold(name: string): string
  /** The permissions of a new file there, by this process's umask. */
  newFileMode: number
  /** Those of a new folder, and of a new executable file. */
  newFolderMode: number
  /** Whether a gap in a file costs nothing; otherwise all of the gap is written when the file grows over it. */
  isSparse: boolean
  lacks: Set<Lack>
}

/** A mode for the owner alone, and the bits that show that it did not last. */
const PRIVATE_MODE = 0o600
const OTHERS_MODE = 0o077
const PERMISSIONS = 0o777
const FILE_PERMISSIONS = 0o666

/** A gap that no file system can store together with the file's name. */
const GAP_BYTE_LENGTH = 1024 * 1024

/** The unit of `stat`, whatever the file system's own blocks are. */
const BLOCK_BYTE_LENGTH = 512

/** @throws PotluckError DISK when nothing can be written in the folder */
export function probeFileSystem(folder: string): FileSystem {
  const [probe, descriptor] = openProbe(folder)
  try {
    const lacks = new Set<Lack>()
    const newFolderMode = fstatSync(descriptor).mode & PERMISSIONS
    if (isRefused(() => futimesSync(descriptor, 1, 1), REFUSALS)) {
      lacks.add('dates')
    }
    if (!keepsPermissions(probe, descriptor)) {
      lacks.add('permissions')
    }
    if (!syncs(descriptor, folder)) {
      lacks.add('sync')
    }
    return {
      fold: foldingIn(folder),
      newFileMode: newFolderMode & FILE_PERMISSIONS,
      newFolderMode,
      isSparse: isSparse(descriptor),
      lacks
    }
  } catch (error) {
    throw diskError(error, 'write', probe)
  } finally {
    closeSync(descriptor)
    rmSync(probe, { force: true })
  }
}

/** What the collection's owner has to know, in one message; undefined when nothing is lacking. */
export function lacksText(folder: string, lacks: ReadonlySet<Lack>, lockFile: string): string | undefined {
  const texts: Record<Lack, string> = {
    permissions: 'keeps no permissions: other users of this machine may read or change the files there',
    dates: 'keeps no dates: files there are dated by when they arrive',
    sync: 'does not sync files: a power cut may cost files that were complete',
    locks: `has no locks: the file ${printable(lockFile)} keeps a second process out instead`,
    'free-space': 'does not report free space: a full disk shows when a write fails'
  }
  const said = [...lacks].map((lack) => texts[lack])
  return said.length === 0 ? undefined : `the file system of ${printable(folder)} ${said.join('; it ')}`
}

/** A file name with a letter that has two cases and two forms; a plain name if such letters are refused. */
function openProbe(folder: string): [string, number] {
  const flags = constants.O_RDWR | constants.O_CREAT | NO_FOLLOW
  const probe = join(folder, 'probe-\u00e9')
  try {
    return [probe, openSync(probe, flags, PERMISSIONS)]
  } catch {
    const plain = join(folder, 'probe-e')
    try {
      return [plain, openSync(plain, flags, PERMISSIONS)]
    } catch (error) {
      throw diskError(error, 'write', plain)
    }
  }
}

/** FAT folds the letters of its character set: in a UTF-8 name often only the ASCII letters. */
const UPPER_PROBES = ['PROBE-\u00c9', 'PROBE-\u00e9', 'PROBE-E']

function foldingIn(folder: string): FileSystem['fold'] {
  if (UPPER_PROBES.some((name) => isThere(join(folder, name)))) {
    return foldName
  }
  return isThere(join(folder, 'probe-e\u0301')) ? (name) => name.normalize('NFC') : (name) => name
}

/** A name that the file system refuses cannot exist. */
function isThere(path: string): boolean {
  try {
    return statusOf(path) !== undefined
  } catch {
    return false
  }
}

function keepsPermissions(probe: string, descriptor: number): boolean {
  if (process.platform === 'win32') {
    return true
  }
  try {
    chmodSync(probe, PRIVATE_MODE)
  } catch {
    // If modes cannot be changed, a mount option may still have made them private.
  }
  return (fstatSync(descriptor).mode & OTHERS_MODE) === 0
}

function syncs(descriptor: number, folder: string): boolean {
  return (
    !isRefused(() => fdatasyncSync(descriptor), NO_SYNC) &&
    (process.platform === 'win32' || !isRefused(() => syncFolderNow(folder), NO_FOLDER_SYNC))
  )
}

/** Only a refusal counts: a failure of a disk that supports it is reported where it matters. */
function isRefused(call: () => void, refusals: readonly string[]): boolean {
  try {
    call()
    return false
  } catch (error) {
    return hasCode(error, ...refusals)
  }
}

function syncFolderNow(folder: string): void {
  const opened = openSync(folder, constants.O_RDONLY)
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

/** A file system that cannot make a gap, or has no room for it, writes it. */
function isSparse(descriptor: number): boolean {
  try {
    ftruncateSync(descriptor, GAP_BYTE_LENGTH)
    return fstatSync(descriptor).blocks * BLOCK_BYTE_LENGTH < GAP_BYTE_LENGTH
  } catch {
    return false
  }
}
