/** A peer's reports of its transfers to the coordinator, for display: only what has changed since the last one. */
import { heldBytesOf } from '../core/chunks.ts'
import { fromHex } from '../core/hex.ts'
import type { Content } from '../engine/swarm-state.ts'
import type { Waiting } from '../events/coordinator.ts'
import type { PeerEvent } from '../events/peer.ts'
import { TransferTally } from '../events/transfers.ts'
import { type Activity, MAX_CELLS, MAX_WAITING_FOR } from '../protocols/coordination/index.ts'

export class ActivityReport {
  readonly #tally = new TransferTally()
  /** By name of the sender, the last reported value. */
  #toldFlows = new Map<string, number>()
  #toldRest = ''

  /** Receives every event of the peer. */
  note(event: PeerEvent): void {
    this.#tally.note(event)
  }

  /** The next message; undefined when there is nothing to report. */
  next(changed: readonly Content[], waiting: Waiting | undefined): Activity | undefined {
    const { flows, ...counts } = this.#tally.transfers
    const news = flows.filter(({ from, receivedBytes }) => this.#toldFlows.get(from) !== receivedBytes)
    const rest = {
      ...counts,
      waiting: waiting?.reason ?? '',
      waitingFor: waiting?.remotes.slice(0, MAX_WAITING_FOR) ?? []
    }
    const shownRest = JSON.stringify(rest)
    if (news.length === 0 && changed.length === 0 && shownRest === this.#toldRest) {
      return undefined
    }
    this.#toldRest = shownRest
    for (const { from, receivedBytes } of news) {
      this.#toldFlows.set(from, receivedBytes)
    }
    const contents = changed.map((content) => ({
      root: fromHex(content.root),
      heldBytes: heldBytesOf(content, content.held),
      cells: content.held.shares(MAX_CELLS)
    }))
    return { flows: news, contents, ...rest }
  }

  /** The coordinator may be another one, so everything is reported again. */
  forget(): void {
    this.#toldFlows = new Map()
    this.#toldRest = ''
  }
}
