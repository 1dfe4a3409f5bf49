/** A peer's door: open only to the members of the roster. */
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import type { Door } from '../../protocols/admission/index.ts'

/**
 * How long a connection waits for the roster before it is refused: a member that got the roster a moment earlier dials
 * at once, and would have to dial again. It is longer than a message of the coordinator takes on most paths; libp2p
 * allows no more than a few hundred waiting connections.
 */
const ROSTER_PATIENCE_MS = 2000

export class PeerDoor implements Door {
  #members: ReadonlySet<string> | undefined
  /** Aborts when the wait is over: the roster is here, or the peer stops. */
  readonly #known = new AbortController()

  constructor() {
    // Each waiting connection listens to it.
    setMaxListeners(0, this.#known.signal)
  }

  /** To be called with each new roster. */
  setMembers(peerIds: Iterable<string>): void {
    this.#members = new Set(peerIds)
    this.#known.abort()
  }

  /** Lets no one in from now on. */
  close(): void {
    this.setMembers([])
  }

  async letsIn(peerId: string): Promise<boolean> {
    if (this.#members === undefined) {
      const { signal } = this.#known
      await sleep(ROSTER_PATIENCE_MS, undefined, { signal }).catch(() => undefined)
    }
    return this.#isMember(peerId)
  }

  admits({ remotePeer }: Connection): boolean {
    return this.#isMember(remotePeer.toString())
  }

  #isMember(peerId: string): boolean {
    return this.#members?.has(peerId) === true
  }
}
