/**
 * Finds everything that a peer shares. A share path stands for a file under its own name, or for a folder with
 * everything in it under the folder's name. A share path may itself be a symbolic link and is followed; links inside a
 * shared folder are neither followed nor shared (see walk.ts). Potluck's own files are left out, and keys among them
 * end the scan (see own-files.ts); patterns leave out more (see exclusions.ts).
 */
import { statSync } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, resolve, sep } from 'node:path'
import { foldName, PRIVATE_FOLDER, pathLimitProblem, printable } from '../core/names.ts'
import { Parents } from '../core/parents.ts'
import type { PortableNames } from '../core/portable-names.ts'
import { hasCode } from '../core/system-errors.ts'
import { stateFolder } from '../keys/private-place.ts'
import type { Attributes } from '../protocols/manifest/index.ts'
import { dateOf, hasPermissionsAt, permissionsOf } from './attributes.ts'
import type { StoreContext } from './context.ts'
import { isOfResources } from './disk-errors.ts'
import { Exclusions } from './exclusions.ts'
import { type FileLook, FileLooks, type RunFiles } from './file-look.ts'
import { LeftOut } from './left-out.ts'
import { NameTable } from './name-table.ts'
import { isKey, ownFileRefusal } from './own-files.ts'
import { patiently } from './patiently.ts'
import { unreadable, unusable } from './share-errors.ts'
import { ShareNames } from './share-names.ts'
import { type Found, type Sibling, walk } from './walk.ts'

/** Its `path` is as the others will see it. */
export interface ScannedEntry extends Found {
  byteLength: number
  attributes: Attributes
}

export interface ScanInit extends Pick<StoreContext, 'paths' | 'signal'> {
  shares: string[]
  runFiles: RunFiles
  /** Patterns of what to leave out of shared folders. */
  exclude: readonly string[]
  portableNames: PortableNames
}

export interface ScannedShares {
  entries: ScannedEntry[]
  /** What is left out, or shared under another name. */
  sentences: string[]
}

/**
 * @throws PotluckError SHARE_UNUSABLE for the first file that is missing, unreadable or a key, or with all names that
 * cannot be shared; the signal's reason
 */
export async function scanShares(init: ScanInit): Promise<ScannedShares> {
  const realOf = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined)
  const logFolders = await Promise.all(init.runFiles.logs.map((path) => realOf(dirname(resolve(path)))))
  const scan = new ShareScan(init, await realOf(stateFolder()), logFolders)
  for (const share of init.shares) {
    await scan.take(resolve(share))
  }
  return scan.result()
}

class ShareScan {
  readonly #init: ScanInit
  readonly #entries: ScannedEntry[] = []
  readonly #looks: FileLooks
  readonly #leftOut = new LeftOut()
  readonly #names: ShareNames
  readonly #taken = new NameTable(foldName)
  /** Real paths of shares, with the names that they are shared under. */
  readonly #shares = new Set<string>()
  /** Where Potluck keeps this user's private files, if anywhere. */
  readonly #stateFolder: string | undefined
  /** Real paths of folders with files that Potluck wrote for its own use. */
  readonly #ownFolders: Set<string | undefined>
  /** Whether permissions in the share that is scanned mean anything. */
  #hasPermissions = true

  constructor(init: ScanInit, stateFolder: string | undefined, logFolders: (string | undefined)[]) {
    this.#init = init
    this.#stateFolder = stateFolder
    this.#ownFolders = new Set(logFolders)
    this.#looks = new FileLooks(init.runFiles)
    this.#names = new ShareNames(init.portableNames, this.#leftOut)
  }

