/**
 * Finds and reads everything that a peer shares. A share path stands for a file under its own name, or for a folder
 * with everything in it under the folder's name. A share path may itself be a symbolic link and is followed; links
 * inside a shared folder are neither followed nor shared (see walk.ts). Potluck's own files are left out, and keys
 * among them end the scan (see own-files.ts).
 */
import { statSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, resolve, sep } from 'node:path'
import { DEFAULT_CHUNK_BYTE_LENGTH } from '../core/chunks.ts'
import { PotluckError } from '../core/errors.ts'
import { foldName, PRIVATE_FOLDER, pathProblem, printable } from '../core/names.ts'
import { sideBySide } from '../core/side-by-side.ts'
import { hasCode } from '../core/system-errors.ts'
import { stateFolder } from '../keys/private-place.ts'
import type { Attributes } from '../protocols/manifest/index.ts'
import { dateOf, hasPermissionsAt, permissionsOf } from './attributes.ts'
import type { StoreContext } from './context.ts'
import { zeroByteLengthOf } from './digest-list.ts'
import { diskError, isOfResources, systemMessage } from './disk-errors.ts'
import { FalseLengthError, type FileLook, FileLooks, type RunFiles } from './file-look.ts'
import { FileChangingError, type ReadFile, TooManyChunksError } from './hasher.ts'
import { LANE_COUNT } from './md5/md5-module.ts'
import { NameTable } from './name-table.ts'
import { isKey, leftOutWarning, ownFileRefusal } from './own-files.ts'
import { patiently } from './patiently.ts'
import type { SharedEntry } from './store.ts'
import { type Found, walk } from './walk.ts'

/** Its `path` is as the others will see it. */
export interface ScannedEntry extends Found {
  byteLength: number
  attributes: Attributes
}

export interface ScanInit extends Pick<StoreContext, 'paths' | 'signal'> {
  shares: string[]
  runFiles: RunFiles
}

/** @throws PotluckError SHARE_UNUSABLE for the first file that is missing, unreadable, a key or badly named; the signal's reason */
export async function scanShares(init: ScanInit): Promise<ShareScan> {
  const scan = new ShareScan(init, await realpath(stateFolder()).catch(() => undefined))
  for (const share of init.shares) {
    await scan.take(resolve(share))
  }
  return scan
}

class ShareScan {
  readonly entries: ScannedEntry[] = []
  /** Potluck's own files, as the others would have seen them. */
  readonly leftOut: string[] = []
  readonly #init: ScanInit
  readonly #looks: FileLooks
  readonly #names = new NameTable(foldName)
  /** Where Potluck keeps this user's private files, if anywhere. */
  readonly #stateFolder: string | undefined
  /** Whether permissions there mean anything. */
  #hasPermissions = true

  constructor(init: ScanInit, stateFolder: string | undefined) {
    this.#init = init
    this.#stateFolder = stateFolder
    this.#looks = new FileLooks(init.runFiles)
  }

  async take(share: string): Promise<void> {
    const path = basename(share)
    const { real, isFile } = await this.#resolve(share)
    this.#hasPermissions = await hasPermissionsAt(real)
    if (isFile) {
      await this.#takeFile({ kind: 'file', path, localPath: real }, true)
      return
    }
    await this.#addFolder({ kind: 'folder', path, localPath: real })
    await this.#takeFolder(real, path)
  }

  async #resolve(share: string): Promise<{ real: string; isFile: boolean }> {
    const { real, isFile, isFolder } = await patiently(() => resolveShare(share), this.#init.signal)
    if (!isFile && !isFolder) {
      throw unusable(share, 'is neither a file nor a folder; leave it out')
    }
    const { root, privateFolder } = this.#init.paths
    if (real === root || `${real}${sep}`.startsWith(privateFolder + sep)) {
      throw unusable(share, 'is the folder that collects the files of the others; share another one')
    }
    if (real.split(sep).includes(PRIVATE_FOLDER)) {
      throw unusable(
        share,
        `lies in a folder ${PRIVATE_FOLDER}, where Potluck keeps keys and unfinished files; share another one`
      )
    }
    return { real, isFile }
  }

