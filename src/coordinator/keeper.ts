/** Saves an unfinished swarm in its file, so that a coordinator that starts again continues it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CoordinatorConfig } from '../config/coordinator.ts'
import { messageOf } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import type { CoordinatorEvents } from './coordinator-events.ts'
import type { SavedSwarm } from './saved-swarm.ts'
import type { StateFile } from './state-file.ts'
import type { Roster } from './swarm/roster.ts'
import type { SwarmClock } from './swarm-clock.ts'

/** A large catalog has some MB, so it is not written more often than this when much happens. */
const SAVE_INTERVAL_MS = 500

/** Where to save an unfinished swarm, the one that is carried on from there, and this coordinator's keys for it. */
export interface Keeping extends Pick<SavedSwarm, 'privateKey' | 'runSecret'> {
  file: StateFile
  carriedOn: SavedSwarm | undefined
}

export interface KeeperInit extends Keeping, Pick<SavedSwarm, 'swarmId'> {
  config: CoordinatorConfig
  clock: SwarmClock
  roster: Roster
  events: CoordinatorEvents
}

export class Keeper {
  readonly #init: KeeperInit
  readonly #closing = new AbortController()
  #isChanged = false
  #saving: Promise<void> | undefined
  #failureTold = false

  constructor(init: KeeperInit) {
    this.#init = init
  }

  /** The file of the swarm that is carried on; undefined for a new one. */
  get carriedOnFrom(): string | undefined {
    return this.#init.carriedOn && this.#init.file.path
  }

  /** Where the swarm is saved, in a sentence for people, if that is not the configured place. */
  get note(): string | undefined {
    const { path, insteadOf } = this.#init.file
    return insteadOf === undefined
      ? undefined
      : `the file system of ${printable(insteadOf)} keeps no permissions; the state of this swarm, which has keys in it, is kept in ${printable(path)}`
  }

  /** A peer that was invited at any time must find this coordinator again after a kill. */
  async saveFirst(): Promise<void> {
    await this.#unlessItFails(this.#init.file.write(this.#saved()))
  }

  /** Requests a save, now or soon. */
  save(): void {
    if (this.#init.roster.phase !== 'joining' && !this.#closing.signal.aborted) {
      this.#isChanged = true
      this.#saving ??= this.#saveAll().finally(() => {
        this.#saving = undefined
      })
    }
  }

  /** Finishes the last save, and saves no more: the file stays for the next start. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#saving
    if (this.#isChanged) {
      this.#isChanged = false
      await this.#unlessItFails(this.#init.file.write(this.#saved()))
    }
  }

  /** From now on this swarm must not be continued. */
  async remove(): Promise<void> {
    this.#isChanged = false
    await this.close()
    await this.#unlessItFails(this.#init.file.remove())
  }

  async #saveAll(): Promise<void> {
    const { signal } = this.#closing
    while (this.#isChanged && !signal.aborted) {
      this.#isChanged = false
      await this.#unlessItFails(this.#init.file.write(this.#saved()))
      await sleep(SAVE_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Before all its peers have joined, only this coordinator's identity and invitations can be carried on. */
  #saved(): SavedSwarm {
    const { privateKey, runSecret, swarmId, config, clock, roster } = this.#init
    return {
      clockZeroUnixMs: clock.zeroUnixMs,
      swarmId,
      chunkByteLength: config.chunkByteLength,
      privateKey,
      runSecret,
      catalogAtMs: roster.catalogAtMs,
      members: roster.phase === 'joining' ? [] : roster.lasting
    }
  }

  /** Reports once that the file cannot be written, and goes on. */
  async #unlessItFails(work: Promise<void>): Promise<void> {
    const failure = await work.then(
      () => undefined,
      (error: unknown) => messageOf(error)
    )
    if (failure !== undefined && !this.#failureTold) {
      this.#failureTold = true
      this.#init.events.warn(
        `this swarm's state cannot be saved (${failure}): a coordinator that is killed would have to start a new swarm; name another file with "stateFile"`
      )
    }
  }
}