  /** @throws PotluckError SHARE_UNUSABLE with all names that cannot be shared */
  result(): ScannedShares {
    this.#names.check()
    const inhabited = new Parents()
    for (const { path } of this.#entries) {
      inhabited.add(path)
    }
    // A folder of logs alone is as much Potluck's own as the logs in it; a share is shared as it is.
    const isOwn = ({ kind, path, localPath }: ScannedEntry): boolean =>
      kind === 'folder' && path.includes('/') && this.#ownFolders.has(localPath) && !inhabited.has(path)
    const entries = this.#entries.filter((entry) => !isOwn(entry))
    return { entries, sentences: [...this.#leftOut.sentences, ...this.#names.sentences] }
  }

  async take(share: string): Promise<void> {
    const { real, isFile } = await this.#resolve(share)
    const name = basename(share)
    const key = `${real}\0${name}`
    if (this.#shares.has(key)) {
      return
    }
    this.#shares.add(key)
    this.#hasPermissions = await hasPermissionsAt(real)
    const kind = isFile ? 'file' : 'folder'
    for (const { name: path } of this.#names.select([{ kind, name, localPath: share }], basename)) {
      const found: Found = { kind, path, localPath: real }
      if (isFile) {
        await this.#takeFile(found, true)
      } else if (await this.#takeFolder(found)) {
        await this.#takeContents(real, path)
      }
    }
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

  async #takeContents(folder: string, name: string): Promise<void> {
    const { signal, exclude } = this.#init
    const exclusions = await Exclusions.of(folder, exclude, signal)
    const within = (localPath: string): string =>
      localPath
        .slice(folder.length + (folder.endsWith(sep) ? 0 : 1))
        .split(sep)
        .join('/')
    const pathOf = (localPath: string): string => `${name}/${within(localPath)}`
    const select = (siblings: Sibling[]): Sibling[] => {
      const kept = siblings.filter(({ kind, name, localPath }) => {
        const reason = kind === 'folder' ? this.#reasonFor(name, localPath) : undefined
        const all = reason ?? exclusions.reasonFor(within(localPath) + (kind === 'folder' ? '/' : ''))
        if (all !== undefined) {
          this.#leftOut.add(all, pathOf(localPath))
        }
        return all === undefined
      })
      return this.#names.select(kept, pathOf)
    }
    const onUnusable = (localPath: string, error?: unknown): void => {
      if (error !== undefined) {
        throw unreadable(localPath, error)
      }
      const problem = 'its name has bytes that are not UTF-8'
      this.#names.refuse({ kind: 'file', localPath, problem }, pathOf(localPath))
    }
    const onOdd = (localPath: string, kind: 'link' | 'special') => this.#leftOut.add(kind, pathOf(localPath))
    for await (const found of walk(folder, { signal, select, onUnusable, onOdd }, `${name}/`)) {
      signal.throwIfAborted()
      await (found.kind === 'file' ? this.#takeFile(found, false) : this.#takeFolder(found))
    }
  }

  /** Why a folder inside a share is left out, whatever people say of it. */
  #reasonFor(name: string, localPath: string): 'collection' | 'own' | undefined {
    if (localPath === this.#init.paths.root) {
      return 'collection'
    }
    return name === PRIVATE_FOLDER || localPath === this.#stateFolder ? 'own' : undefined
  }

  /** @returns whether it is shared */
  async #takeFolder(found: Found): Promise<boolean> {
    const { localPath } = found
    try {
      const look = () => statSync(localPath, { bigint: true })
      const { mode, mtimeNs } = await patiently(look, this.#init.signal)
      return this.#add(found, 0, { ...dateOf(mtimeNs), ...this.#permissions(Number(mode), 'folder') })
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
      this.#ownFolders.add(dirname(found.localPath))
      this.#leftOut.add('own', found.path)
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

  /** @returns whether it is shared */
  #add(found: Found, byteLength: number, attributes: Attributes): boolean {
    const { kind, path, localPath } = found
    const limitProblem = pathLimitProblem(path)
    if (limitProblem !== undefined) {
      this.#names.refuse({ kind, localPath, problem: `it has ${limitProblem}` }, path)
      return false
    }
    const meeting = this.#taken.claim(path, kind, localPath)
    if (meeting?.why === 'twice' && kind === 'folder') {
      // Folders with one name are shared as one.
      return true
    }
    if (meeting !== undefined) {
      const problem = `some systems take it for the same as ${printable(meeting.label)}, which is shared too`
      this.#names.refuse({ kind, localPath, problem }, path)
      return false
    }
    this.#entries.push({ ...found, byteLength, attributes })
    return true
  }
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