  async #takeFolder(folder: string, name: string): Promise<void> {
    const skip = (path: string, folderName: string): boolean => {
      if (path === this.#init.paths.root) {
        return true
      }
      const isPrivate = folderName === PRIVATE_FOLDER || path === this.#stateFolder
      if (isPrivate) {
        this.leftOut.push(name + path.slice(folder.length))
      }
      return isPrivate
    }
    const options = { signal: this.#init.signal, skip, onUnusable: fail }
    for await (const found of walk(folder, options, `${name}/`)) {
      this.#init.signal.throwIfAborted()
      if (found.kind === 'file') {
        await this.#takeFile(found, false)
      } else {
        await this.#addFolder(found)
      }
    }
  }

  async #addFolder(found: Found): Promise<void> {
    const { localPath } = found
    try {
      const look = () => statSync(localPath, { bigint: true })
      const { mode, mtimeNs } = await patiently(look, this.#init.signal)
      this.#add(found, 0, { ...dateOf(mtimeNs), ...this.#permissions(Number(mode), 'folder') })
    } catch (error) {
      this.#init.signal.throwIfAborted()
      throw unreadable(localPath, error)
    }
  }

  async #takeFile(found: Found, isAlone: boolean): Promise<void> {
    const look = await this.#lookAt(found.localPath, isAlone)
    if (look === undefined) {
      return
    }
    const { own, byteLength, mode } = look
    if (own === undefined) {
      this.#add(found, byteLength, this.#permissions(mode, 'file'))
    } else if (isAlone || isKey(own)) {
      throw unusable(found.localPath, ownFileRefusal(own))
    } else {
      this.leftOut.push(found.path)
    }
  }

  /** Undefined for a file that has vanished since its folder was read: it is no longer part of the folder. */
  async #lookAt(path: string, isAlone: boolean): Promise<FileLook | undefined> {
    try {
      return await patiently(() => this.#looks.at(path), this.#init.signal)
    } catch (error) {
      this.#init.signal.throwIfAborted()
      if (!isAlone && hasCode(error, 'ENOENT') && !(await isListed(path))) {
        return undefined
      }
      throw unreadable(path, error)
    }
  }

  #permissions(mode: number, kind: Found['kind']): Attributes {
    return this.#hasPermissions ? permissionsOf(mode, kind) : {}
  }

  #add(found: Found, byteLength: number, attributes: Attributes): void {
    const { kind, path, localPath } = found
    const problem = pathProblem(path)
    if (problem !== undefined) {
      throw badlyNamed(localPath, problem)
    }
    const meeting = this.#names.claim(path, kind, localPath)
    if (meeting?.why === 'twice' && kind === 'folder') {
      // Folders with one name are shared as one.
      return
    }
    if (meeting !== undefined) {
      throw unusable(
        localPath,
        `would be shared under the same name as ${printable(meeting.label)}, or one that some systems take for ` +
          'the same; rename one of them, or share only one'
      )
    }
    this.entries.push({ ...found, byteLength, attributes })
  }
}

