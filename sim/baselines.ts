/**
 * Other schedulers, for comparison: providers answer in the order of the asks, all getters at once, and getters keep a
 * fixed number of requests at each provider, filled with the rarest chunk that fits.
 */

import type { Random } from '#potluck/core/random.js'
import { type Ask, type AskFailure, Downloads } from '#potluck/engine/downloads.js'
import type { Remote } from '#potluck/engine/remote.js'
import type { SwarmState } from '#potluck/engine/swarm-state.js'
import { type Reply, Uploads } from '#potluck/engine/uploads.js'
import type { PeerStatus } from '#potluck/protocols/availability/index.js'
import type { SimulatedSchedulerInit } from './scheduler.ts'

/** Requests at one provider; the peers of this project kept this many before they had a scheduler. */
const DEPTH = 16

/** A chunk to ask for from a provider, that is asked for nowhere else. */
type Pick = (state: SwarmState, provider: Remote, random: Random) => number | undefined

/** Each file directly from its owner, in order. */
export const pickOwn: Pick = (state, provider) => state.pick(provider.holdings, true)

/** The chunk that the fewest peers have, at random among equals. */
export const pickRarest: Pick = (state, { holdings }, random) => {
  let picked: number | undefined
  let fewest = Number.POSITIVE_INFINITY
  let equals = 0
  for (let chunk = 0; chunk < state.chunkCount; chunk++) {
    const copies = state.copies(chunk)
    const fits = copies <= fewest && holdings.has(chunk)
    if (fits && !state.holds(chunk) && !state.isRequested(chunk)) {
      equals = copies < fewest ? 1 : equals + 1
      fewest = copies
      picked = random() * equals < 1 ? chunk : picked
    }
  }
  return picked
}

/** The rest is as in the peers, and decides nothing here. */
export class BaselineDownloads extends Downloads {
  readonly #init: SimulatedSchedulerInit
  readonly #pick: Pick
  readonly #asked = new Map<Remote, number>()
  #inFlight = 0

  constructor(init: SimulatedSchedulerInit, pick: Pick) {
    super(init)
    this.#init = init
    this.#pick = pick
  }

  override get full(): boolean {
    return this.#inFlight >= this.#init.maxInFlight
  }

  override add(provider: Remote): void {
    this.#asked.set(provider, 0)
  }

  override remove(provider: Remote): void {
    this.#asked.delete(provider)
  }

  override plan(provider: Remote): Ask[] {
    const { state, random } = this.#init
    const asks: Ask[] = []
    let asked = this.#asked.get(provider) ?? DEPTH
    while (asked < DEPTH && !this.full && provider.holdings.wanted > 0) {
      const chunk = this.#pick(state, provider, random)
      if (chunk === undefined) {
        break
      }
      state.request(chunk)
      asks.push({ kind: 'chunk', provider, chunk })
      asked++
      this.#inFlight++
      this.#asked.set(provider, asked)
    }
    return asks
  }

  override arrived(ask: Ask): void {
    this.#answered(ask)
  }

  override settled(_ask: Ask, chunk: number, stored: boolean): boolean {
    const { state } = this.#init
    this.#inFlight--
    if (!stored) {
      state.release(chunk)
    }
    return stored && state.store(chunk)
  }

  override failed(ask: Ask, _reason: AskFailure): void {
    this.#answered(ask)
    if (ask.kind === 'chunk') {
      this.settled(ask, ask.chunk, false)
    }
  }

  #answered({ provider }: Ask): void {
    const asked = this.#asked.get(provider)
    if (asked !== undefined) {
      this.#asked.set(provider, asked - 1)
    }
  }
}

/** Announcements are recorded as in the peers, and nothing depends on them. */
export class BaselineUploads extends Uploads {
  /** By the ask's id. */
  readonly #waiting = new Map<number, { getter: Remote; chunk: number }>()

  override status(): PeerStatus {
    return { freshChunks: 0, takesRequests: true, copiesOwed: 0 }
  }

  override ask(getter: Remote, id: number, chunk: number | undefined): void {
    if (chunk !== undefined) {
      this.#waiting.set(id, { getter, chunk })
    }
  }

  override cancel(_getter: Remote, id: number): boolean {
    return this.#waiting.delete(id)
  }

  override waitingOf(getter: Remote): number {
    return [...this.#waiting.values()].filter((waiting) => waiting.getter === getter).length
  }

  /** The oldest first; the connections divide the uplink among them. */
  override next(): Reply | undefined {
    for (const [id, { getter, chunk }] of this.#waiting) {
      this.#waiting.delete(id)
      return { getter, id, chunk, waitedMs: 0 }
    }
    return undefined
  }

  override remove(getter: Remote): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.getter === getter) {
        this.#waiting.delete(id)
      }
    }
    super.remove(getter)
  }
}
