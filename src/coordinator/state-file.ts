/** The file in which a coordinator keeps its unfinished swarm. */
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { readPrivateFile, replacePrivateFile } from '../keys/private-file.ts'
import { nameOfPath, privatePlaceOf } from '../keys/private-place.ts'
import { readSwarm, type SavedSwarm, writeSwarm } from './saved-swarm.ts'

/** A large catalog is some MB: not written more often than this while much happens. */
const SAVE_INTERVAL_MS = 500

/** A million manifests of 300 bytes, in base64: more than a coordinator holds with ease. */
const MAX_BYTE_LENGTH = 400 * 1024 * 1024

export class StateFile {
  readonly path: string
  readonly #closing = new AbortController()
  #next: (() => SavedSwarm) | undefined
  #saving: Promise<void> | undefined

  /** Where it was to be, when its folder keeps no permissions and it is in the user's state folder instead. */
  readonly insteadOf: string | undefined

  private constructor(path: string, insteadOf: string | undefined) {
    this.path = path
    this.insteadOf = insteadOf
  }

  /** Finds out where the file can be: it has the coordinator's keys. */
  static async at(wanted: string): Promise<StateFile> {
    try {
      const { path, elsewhere } = await privatePlaceOf(wanted, MAX_BYTE_LENGTH, () => nameOfPath(wanted))
      return new StateFile(path, elsewhere ? wanted : undefined)
    } catch {
      // It is nowhere private: each save says so.
      return new StateFile(wanted, undefined)
    }
  }

  /**
   * The swarm that is not finished; undefined where there is none.
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
      if (error instanceof PotluckError) {
        throw error
      }
      throw new PotluckError(
        'CONFIGURATION',
        `${printable(this.path)} holds no swarm that can be carried on (${messageOf(error)}); remove it to start a new one, or name another file with "stateFile"`,
        { cause: error }
      )
    }
  }

  /** Writes what there is to keep, before anything is told that has to outlive a kill. @throws Error of the system */
  async saveFirst(swarm: SavedSwarm): Promise<void> {
    await replacePrivateFile(this.path, writeSwarm(swarm))
  }

  /** Writes what there is to keep, now or soon. @param onUnwritable told each time that it cannot be written */
  save(swarm: () => SavedSwarm, onUnwritable: (message: string) => void): void {
    this.#next = swarm
    this.#saving ??= this.#saveAll(onUnwritable).finally(() => {
      this.#saving = undefined
    })
  }

  /** The swarm is over, or left on purpose: there is nothing to carry on. */
  async remove(): Promise<void> {
    this.#closing.abort()
    await this.#saving
    await rm(this.path, { force: true })
  }

  async #saveAll(onUnwritable: (message: string) => void): Promise<void> {
    const { signal } = this.#closing
    while (this.#next !== undefined && !signal.aborted) {
      const swarm = this.#next()
      this.#next = undefined
      try {
        await replacePrivateFile(this.path, writeSwarm(swarm))
      } catch (error) {
        onUnwritable(messageOf(error))
      }
      await sleep(SAVE_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}
