/** The file in which a coordinator saves its unfinished swarm. */
import { rm } from 'node:fs/promises'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { readPrivateFile, replacePrivateFile } from '../keys/private-file.ts'
import { nameOfPath, privatePlaceOf } from '../keys/private-place.ts'
import { readSwarm, type SavedSwarm, writeSwarm } from './saved-swarm.ts'

/** A million manifests of 300 bytes, in base64: more than a coordinator can hold with ease. */
const MAX_BYTE_LENGTH = 400 * 1024 * 1024

export class StateFile {
  readonly path: string
  /** The configured place, if its folder keeps no permissions and the file is in the user's state folder instead. */
  readonly insteadOf: string | undefined

  private constructor(path: string, insteadOf: string | undefined) {
    this.path = path
    this.insteadOf = insteadOf
  }

  /** Finds out where the file can be: it contains the coordinator's keys. */
  static async at(wanted: string): Promise<StateFile> {
    try {
      const { path, elsewhere } = await privatePlaceOf(wanted, MAX_BYTE_LENGTH, () => nameOfPath(wanted))
      return new StateFile(path, elsewhere ? wanted : undefined)
    } catch {
      // No place is private: each save says so.
      return new StateFile(wanted, undefined)
    }
  }

  /**
   * The unfinished swarm; undefined when there is none.
   *
   * @throws PotluckError CONFIGURATION when others may read the file, or it is something else; DISK
   */
  async load(unixMs: () => number): Promise<SavedSwarm | undefined> {
    try {
      const content = await readPrivateFile(this.path, MAX_BYTE_LENGTH)
      return content === undefined
        ? undefined
        : await readSwarm(content.toString(), (clockZeroUnixMs) => Math.max(0, unixMs() - clockZeroUnixMs))
    } catch (error) {
      throw PotluckError.of(
        error,
        'CONFIGURATION',
        (why) =>
          `${printable(this.path)} holds no swarm that can continue (${why}); remove it to start a new one, or name another file with "stateFile"`
      )
    }
  }

  /** Completely, or not at all. @throws Error of the system */
  async write(swarm: SavedSwarm): Promise<void> {
    await replacePrivateFile(this.path, writeSwarm(swarm))
  }

  /** The swarm is over, or was left on purpose: there is nothing to carry on. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }
}
