/**
 * Only this module turns names from other machines into paths of this computer, makes folders, and gives files their
 * final names. Nothing outside the collection folder is ever written: names are checked, and symbolic links are not
 * followed.
 */
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats
} from 'node:fs'
import { chmod, mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DIGEST_BYTE_LENGTH } from '../core/chunks.ts'
import { PotluckError } from '../core/errors.ts'
import {
  MAX_NAME_BYTE_LENGTH,
  PRIVATE_FOLDER,
  pathProblem,
  peerNameProblem,
  printable
} from '../core/names.ts'
import type { Manifest } from '../protocols/manifest/index.ts'
import { diskError } from './disk-errors.ts'
import { syncFolder } from './durable.ts'

/** Identifies an entry: its place in every collection. */
export type EntryName = Pick<Manifest, 'origin' | 'path'>

export interface Placed {
  destination: string
  /** The present name of the file or folder that had the name before. */
  movedTo: string | undefined
  folders: string[]
}

/** Names that every file system accepts; eCryptfs has the shortest limit, 143 bytes. */
const USUAL_NAME = /^[\w.+-][\w .+-]{0,119}$/

/** Beyond this many folders, they are looked at again. */
const MAX_FOLDER_LOOKS = 4096

const ROOT = new RegExp(`^[0-9a-f]{${2 * DIGEST_BYTE_LENGTH}}$`)

export class CollectionPaths {
  /** The collection folder, links resolved. */
  readonly root: string
  /** The collection's own folder: lock, unfinished files, cache. */
  readonly privateFolder: string
  readonly lock: string
  readonly parts: string
  readonly hashes: string
  /** By entry: each is needed several times, and checking thousands of names takes a while. */
  readonly #destinations = new WeakMap<EntryName, string>()
  /** Names that the file system accepted when asked. */
  readonly #takenNames = new Set<string>()
  readonly #folders = new FolderLooks()
  /** The folders of the catalog that are for their owner alone. */
  readonly #privateFolders = new Set<string>()

  private constructor(root: string) {
    this.root = root
    this.privateFolder = join(root, PRIVATE_FOLDER)
    this.lock = join(this.privateFolder, 'lock')
    this.parts = join(this.privateFolder, 'parts')
    this.hashes = join(this.privateFolder, 'hashes')
  }

  /** As it is, and where nothing is there, as it would be. */
  static of(collection: string): CollectionPaths {
    const wanted = resolve(collection)
    try {
      return new CollectionPaths(realpathSync(wanted))
    } catch {
      return new CollectionPaths(wanted)
    }
  }

  /** Makes what is missing. @throws PotluckError DISK */
  static async open(collection: string): Promise<CollectionPaths> {
    const wanted = resolve(collection)
    try {
      await mkdir(wanted, { recursive: true })
      const paths = new CollectionPaths(await realpath(wanted))
      for (const folder of [paths.privateFolder, paths.parts, paths.hashes]) {
        if (makeOwnFolder(folder)) {
          // Syncing its content is useless if its own name is lost.
          await syncFolder(dirname(folder))
        }
      }
      // A precaution, which not every file system supports.
      await chmod(paths.privateFolder, 0o700).catch(() => undefined)
      return paths
    } catch (error) {
      throw diskError(error, 'use the collection folder', wanted)
    }
  }

  /** The unfinished file of a content. */
  part(root: string): string {
    return this.#ofRoot(root, 'part')
  }

  state(root: string): string {
    return this.#ofRoot(root, 'state')
  }

  digests(root: string): string {
    return this.#ofRoot(root, 'digests')
  }

  /** Where a content is copied to before the copy gets its name. */
  copy(root: string): string {
    return this.#ofRoot(root, 'copy')
  }

  /** The place of an entry. @throws PotluckError PROTOCOL when its name is not one that can be stored */
  destination(entry: EntryName): string {
    const known = this.#destinations.get(entry)
    if (known !== undefined) {
      return known
    }
    const destination = this.#checkedDestination(entry)
    this.#destinations.set(entry, destination)
    return destination
  }

