/**
 * What a power loss may leave of a folder: its changes are recorded, and replayed up to any of them, without those that
 * were not synced yet.
 *
 * A file's bytes are safe once a sync of it that began after them has ended. A name is safe once its folder was synced
 * after the name was given. Anything else may be there or not, and bytes may be there in part.
 */
import { constants, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '#potluck/core/random.js'
import type { FileCall } from './intercept.ts'

type Change =
  | { kind: 'write'; file: number; byteOffset: number; bytes: Uint8Array }
  | { kind: 'truncate'; file: number; byteLength: number }
  | { kind: 'synced'; file: number; changesBefore: number }
  /**
   * A name in a folder is given, or removed if `node` is undefined, or both at once in one folder. `movedTo`: the
   * folder in which the change before this one gave the file another name; no file system loses both.
   */
  | { kind: 'name'; folder: number; name: string; node: number | undefined; freed?: string; movedTo?: number }
  | { kind: 'folder-synced'; folder: number; changesBefore: number }
  | { kind: 'all-synced'; changesBefore: number }
  | { kind: 'reported'; what: string }

/** The fate of what is not safe. */
const FATES = ['lost', 'kept', 'any', 'torn'] as const
type Fate = (typeof FATES)[number]

/** A disk writes this much completely or not at all. */
const SECTOR_BYTE_LENGTH = 512

/** So that much is written during a sync. */
const SYNC_ALL_MS = 3

const ROOT_NODE = 0

/** The calls of one process on one folder, as changes in their order. */
export class DiskRecording {
  readonly changes: Change[] = []
  readonly #root: string
  readonly #nodes = new Map<string, number>()
  readonly #folders = new Set<number>([ROOT_NODE])
  readonly #descriptors = new Map<number, number>()
  readonly #handles = new WeakMap<object, { node: number; position: number }>()
  #lastNode = ROOT_NODE

  constructor(root: string) {
    this.#root = resolve(root)
    this.#nodes.set(this.#root, ROOT_NODE)
  }

  /** A fact that must hold from here on. */
  report(what: string): void {
    this.changes.push({ kind: 'reported', what })
  }

  /** A sync of the whole file system, which takes a while. */
  readonly syncAll = async (): Promise<void> => {
    const changesBefore = this.changes.length
    await sleep(SYNC_ALL_MS)
    this.changes.push({ kind: 'all-synced', changesBefore })
  }

  /** To be passed to `interceptFileSystem`. */
  readonly take = (call: FileCall): unknown => {
    const { name, args, perform } = call
    const [first, second] = args
    switch (name) {
      case 'openSync': {
        const descriptor = perform()
        this.#keep(descriptor, this.#open(first, Number(second)))
        return descriptor
      }
      case 'closeSync':
        this.#descriptors.delete(Number(first))
        return perform()
      case 'writeSync':
        return this.#writeSync(call)
      case 'ftruncateSync': {
        const result = perform()
        this.#change(this.#descriptors.get(Number(first)), (file) => {
          this.changes.push({ kind: 'truncate', file, byteLength: Number(second ?? 0) })
        })
        return result
      }
      case 'fdatasync':
        return this.#fdatasync(call)
      case 'mkdirSync':
        return this.#after(perform(), () => this.#make(first, true))
      case 'writeFileSync':
        return this.#after(perform(), () => this.#write(this.#open(first, constants.O_CREAT), 0, second))
      case 'renameSync':
      case 'rename':
        return this.#after(perform(), () => this.#rename(first, second))
      case 'rmSync':
      case 'rm':
        return this.#after(perform(), () => this.#remove(first))
      case 'copyFile':
        return this.#after(perform(), () => {
          this.#write(this.#open(second, constants.O_CREAT), 0, readFileSync(String(second)))
        })
      case 'open':
        return this.#openHandle(call)
      default:
        return name.startsWith('handle.') ? this.#useHandle(call) : perform()
    }
  }

  #after(result: unknown, then: () => void): unknown {
    if (result instanceof Promise) {
      return result.then((value: unknown) => {
        then()
        return value
      })
    }
    then()
    return result
  }

  async #openHandle({ args, perform }: FileCall): Promise<unknown> {
    const handle = await perform()
    const [path, flags] = args
    const node = this.#open(path, typeof flags === 'number' ? flags : 0)
    if (typeof handle === 'object' && handle !== null && 'fd' in handle) {
      this.#keep(handle.fd, node)
      if (node !== undefined) {
        this.#handles.set(handle, { node, position: 0 })
      }
    }
    return handle
  }

  /** The file of a descriptor from now on: its number may have been another file's. */
  #keep(descriptor: unknown, node: number | undefined): void {
    if (node === undefined) {
      this.#descriptors.delete(Number(descriptor))
    } else {
      this.#descriptors.set(Number(descriptor), node)
    }
  }

  #useHandle({ name, args, handle, perform }: FileCall): unknown {
    const known = handle && this.#handles.get(handle)
    if (known === undefined) {
      return perform()
    }
    const { node } = known
    const changesBefore = this.changes.length
    return this.#after(perform(), () => {
      if (name === 'handle.writeFile') {
        this.#write(node, known.position, args[0])
        known.position += args[0] instanceof Uint8Array ? args[0].byteLength : 0
      } else if (name === 'handle.sync' && this.#folders.has(node)) {
        this.changes.push({ kind: 'folder-synced', folder: node, changesBefore })
      } else if (name === 'handle.sync' || name === 'handle.datasync') {
        this.changes.push({ kind: 'synced', file: node, changesBefore })
      }
    })
  }

  #writeSync({ args, perform }: FileCall): unknown {
    const [descriptor, data, second, third, fourth] = args
    const written = perform()
    const node = this.#descriptors.get(Number(descriptor))
    if (typeof data === 'string') {
      this.#write(node, Number(second), Buffer.from(data))
    } else if (data instanceof Uint8Array) {
      const start = Number(second ?? 0)
      this.#write(node, Number(fourth), data.subarray(start, start + Number(third ?? written)))
    }
    return written
  }

  #fdatasync({ args, perform }: FileCall): unknown {
    const [descriptor, callback] = args
    const node = this.#descriptors.get(Number(descriptor))
    const changesBefore = this.changes.length
    return perform([
      descriptor,
      (error: Error | null) => {
        this.#change(error === null ? node : undefined, (file) => {
          this.changes.push({ kind: 'synced', file, changesBefore })
        })
        if (typeof callback === 'function') {
          callback(error)
        }
      }
    ])
  }

  /** The node at a path that was opened; a new one if the call made it. Undefined outside the folder. */
  #open(path: unknown, flags: number): number | undefined {
    const known = this.#nodes.get(resolve(String(path)))
    return known === undefined && (flags & constants.O_CREAT) !== 0 ? this.#make(path, false) : known
  }

  #make(path: unknown, isFolder: boolean): number | undefined {
    const full = resolve(String(path))
    if (!full.startsWith(this.#root + sep)) {
      return undefined
    }
    this.#lastNode++
    const node = this.#lastNode
    if (isFolder) {
      this.#folders.add(node)
    }
    this.#nodes.set(full, node)
    this.changes.push({ kind: 'name', ...this.#place(full), node })
    return node
  }

  #write(node: number | undefined, byteOffset: number, bytes: unknown): void {
    this.#change(node, (file) => {
      if (bytes instanceof Uint8Array && bytes.byteLength > 0) {
        this.changes.push({ kind: 'write', file, byteOffset, bytes: Uint8Array.from(bytes) })
      }
    })
  }

  #rename(from: unknown, to: unknown): void {
    const [source, target] = [resolve(String(from)), resolve(String(to))]
    const node = this.#nodes.get(source)
    if (node === undefined) {
      return
    }
    this.#nodes.delete(source)
    this.#nodes.set(target, node)
    const [left, entered] = [this.#place(source), this.#place(target)]
    if (left.folder === entered.folder) {
      this.changes.push({ kind: 'name', ...entered, node, freed: left.name })
    } else {
      this.changes.push(
        { kind: 'name', ...entered, node },
        { kind: 'name', ...left, node: undefined, movedTo: entered.folder }
      )
    }
  }

  #remove(path: unknown): void {
    const full = resolve(String(path))
    if (this.#nodes.delete(full)) {
      this.changes.push({ kind: 'name', ...this.#place(full), node: undefined })
    }
  }

  #place(full: string): { folder: number; name: string } {
    const folder = this.#nodes.get(dirname(full))
    if (folder === undefined) {
      throw new Error(`${full} lies in a folder that was not seen to be made`)
    }
    return { folder, name: full.slice(dirname(full).length + 1) }
  }

  #change(node: number | undefined, change: (file: number) => void): void {
    if (node !== undefined) {
      change(node)
    }
  }

  /** Files and folders that a power loss right after this many changes may leave. */
  crashAt(length: number, random: Random): CrashedDisk {
    return new CrashedDisk(this.changes.slice(0, length), this.#folders, random)
  }
}

