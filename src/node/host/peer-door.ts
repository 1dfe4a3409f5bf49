/** A peer's door: open to the members of the roster, and to nobody else. */
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '@libp2p/interface'
import type { Door } from '../../protocols/admission/index.ts'

/**
 * How long a connection waits for the roster before it is refused: a member that got it a moment earlier dials at once,
 * and would have to dial again. More than a message of the coordinator is under way on most paths; libp2p holds no more
 * than a few hundred connections that wait.
 */
const ROSTER_PATIENCE_MS = 2000

export class PeerDoor implements Door {
  #members: ReadonlySet<string> | undefined
  /** Aborts when nothing is to be waited for any more: the roster is here, or the peer stops. */
  readonly #known = new AbortController()

  constructor() {
    // Each connection that waits listens to it.
    setMaxListeners(0, this.#known.signal)
  }

  /** The roster, each time that it comes. */
  setMembers(peerIds: Iterable<string>): void {
    this.#members = new Set(peerIds)
    this.#known.abort()
  }

  /** Lets nobody in from now on. */
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
