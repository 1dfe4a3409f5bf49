/**
 * What a peer may still expect of the others: which of them have everything, whether any can send what is missing, and
 * the error that says so when none can.
 */

import type { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import type { Content, SwarmState } from '../engine/swarm-state.ts'
import type { Member } from '../protocols/coordination/index.ts'
import type { Catalog } from './catalog.ts'
import type { Situation } from './endings.ts'
import type { Exchange } from './exchange/exchange.ts'
import { incompleteError } from './incomplete.ts'
import type { Mesh } from './mesh/mesh.ts'

export interface OutlookInit {
  /** This peer's own. */
  peerId: string
  /** As in the roster, including this peer. */
  members: ReadonlyMap<string, Member>
  mesh: Mesh
  state: SwarmState
  catalog: Catalog
  exchange: Exchange
}

export class Outlook {
  readonly #init: OutlookInit
  /**
   * Peers that were seen to have everything that they want, or all of it that this peer can give them; they stay so
   * when they leave.
   */
  readonly #seenComplete = new Set<string>()
  /** Those of them that were seen to have everything there is, or everything that is here. */
  readonly #seenWhole = new Set<string>()
  constructor(init: OutlookInit) {
    this.#init = init
  }

  /**
   * To be called once the catalog is known, while the peer's holdings are known.
   *
   * @param isDone whether nothing more is expected here: without a coordinator, peers that gave up files do not wait
   * for one another to have them
   */
  noteComplete(peerId: string, isDone: boolean): void {
    const { state, exchange } = this.#init
    const holdings = exchange.engine.remote(peerId)?.holdings
    const isDoneThere = exchange.engine.isDoneAt(peerId)
    if (holdings !== undefined && (state.isComplete(holdings) || (isDone && state.holdsAllHere(holdings)))) {
      this.#seenWhole.add(peerId)
    }
    // A peer whose user is still being asked what it wants does without everything until then, and is not done.
    const isSettled =
      holdings !== undefined &&
      ((isDoneThere && state.lackedBy(holdings) === 0) || (isDone && state.holdsAllHere(holdings, true)))
    if (isSettled || this.#seenWhole.has(peerId)) {
      this.#seenComplete.add(peerId)
    }
  }

  /** The catalog has grown: nobody was seen to have everything of it. */
  onGrowth(): void {
    this.#seenComplete.clear()
    this.#seenWhole.clear()
  }

  /** The present situation, as far as the others matter. */
  get situation(): Omit<Situation, 'doneAlone'> {
    const { exchange, mesh, state } = this.#init
    const { stillMs, quietMs } = exchange.engine
    const unfinished = this.#others
      .filter(({ peerId, leftOut }) => leftOut !== true && !this.#seenComplete.has(peerId))
      .map(({ name, peerId }) => ({
        name,
        connected: mesh.isConnected(peerId),
        met: mesh.hasMet(peerId),
        done: exchange.engine.isDoneAt(peerId)
      }))
    const stuck = state.missingChunks > 0 && !state.canProgress
    return {
      stuck,
      hopeless: stuck && this.#isHopeless,
      stillMs,
      quietMs,
      unfinished,
      relieved: this.#seenWhole.size > 0
    }
  }

  /** @param isSilent whether it has a source, which sends nothing */
  incompleteError(isSilent: boolean): PotluckError {
    const { catalog, exchange, mesh, state } = this.#init
    const { banned, engine } = exchange
    const missing = [...state.missing()].map(({ root, chunkCount }) => ({
      file: printable(catalog.fileOf(root)),
      chunkCount,
      allChunkCount: catalog.chunkCountOf(root),
      origin: catalog.originOf(root),
      unreadableAt: this.#unreadableAt(root)
    }))
    const apart = mesh.apart.map(({ name }) => name)
    const silentNames = isSilent ? state.holdersOfMissing().map((peerId) => this.#nameOf(peerId)) : []
    const silent = isSilent ? { silent: { names: silentNames, stillMs: engine.stillMs } } : {}
    return incompleteError({ missing, apart, banned, relayed: mesh.relays, ...silent })
  }

  get #others(): Member[] {
    return [...this.#init.members.values()].filter(({ peerId }) => peerId !== this.#init.peerId)
  }

  /**
   * Whether what is missing was lost where it was shared, all members are connected and have announced that they do not
   * have it, and they have everything that this peer could give them.
   */
  get #isHopeless(): boolean {
    const { exchange, mesh, state } = this.#init
    const roots = [...state.missing()].map(({ root }) => root)
    const contents = roots.map((root) => state.candidates(root))
    return (
      roots.every((root) => this.#unreadableAt(root).length > 0) &&
      this.#others.every(({ peerId }) => {
        const holdings = exchange.engine.remote(peerId)?.holdings
        const hasTold = (content: Content): boolean => holdings?.hasToldOf(content) === true
        return (
          mesh.isConnected(peerId) &&
          (holdings?.count ?? 0) + (holdings?.declinedLacking ?? 0) >= state.heldChunks &&
          contents.every((candidates) => candidates.some(hasTold))
        )
      })
    )
  }

  /** By name, the origins of a content that can no longer read it. */
  #unreadableAt(root: string): string[] {
    const { catalog, exchange } = this.#init
    return exchange.engine
      .unreadableAt(root)
      .filter((peerId) => catalog.isOriginId(root, peerId))
      .map((peerId) => this.#nameOf(peerId))
  }

  #nameOf(peerId: string): string {
    return this.#init.members.get(peerId)?.name ?? peerId
  }
}