function unusable(path: string, what: string, options?: ErrorOptions): PotluckError {
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

async function resolveShare(share: string): Promise<{ real: string; isFile: boolean; isFolder: boolean }> {
  try {
    const real = await realpath(share)
    const status = await stat(real)
    return { real, isFile: status.isFile(), isFolder: status.isDirectory() }
  } catch (error) {
    throw unreadable(share, error)
  }
}

/** Whether a folder still has a file that could not be found in it, as far as can be told. */
async function isListed(path: string): Promise<boolean> {
  try {
    return (await readdir(dirname(path))).includes(basename(path))
  } catch (error) {
    return isOfResources(error)
  }
}

function fail(path: string, error?: unknown): never {
  throw error === undefined ? badlyNamed(path, 'bytes that are not UTF-8') : unreadable(path, error)
}

function badlyNamed(path: string, problem: string): PotluckError {
  return unusable(
    path,
    `cannot be shared: its name has ${problem}, which not every system can store; rename it`
  )
}

/** As many as MD5s that are computed side by side. */
const FILES_AT_A_TIME = LANE_COUNT

/** An eye can follow a few changes per second. */
const PROGRESS_INTERVAL_MS = 250

export interface HashSharesInit extends ScanInit, Pick<StoreContext, 'cache'> {
  chunkByteLength: number
  /** Called at most once, with a sentence. */
  onLeftOut(message: string): void
  onHashing(hashedBytes: number, totalBytes: number): void
}

export interface OwnShare {
  entry: SharedEntry
  localPath: string
  /** Undefined for a folder. */
  read: ReadFile | undefined
}

/** @throws PotluckError SHARE_UNUSABLE, or the signal's reason */
export async function hashOwnShares(init: HashSharesInit): Promise<OwnShare[]> {
  const { entries: scanned, leftOut } = await scanShares(init)
  if (leftOut.length > 0) {
    init.onLeftOut(leftOutWarning(leftOut))
  }
  const onBytes = progressOf(scanned, init)
  const shares = await sideBySide(scanned, FILES_AT_A_TIME, init.signal, (found, signal) =>
    hashShare(found, onBytes, { ...init, signal })
  )
  await init.cache.prune()
  return shares
}

async function hashShare(
  { kind, path, localPath, attributes }: ScannedEntry,
  onBytes: (byteLength: number) => void,
  init: HashSharesInit
): Promise<OwnShare> {
  if (kind === 'folder') {
    return {
      entry: { kind, path, byteLength: 0, md5: '', root: '', ...attributes },
      localPath,
      read: undefined
    }
  }
  const read = await hashSharedFile(localPath, onBytes, init)
  const { byteLength, md5, root, digests } = read.hashed
  const zeroByteLength = zeroByteLengthOf(digests, { byteLength, chunkByteLength: init.chunkByteLength })
  const zeros = zeroByteLength > 0 ? { zeroByteLength } : {}
  const all = { ...dateOf(read.stamp.modifiedNs), ...attributes, ...zeros }
  return { entry: { kind, path, byteLength, md5, root, ...all }, localPath, read }
}

async function hashSharedFile(
  localPath: string,
  onBytes: (byteLength: number) => void,
  { cache, chunkByteLength, signal }: HashSharesInit
): Promise<ReadFile> {
  try {
    return await cache.hash(localPath, chunkByteLength, { signal, onBytes })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof FileChangingError) {
      throw unusable(localPath, 'is being written; share it when that has ended', { cause: error })
    }
    if (error instanceof TooManyChunksError) {
      const advice = `a larger chunkByteLength at the coordinator (now ${chunkByteLength}, by default ${DEFAULT_CHUNK_BYTE_LENGTH}) makes fewer`
      throw unusable(localPath, `is too long: ${error.message}; ${advice}`, { cause: error })
    }
    throw unreadable(localPath, error)
  }
}

function progressOf(scanned: ScannedEntry[], { onHashing }: HashSharesInit): (byteLength: number) => void {
  const totalBytes = scanned.reduce((sum, { byteLength }) => sum + byteLength, 0)
  let hashedBytes = 0
  let shownAtMs = Number.NEGATIVE_INFINITY
  return (byteLength) => {
    hashedBytes += byteLength
    const nowMs = performance.now()
    if (nowMs - shownAtMs >= PROGRESS_INTERVAL_MS || hashedBytes >= totalBytes) {
      shownAtMs = nowMs
      onHashing(hashedBytes, totalBytes)
    }
  }
}
