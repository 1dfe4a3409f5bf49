/** Hostile names, for the one place where names become paths: nothing is written outside. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { PotluckError } from '#potluck/core/errors.js'
import { foldName, PRIVATE_FOLDER, pathProblem, peerNameProblem, printable } from '#potluck/core/names.js'
import { hasCode } from '#potluck/core/system-errors.js'
import { CollectionPaths, type EntryName } from '#potluck/store/paths.js'
import { hostileEntry } from './hostile-names.ts'
import type { Torment, TormentOptions } from './torments.ts'
import { BrokenPromise } from './verdict.ts'

/**
 * Between two checks for an interrupt. The collection is made anew each time; otherwise the allowed names would fill
 * it.
 */
const NAMES_AT_A_TIME = 2000

export const hostileNames: Torment = {
  name: 'names',
  what: 'hostile names, in a collection full of links that lead out of it',
  unit: 'names',
  figure: 1_000_000,
  minutes: 7,
  run: tormentByNames
}

async function tormentByNames({ count, seed, signal, onProgress }: TormentOptions): Promise<void> {
  for (let done = 0; done < count; done += NAMES_AT_A_TIME) {
    signal.throwIfAborted()
    const numRuns = Math.min(NAMES_AT_A_TIME, count - done)
    const trap = await Trap.set()
    try {
      const property = fc.property(hostileEntry, fc.boolean(), (entry, isFolder) => trap.try(entry, isFolder))
      fc.assert(property, { numRuns, seed: seed + done })
    } finally {
      trap.remove()
    }
    onProgress(done + numRuns)
    await nextTurn()
  }
}

/** A collection with links to a folder beside it, in which nothing may ever change. */
class Trap {
  readonly #room: string
  readonly #paths: CollectionPaths

  private constructor(room: string, paths: CollectionPaths) {
    this.#room = room
    this.#paths = paths
  }

  static async set(): Promise<Trap> {
    const room = realpathSync(mkdtempSync(join(tmpdir(), 'potluck-names-')))
    const paths = await CollectionPaths.open(join(room, 'collection'))
    const outside = join(room, 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'a'), 'untouched')
    symlinkSync(outside, join(paths.root, 'link'))
    mkdirSync(join(paths.root, 'ann'))
    symlinkSync(outside, join(paths.root, 'ann', 'link'))
    symlinkSync(join(outside, 'a'), join(paths.root, 'ann', 'a'))
    return new Trap(room, paths)
  }

  remove(): void {
    rmSync(this.#room, { recursive: true })
  }

  /** Gives a file or a folder the name, if that is allowed. @throws BrokenPromise */
  try(entry: EntryName, isFolder: boolean): void {
    const shown = printable(JSON.stringify(entry))
    const isAllowed = peerNameProblem(entry.origin) === undefined && pathProblem(entry.path) === undefined
    const destination = this.#destination(entry)
    if (isAllowed !== (destination !== undefined)) {
      throw new BrokenPromise(`${shown} is ${isAllowed ? 'refused' : 'taken'}`)
    }
    if (destination !== undefined) {
      this.#checkDestination(destination, entry)
    }
    this.#place(entry, isFolder)
    this.#checkOutside(shown)
  }

  #destination(entry: EntryName): string | undefined {
    try {
      return this.#paths.destination(entry)
    } catch (error) {
      if (error instanceof PotluckError && error.code === 'PROTOCOL') {
        return undefined
      }
      throw error
    }
  }

  #checkDestination(destination: string, { origin, path }: EntryName): void {
    const inside = destination.slice(this.#paths.root.length + 1).split(sep)
    const wanted = [origin, ...path.split('/')]
    const isInside = destination.startsWith(this.#paths.root + sep)
    const isPrivate = foldName(inside[0] ?? '') === foldName(PRIVATE_FOLDER)
    if (!isInside || isPrivate || inside.join('\0') !== wanted.join('\0')) {
      throw new BrokenPromise(`${printable(origin)}/${printable(path)} becomes ${printable(destination)}`)
    }
  }

  #place(entry: EntryName, isFolder: boolean): void {
    const nothingTaken = (): boolean => false
    const finished = join(this.#paths.parts, 'finished')
    writeFileSync(finished, 'new')
    try {
      if (isFolder) {
        this.#paths.makeFolder(entry, nothingTaken)
        return
      }
      const { destination } = this.#paths.place(finished, entry, nothingTaken)
      const folder = realpathSync(dirname(destination))
      if (!folder.startsWith(this.#paths.root) || readFileSync(destination, 'utf8') !== 'new') {
        throw new BrokenPromise(`${printable(destination)} was placed elsewhere`)
      }
    } catch (error) {
      if (!(error instanceof PotluckError) && !hasCode(error, 'ENAMETOOLONG', 'EILSEQ')) {
        throw error
      }
    }
  }

  #checkOutside(shown: string): void {
    const seen = [
      readdirSync(this.#room).sort(),
      readdirSync(join(this.#room, 'outside')),
      [readFileSync(join(this.#room, 'outside', 'a'), 'utf8')],
      readdirSync(this.#paths.privateFolder).sort()
    ]
    if (seen.join(' ') !== 'collection,outside a untouched hashes,parts') {
      throw new BrokenPromise(`${shown} changed something outside: ${seen.join(' ')}`)
    }
  }
}
