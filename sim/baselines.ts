/**
 * What other programs do, to compare with: providers answer in the order in which they are asked, all getters at once,
 * and getters keep a fixed number of requests at each provider, filled with the rarest chunk that fits.
 */

import type { Random } from '#potluck/core/random.js'
import type { Ask, AskFailure } from '#potluck/engine/downloads.js'
import type { Remote } from '#potluck/engine/remote.js'
import type { SwarmState } from '#potluck/engine/swarm-state.js'
import type { Reply } from '#potluck/engine/uploads.js'
import type { PeerStatus } from '#potluck/protocols/availability/index.js'

/** Requests at one provider: what the peers of this project kept before they had a scheduler. */
const DEPTH = 16

/** A chunk to ask of a provider that is asked of nobody. */
type Pick = (state: SwarmState, provider: Remote, random: Random) => number | undefined

/** Each file straight from its owner, in order. */
export const pickOwn: Pick = (state, provider) => state.pick(provider.holdings, true)

/** The chunk that the fewest hold, at random among equals. */
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

interface BaselineInit {
  state: SwarmState
  random: Random
  maxInFlight: number
}

export class BaselineDownloads {
  readonly #state: SwarmState
  readonly #maxInFlight: number
  readonly #random: Random
  readonly #pick: Pick
  readonly #asked = new Map<Remote, number>()
  #inFlight = 0

  constructor({ state, maxInFlight, random }: BaselineInit, pick: Pick) {
    this.#state = state
    this.#maxInFlight = maxInFlight
    this.#random = random
    this.#pick = pick
  }

  get full(): boolean {
    return this.#inFlight >= this.#maxInFlight
  }

  add(provider: Remote): void {
    this.#asked.set(provider, 0)
  }

  remove(provider: Remote): void {
    this.#asked.delete(provider)
  }

  /** Nothing is ever in its way. */
  readonly obstructing: Remote[] = []
  readonly waitsForDisk = false

  limit(): void {
    // Nothing is limited.
  }

  setStatus(): void {
    // Nothing is planned by it.
  }

  onToldAgain(): void {
    // Nothing is planned by it.
  }

  plan(provider: Remote): Ask[] {
    const asks: Ask[] = []
    let asked = this.#asked.get(provider) ?? DEPTH
    while (asked < DEPTH && !this.full && provider.holdings.wanted > 0) {
      const chunk = this.#pick(this.#state, provider, this.#random)
      if (chunk === undefined) {
        break
      }
      this.#state.request(chunk)
      asks.push({ kind: 'chunk', provider, chunk })
      asked++
      this.#inFlight++
      this.#asked.set(provider, asked)
    }
    return asks
  }

  onFirstByte(): void {
    // Nothing is planned by it.
  }

  arrived(ask: Ask): void {
    this.#answered(ask)
  }

  settled(_ask: Ask, chunk: number, stored: boolean): boolean {
    this.#inFlight--
    if (!stored) {
      this.#state.release(chunk)
    }
    return stored && this.#state.store(chunk)
  }

  failed(ask: Ask, _reason: AskFailure): void {
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

export class BaselineUploads {
  /** By the ask's id. */
  readonly #waiting = new Map<number, { getter: Remote; chunk: number }>()

  status(): PeerStatus {
    return { freshChunks: 0, takesRequests: true, copiesOwed: 0 }
  }

  ask(getter: Remote, id: number, chunk: number | undefined): void {
    if (chunk !== undefined) {
      this.#waiting.set(id, { getter, chunk })
    }
  }

  cancel(_getter: Remote, id: number): boolean {
    return this.#waiting.delete(id)
  }

  /** What came first; the connections divide the uplink among them. */
  next(): Reply | undefined {
    for (const [id, { getter, chunk }] of this.#waiting) {
      this.#waiting.delete(id)
      return { getter, id, chunk, waitedMs: 0 }
    }
    return undefined
  }

  remove(getter: Remote): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.getter === getter) {
        this.#waiting.delete(id)
      }
    }
  }

  add(): void {
    // All are alike.
  }

  setStatus(): void {
    // Nothing is chosen by it.
  }

  awaitGetters(): void {
    // Whoever asks first is served first.
  }

  onUplinkSeen(): void {
    // Nothing is planned by it.
  }

  limit(): void {
    // Nothing is limited.
  }

  waitingOf(getter: Remote): number {
    return [...this.#waiting.values()].filter((waiting) => waiting.getter === getter).length
  }

  unreadable(): void {
    // It is answered.
  }

  refresh(): void {
    // Nothing is remembered of who holds what.
  }

  onHoldings(): void {
    // Nor is it here.
  }

  onHave(): void {
    // Nothing waits for it.
  }

  onFirstCopy(): void {
    // Nobody counts on it.
  }

  onTaken(): void {
    // All is handed over at once.
  }

  expire(): void {
    // Nothing is remembered of what was sent.
  }
}