  #checkedDestination({ origin, path }: EntryName): string {
    const problem = peerNameProblem(origin) ?? pathProblem(path)
    if (problem !== undefined) {
      throw new PotluckError(
        'PROTOCOL',
        `${printable(`${origin}/${path}`)} cannot be stored: its name has ${problem}; its origin must rename it`
      )
    }
    return join(this.root, origin, ...path.split('/'))
  }

  /**
   * Checks, before any of it is fetched, that this file system accepts the names of an entry and its path, and that
   * only folders are in its way.
   *
   * @throws PotluckError DISK
   */
  checkEntry(entry: EntryName): void {
    const destination = this.destination(entry)
    try {
      for (const name of [entry.origin, ...entry.path.split('/')]) {
        this.#tryName(name)
      }
      this.#descend(dirname(destination), false)
      statusOf(destination)
    } catch (error) {
      throw diskError(error, 'give a file the name', destination)
    }
  }

  /**
   * Checks that an entry that is not here yet can be put in its place, as far as permissions tell. @throws PotluckError
   * DISK
   */
  checkWritable(entry: EntryName): void {
    let folder = dirname(this.destination(entry))
    while (folder !== this.root && this.#folders.statusOf(folder) === undefined) {
      folder = dirname(folder)
    }
    try {
      this.#folders.checkWritable(folder)
    } catch (error) {
      throw diskError(error, 'write in', folder)
    }
  }

  /** From now on the folder is made for its owner alone, whatever needs it. */
  keepPrivate(entry: EntryName): void {
    this.#privateFolders.add(this.destination(entry))
  }

  /** Makes an empty folder of the catalog; moves aside what is in its place as in `place`. */
  makeFolder(entry: EntryName, taken: (path: string) => boolean): Placed {
    const destination = this.destination(entry)
    const changed = this.#descend(dirname(destination), true)
    if (statusOf(destination)?.isDirectory() === true) {
      return { destination, movedTo: undefined, folders: changed }
    }
    const movedTo = this.#moveAside(destination, taken)
    this.#make(destination)
    return { destination, movedTo, folders: [...changed, dirname(destination)] }
  }

  /**
   * Gives a finished file its final name. What has the name already is renamed to `<name>.old-1` or the next number
   * that is free.
   *
   * @param taken whether a path relative to the collection is an entry of the catalog
   */
  place(finished: string, entry: EntryName, taken: (path: string) => boolean): Placed {
    const destination = this.destination(entry)
    const changed = this.#descend(dirname(destination), true)
    const movedTo = this.#moveAside(destination, taken)
    renameSync(finished, destination)
    return { destination, movedTo, folders: [...changed, dirname(destination)] }
  }

  /** A folder of the name is made and removed; only the file itself is ever under its final name. */
  #tryName(name: string): void {
    if (USUAL_NAME.test(name) || this.#takenNames.has(name)) {
      return
    }
    const folder = join(this.privateFolder, 'names')
    try {
      mkdirSync(join(folder, name), { recursive: true })
      this.#takenNames.add(name)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  #ofRoot(root: string, extension: string): string {
    if (!ROOT.test(root)) {
      throw new PotluckError('PROTOCOL', `${printable(root)} is not the root of a content`)
    }
    return join(this.parts, `${root}.${extension}`)
  }

  /** Walks down to a folder without following links. @returns the folders in which one was made */
  #descend(folder: string, make: boolean): string[] {
    if (this.#folders.wasReached(folder)) {
      return []
    }
    const changed: string[] = []
    let current = this.root
    for (const name of folder.slice(this.root.length).split(/[/\\]/).filter(Boolean)) {
      const parent = current
      current = join(parent, name)
      const status = this.#folders.statusOf(current)
      if (status === undefined) {
        if (!make) {
          return changed
        }
        this.#make(current)
        changed.push(parent)
      } else if (!status.isDirectory()) {
        const what = status.isSymbolicLink() ? 'a symbolic link, and links are not followed' : 'a file'
        throw new PotluckError(
          'DISK',
          `${printable(current)} must be a folder, but is ${what}; move it away, or choose another collection folder`
        )
      }
    }
    this.#folders.noteReached(folder)
    return changed
  }

  #make(folder: string): void {
    mkdirSync(folder, this.#privateFolders.has(folder) ? { mode: 0o700 } : {})
    this.#folders.forget()
  }

  /** @returns the name that it has now, if there was anything */
  #moveAside(destination: string, taken: (path: string) => boolean): string | undefined {
    if (statusOf(destination) === undefined) {
      return undefined
    }
    for (let number = 1; ; number++) {
      const aside = join(dirname(destination), withSuffix(basename(destination), `.old-${number}`))
      if (statusOf(aside) === undefined && !taken(this.#relative(aside))) {
        renameSync(destination, aside)
        this.#folders.forget()
        return aside
      }
    }
  }

  #relative(path: string): string {
    return path.slice(this.root.length).split(/[/\\]/).filter(Boolean).join('/')
  }
}

/**
 * What was seen of folders in this turn of the event loop: thousands of tiny files in a few folders are checked and get
 * their names in a few turns.
 */
class FolderLooks {
  /** The folders that were walked down to. */
  readonly #reached = new Set<string>()
  readonly #statuses = new Map<string, Stats | undefined>()
  readonly #writable = new Set<string>()
  #turn: NodeJS.Immediate | undefined

  statusOf(path: string): Stats | undefined {
    const known = this.#statuses.get(path)
    if (known !== undefined || this.#statuses.has(path)) {
      return known
    }
    if (this.#statuses.size >= MAX_FOLDER_LOOKS) {
      this.forget()
    }
    const status = statusOf(path)
    this.#statuses.set(path, status)
    this.#forgetSoon()
    return status
  }

  /** @throws the system's error when it is not */
  checkWritable(path: string): void {
    if (!this.#writable.has(path)) {
      accessSync(path, constants.W_OK | constants.X_OK)
      this.#writable.add(path)
      this.#forgetSoon()
    }
  }

  wasReached(path: string): boolean {
    return this.#reached.has(path)
  }

  noteReached(path: string): void {
    this.#reached.add(path)
    this.#forgetSoon()
  }

  /** To be called when a folder was made or renamed. */
  forget(): void {
    clearImmediate(this.#turn)
    this.#turn = undefined
    this.#reached.clear()
    this.#statuses.clear()
    this.#writable.clear()
  }

  #forgetSoon(): void {
    this.#turn ??= setImmediate(() => this.forget())
  }
}

/** What has the name, without following a link; undefined when nothing has. */
export function statusOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** @returns whether it did not exist */
function makeOwnFolder(folder: string): boolean {
  const status = statusOf(folder)
  if (status === undefined) {
    mkdirSync(folder, { mode: 0o700 })
    return true
  }
  if (!status.isDirectory()) {
    throw new PotluckError(
      'DISK',
      `${printable(folder)} must be a folder of its own; move away what is there`
    )
  }
  return false
}

/** Shortens the name if the suffix would make it too long. */
function withSuffix(name: string, suffix: string): string {
  const characters = [...name]
  while (Buffer.byteLength(characters.join('') + suffix) > MAX_NAME_BYTE_LENGTH) {
    characters.pop()
  }
  return characters.join('') + suffix
}
