/** The sum of a peer's transfers: who sent it how much, how long chunks took, and what went wrong. */
import { countChunkTime } from '../core/chunk-times.ts'
import type { Transfers } from './coordinator.ts'
import type { ChunkFailure, PeerEvent } from './peer.ts'

export const NO_TRANSFERS: Transfers = {
  flows: [],
  chunks: 0,
  chunkTimes: [],
  duplicates: 0,
  failures: [],
  stalls: 0,
  disconnections: 0
}

/** Counts a peer's events. */
export class TransferTally {
  readonly #flows = new Map<string, number>()
  readonly #failures = new Map<ChunkFailure, number>()
  readonly #chunkTimes: number[] = []
  #chunks = 0
  #duplicates = 0
  #stalls = 0
  #disconnections = 0

  note(event: PeerEvent): void {
    switch (event.event) {
      case 'chunk-stored':
        this.#chunks++
        this.#duplicates += event.again === true ? 1 : 0
        this.#flows.set(event.from, (this.#flows.get(event.from) ?? 0) + event.byteLength)
        countChunkTime(this.#chunkTimes, event.elapsedMs)
        break
      case 'chunk-failed':
        this.#failures.set(event.reason, (this.#failures.get(event.reason) ?? 0) + 1)
        break
      case 'peer-stalled':
        this.#stalls++
        break
      case 'peer-disconnected':
        this.#disconnections++
        break
    }
  }

  get transfers(): Transfers {
    return {
      flows: [...this.#flows].map(([from, receivedBytes]) => ({ from, receivedBytes })),
      chunks: this.#chunks,
      chunkTimes: [...this.#chunkTimes],
      duplicates: this.#duplicates,
      failures: [...this.#failures].map(([reason, count]) => ({ reason, count })),
      stalls: this.#stalls,
      disconnections: this.#disconnections
    }
  }
}

/** Both together, as when a peer was started again and counts from zero. */
export function addTransfers(a: Transfers, b: Transfers): Transfers {
  const flows = summed([...a.flows, ...b.flows].map(({ from, receivedBytes }) => [from, receivedBytes]))
  const failures = summed([...a.failures, ...b.failures].map(({ reason, count }) => [reason, count]))
  const classes = Math.max(a.chunkTimes.length, b.chunkTimes.length)
  return {
    flows: [...flows].map(([from, receivedBytes]) => ({ from, receivedBytes })),
    chunks: a.chunks + b.chunks,
    chunkTimes: Array.from({ length: classes }, (_, i) => (a.chunkTimes[i] ?? 0) + (b.chunkTimes[i] ?? 0)),
    duplicates: a.duplicates + b.duplicates,
    failures: [...failures].map(([reason, count]) => ({ reason, count })),
    stalls: a.stalls + b.stalls,
    disconnections: a.disconnections + b.disconnections
  }
}

/** The sum of the values of each key. */
export function summed<Key>(entries: ReadonlyArray<readonly [Key, number]>): Map<Key, number> {
  const sums = new Map<Key, number>()
  for (const [key, value] of entries) {
    sums.set(key, (sums.get(key) ?? 0) + value)
  }
  return sums
}
