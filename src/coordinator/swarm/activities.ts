/**
 * What the peers report of their transfers, for display. All of it is the peers' claim: it is reduced to what is
 * possible, and only views depend on it. Pure.
 */

import { toHex } from '../../core/hex.ts'
import type {
  ContentHeld,
  PeerActivity,
  Transfers,
  Waiting,
  WaitingReason
} from '../../events/coordinator.ts'
import type { ChunkFailure } from '../../events/peer.ts'
import { addTransfers } from '../../events/transfers.ts'
import { type Activity, MAX_CELLS } from '../../protocols/coordination/index.ts'
import { believedCount, believedFlow } from './claims.ts'
import type { Roster } from './roster.ts'

interface KnownActivity {
  /** The counts of the peer's earlier starts. */
  earlier: Transfers | undefined
  current: Transfers
  waiting: Waiting | undefined
  /** What has changed since `takeNews`, by root. */
  contents: Map<string, ContentHeld>
}

const WAITING_REASONS: readonly WaitingReason[] = ['disk-full', 'no-source', 'checking', 'asking']

const FAILURES: readonly ChunkFailure[] = [
  'not-held',
  'unreadable',
  'busy',
  'none-fresh',
  'cancelled',
  'corrupt',
  'stream-closed',
  'disk-full',
  'disk-failed'
]

export class Activities {
  readonly #activities = new Map<string, KnownActivity>()
  readonly #news = new Set<string>()

  /**
   * Receives a message.
   *
   * @param swarm bounds the names and numbers in the message
   */
  take(name: string, message: Activity, swarm: Pick<Roster, 'hasName' | 'byteLengthOf' | 'size'>): void {
    const last = this.#activities.get(name)
    const isRestarted = last !== undefined && message.chunks < last.current.chunks
    const earlier = isRestarted ? plus(last.earlier, last.current) : last?.earlier
    const flows = new Map(
      isRestarted ? [] : last?.current.flows.map(({ from, receivedBytes }) => [from, receivedBytes])
    )
    for (const { from, receivedBytes } of message.flows) {
      if (swarm.hasName(from)) {
        flows.set(from, believedFlow(receivedBytes, swarm.size))
      }
    }
    const contents = last?.contents ?? new Map<string, ContentHeld>()
    for (const content of message.contents) {
      const root = toHex(content.root)
      const byteLength = swarm.byteLengthOf(root)
      if (byteLength !== undefined && content.cells.byteLength <= MAX_CELLS) {
        const heldBytes = Math.min(content.heldBytes, byteLength)
        contents.set(root, { root, heldBytes, cells: [...content.cells] })
      }
    }
    const current: Transfers = {
      flows: [...flows].map(([from, receivedBytes]) => ({ from, receivedBytes })),
      chunks: believedCount(message.chunks),
      chunkTimes: message.chunkTimes,
      duplicates: believedCount(message.duplicates),
      failures: message.failures.flatMap(({ reason, count }) => {
        const known = FAILURES.find((failure) => failure === reason)
        return known === undefined ? [] : [{ reason: known, count: believedCount(count) }]
      }),
      stalls: believedCount(message.stalls),
      disconnections: believedCount(message.disconnections)
    }
    const reason = WAITING_REASONS.find((known) => known === message.waiting)
    const waiting = reason && { reason, remotes: message.waitingFor.filter((other) => swarm.hasName(other)) }
    this.#activities.set(name, { earlier, current, waiting, contents })
    this.#news.add(name)
  }

  /** What a peer says that it waits for. */
  waitingOf(name: string): WaitingReason | undefined {
    return this.#activities.get(name)?.waiting?.reason
  }

  /** For each peer that has reported something since the last call. */
  takeNews(): PeerActivity[] {
    const peers = [...this.#news].flatMap((name) => {
      const activity = this.#activities.get(name)
      if (activity === undefined) {
        return []
      }
      const contents = [...activity.contents.values()]
      activity.contents.clear()
      const waiting = activity.waiting === undefined ? {} : { waiting: activity.waiting }
      return [{ name, transfers: plus(activity.earlier, activity.current), contents, ...waiting }]
    })
    this.#news.clear()
    return peers
  }

  /** For each peer that has reported something. */
  get transfers(): Array<Transfers & { name: string }> {
    return [...this.#activities].map(([name, { earlier, current }]) => ({ name, ...plus(earlier, current) }))
  }
}

function plus(a: Transfers | undefined, b: Transfers): Transfers {
  return a === undefined ? b : addTransfers(a, b)
}