export class CrashedDisk {
  /** The facts that had been reported before. */
  readonly reports: string[] = []
  readonly #folders: ReadonlySet<number>
  readonly #names = new Map<number, Map<string, number>>()
  readonly #contents = new Map<number, Uint8Array>()

  constructor(changes: readonly Change[], folders: ReadonlySet<number>, random: Random) {
    this.#folders = folders
    const fate = (): Fate => FATES[Math.floor(random() * FATES.length)] ?? 'lost'
    const safe = safeBefore(changes)
    const kept = keptNames(changes, safe, fate(), random)
    const ofBytes = fate()
    const made = new Map<number, { index: number; folder: number }>()
    const isThere = (folder: number): boolean => {
      const own = made.get(folder)
      return own === undefined || (own.index < kept(own.folder) && isThere(own.folder))
    }
    for (const [index, change] of changes.entries()) {
      if (change.kind === 'reported') {
        this.reports.push(change.what)
      } else if (change.kind === 'name') {
        const { folder, movedTo } = change
        if (change.node !== undefined && folders.has(change.node)) {
          made.set(change.node, { index, folder })
        }
        if (index < kept(folder) && (movedTo === undefined || (index <= kept(movedTo) && isThere(movedTo)))) {
          this.#name(change)
        }
      } else if (change.kind === 'write' || change.kind === 'truncate') {
        const isSafe = index < safe(change.file)
        this.#apply(change, isSafe ? 'kept' : ofBytes, random)
      }
    }
  }

