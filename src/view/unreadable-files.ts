/** Which chunks that cannot be read any more are news to their owner: the first of each file, for each peer that asks. Pure. */
import type { PeerEvent } from '../events/peer.ts'

/** Pairs of a file and a peer that are remembered. Nobody reads more lines of that kind. */
const MAX_TOLD = 100

export class UnreadableFiles {
  readonly #told = new Set<string>()

  /** Whether the owner of a file is to be told now that it cannot be sent. */
  isNews(event: PeerEvent): boolean {
    if (event.event !== 'chunk-unreadable' || this.#told.size >= MAX_TOLD) {
      return false
    }
    const pair = `${event.file} ${event.to}`
    const isNew = !this.#told.has(pair)
    this.#told.add(pair)
    return isNew
  }
}
