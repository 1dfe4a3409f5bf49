/** Which unreadable chunks are news to their owner: the first of each file, for each peer that asks. Pure. */
import type { PeerEvent } from '../events/peer.ts'

/** How many pairs of a file and a peer are remembered. No one reads more lines of that kind. */
const MAX_TOLD = 100

export class UnreadableFiles {
  readonly #told = new Set<string>()

  /** Whether to tell the owner of a file now that it cannot be sent. */
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