  /** Writes it into a folder that does not exist yet. */
  async layDown(folder: string): Promise<void> {
    await mkdir(folder)
    await this.#layDown(folder, ROOT_NODE)
  }

  async #layDown(path: string, folder: number): Promise<void> {
    for (const [name, node] of this.#names.get(folder) ?? []) {
      const inside = join(path, name)
      if (this.#folders.has(node)) {
        await mkdir(inside)
        await this.#layDown(inside, node)
      } else {
        await writeFile(inside, this.#contents.get(node) ?? new Uint8Array())
      }
    }
  }

  #name({ folder, name, node, freed }: Extract<Change, { kind: 'name' }>): void {
    const names = this.#names.get(folder) ?? new Map<string, number>()
    this.#names.set(folder, names)
    if (freed !== undefined) {
      names.delete(freed)
    }
    if (node === undefined) {
      names.delete(name)
    } else {
      names.set(name, node)
    }
  }

  #apply(change: Extract<Change, { kind: 'write' | 'truncate' }>, fate: Fate, random: Random): void {
    const content = this.#contents.get(change.file) ?? new Uint8Array()
    if (fate === 'lost' || (fate !== 'kept' && random() < 0.5)) {
      return
    }
    if (change.kind === 'truncate') {
      this.#contents.set(change.file, resized(content, change.byteLength))
      return
    }
    const { byteOffset, bytes } = change
    const target = resized(content, Math.max(content.byteLength, byteOffset + bytes.byteLength))
    for (let start = 0; start < bytes.byteLength; start += SECTOR_BYTE_LENGTH) {
      if (fate !== 'torn' || random() < 0.5) {
        target.set(bytes.subarray(start, start + SECTOR_BYTE_LENGTH), byteOffset + start)
      }
    }
    this.#contents.set(change.file, target)
  }
}

/** For each file and folder, the change before which its own changes are all safe. */
function safeBefore(changes: readonly Change[]): (node: number) => number {
  const safe = new Map<number, number>()
  let all = 0
  for (const change of changes) {
    if (change.kind === 'synced') {
      safe.set(change.file, Math.max(safe.get(change.file) ?? 0, change.changesBefore))
    } else if (change.kind === 'folder-synced') {
      safe.set(change.folder, Math.max(safe.get(change.folder) ?? 0, change.changesBefore))
    } else if (change.kind === 'all-synced') {
      all = Math.max(all, change.changesBefore)
    }
  }
  return (node) => Math.max(all, safe.get(node) ?? 0)
}

/**
 * The change before which the names of a folder are as they were given. In one folder they are written in order;
 * between folders only on file systems with one journal, which is what "torn" stands for here.
 */
function keptNames(
  changes: readonly Change[],
  safe: (node: number) => number,
  fate: Fate,
  random: Random
): (folder: number) => number {
  const between = (first: number): number => first + Math.floor(random() * (changes.length - first + 1))
  if (fate === 'kept') {
    return () => changes.length
  }
  if (fate === 'torn') {
    const folderSyncs = changes.flatMap((change) =>
      change.kind === 'folder-synced' || change.kind === 'all-synced' ? [change.changesBefore] : []
    )
    const journal = between(Math.max(0, ...folderSyncs))
    return () => journal
  }
  const chosen = new Map<number, number>()
  return (folder) => {
    const least = safe(folder)
    const end = chosen.get(folder) ?? (fate === 'lost' ? least : between(least))
    chosen.set(folder, end)
    return end
  }
}

function resized(bytes: Uint8Array, byteLength: number): Uint8Array {
  const other = new Uint8Array(byteLength)
  other.set(bytes.subarray(0, byteLength))
  return other
}
