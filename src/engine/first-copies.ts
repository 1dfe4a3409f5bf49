/**
 * First copies, until they have spread: those that this peer gave, and those that it received and owes the others. A
 * peer that receives one passes it on until half of the others have it; these do the rest. Pure.
 */
import { DELIVERY_TIMEOUT_MS } from './constants.ts'
import type { Remote } from './remote.ts'
import type { Content, SwarmState } from './swarm-state.ts'

/** A first copy, until its getter announces it and half of the others have it. */
interface Given {
  holder: Remote
  /** When its connection had taken all of it; infinite until then, which may take long on a slow uplink. */
  atMs: number
  announced: boolean
}

export class FirstCopies {
  readonly #state: SwarmState
  readonly #getters: ReadonlySet<Remote>
  readonly #given = new Map<number, Given>()
  /** Chunks that arrived here as first copies, and how many copies are owed of each. */
  readonly #owed = new Map<number, number>()
  #copiesOwed = 0
  #spreadAtMs = Number.NEGATIVE_INFINITY

  /** @param getters the connected ones; chunks that they have not announced are counted here */
  constructor(state: SwarmState, getters: ReadonlySet<Remote>) {
    this.#state = state
    this.#getters = getters
  }

  /** When a getter last announced a chunk that was given to another, or nothing was given that others lack. */
  get spreadAtMs(): number {
    return this.#spreadAtMs
  }

  /** Copies that others lack of chunks that this peer received as first copies. */
  get copiesOwed(): number {
    return this.#copiesOwed
  }

  /** How many copies a peer owes for each first copy: until half of the others have it and pass it on. */
  get copiesToOwe(): number {
    return copiesToOweTo(this.#getters.size)
  }

  /** Whether it was given to a peer that is to spread it. */
  isGiven(chunk: number): boolean {
    return this.#given.has(chunk)
  }

  /** A chunk that no one else has goes to the getter, by its slot or because it asked for that one. */
  give(holder: Remote, chunk: number): void {
    this.#given.set(chunk, { holder, atMs: Number.POSITIVE_INFINITY, announced: false })
    holder.getter.unannounced++
  }

  /** The getter's connection took the last byte of a chunk, first copy or not. */
  onTaken(remote: Remote, chunk: number, nowMs: number): void {
    const given = this.#given.get(chunk)
    if (given?.holder === remote) {
      given.atMs = Math.min(given.atMs, nowMs)
    }
  }

  /** A chunk that was to be given could not be read; call `refresh` afterwards. */
  takeBack(chunk: number): void {
    this.#given.delete(chunk)
  }

  /** A chunk arrived here as its first copy: counts how many copies of it others lack. */
  owe(chunk: number): void {
    const owed = this.#lackingOf(chunk, this.#state.originOf(chunk))
    this.#copiesOwed += owed - (this.#owed.get(chunk) ?? 0)
    if (owed > 0) {
      this.#owed.set(chunk, owed)
    } else {
      this.#owed.delete(chunk)
    }
  }

  /**
   * A getter announces one more chunk; to be called once the state knows.
   *
   * @returns whether the chunk had been given to it
   */
  onHave(remote: Remote, chunk: number, nowMs: number): boolean {
    if (this.#owed.has(chunk)) {
      this.owe(chunk)
    }
    const given = this.#given.get(chunk)
    if (given !== undefined) {
      this.#onSpread(given, remote, chunk, nowMs)
    }
    return given?.holder === remote
  }

  #onSpread(given: Given, remote: Remote, chunk: number, nowMs: number): void {
    if (given.holder !== remote) {
      this.#spreadAtMs = nowMs
    } else if (!given.announced) {
      given.announced = true
      remote.getter.unannounced--
    }
    if (given.announced && this.#lackingOf(chunk, given.holder.id) === 0) {
      this.#given.delete(chunk)
    }
  }

  /** Contents were added, or a peer disconnected: counts everything again. */
  refresh(): void {
    for (const { getter } of this.#getters) {
      getter.unannounced = 0
    }
    for (const chunk of [...this.#owed.keys()]) {
      this.owe(chunk)
    }
    for (const [chunk, { holder, announced }] of this.#given) {
      if (!this.#getters.has(holder) || (announced && this.#lackingOf(chunk, holder.id) === 0)) {
        this.#given.delete(chunk)
      } else {
        holder.getter.unannounced += announced ? 0 : 1
      }
    }
  }

  /** A peer announced again what it has of a content: counts its chunks again. */
  refreshContent({ firstChunk, chunkCount }: Content): void {
    for (let chunk = firstChunk; chunk < firstChunk + chunkCount; chunk++) {
      if (this.#owed.has(chunk)) {
        this.owe(chunk)
      }
      const given = this.#given.get(chunk)
      if (given?.announced === true && this.#lackingOf(chunk, given.holder.id) === 0) {
        this.#given.delete(chunk)
      }
    }
  }

  /**
   * Forgets chunks that were given long ago and never announced. @returns their getters; call `refresh` if there are
   * any
   */
  expire(nowMs: number): Set<Remote> {
    const holders = new Set<Remote>()
    for (const [chunk, { holder, atMs, announced }] of this.#given) {
      if (!announced && nowMs - atMs > DELIVERY_TIMEOUT_MS) {
        this.#given.delete(chunk)
        holders.add(holder)
      }
    }
    return holders
  }

  /**
   * How many of these copies of a chunk are still to be made; `first` is the peer that received the first copy, or its
   * origin.
   */
  #lackingOf(chunk: number, first: string | undefined): number {
    let have = 0
    for (const { id, holdings } of this.#getters) {
      have += id !== first && holdings.has(chunk) ? 1 : 0
    }
    const { declinedBy } = this.#state.contentOf(chunk)
    return Math.max(0, copiesToOweTo(this.#getters.size - declinedBy) - have)
  }
}

/** @param getters how many accept the chunk, including the one that receives it first */
function copiesToOweTo(getters: number): number {
  return Math.ceil((getters - 1) / 2)
}
