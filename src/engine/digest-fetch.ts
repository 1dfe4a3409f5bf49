/**
 * How this peer comes by the digests of contents that it cannot ask for without: of whom it asks them, and which
 * description of a disputed content it tries. Pure.
 */
import { DigestAsks, type Trust } from './digest-asks.ts'
import { Disputes } from './disputes.ts'
import type { Outbox } from './outbox.ts'
import type { Remote } from './remote.ts'
import type { Content, SwarmState } from './swarm-state.ts'

/** `unknown`: they did not come. `own`: this peer could not take them. */
export type DigestsOutcome = 'true' | 'false' | 'unknown' | 'own'

export class DigestFetch {
  readonly #state: SwarmState
  readonly #outbox: Pick<Outbox, 'askDigests'>
  readonly #asks: DigestAsks
  readonly #disputes = new Disputes()

  constructor(state: SwarmState, trust: Trust, outbox: Pick<Outbox, 'askDigests'>) {
    this.#state = state
    this.#outbox = outbox
    this.#asks = new DigestAsks(state, trust)
  }

  /** Asks the remote for as many as it has room for. */
  ask(remote: Remote, nowMs: number): void {
    const mayTry = (content: Content): boolean => this.#mayTry(remote.id, content, nowMs)
    for (const content of this.#asks.plan(remote.id, nowMs, mayTry)) {
      if (isDisputed(content) && content.chunkCount === 1) {
        // A single chunk is its own proof.
        this.#state.open(content.key)
        this.#asks.settled(remote.id, content.root, false, nowMs)
      } else {
        remote.askedDigests(content, nowMs)
        this.#outbox.askDigests(remote.id, content)
      }
    }
  }

  /** Some digests came, of however many. */
  onReply(id: string, nowMs: number): void {
    this.#asks.onReply(id, nowMs)
  }

  /** What came of asking for the digests of a content. */
  settled(id: string, content: Content, outcome: DigestsOutcome, nowMs: number): void {
    if (outcome === 'true') {
      this.#state.open(content.key)
    } else if (isDisputed(content)) {
      // Of a content that is not as long as it is said to be, nobody can have the digests.
      this.#disputes.onUnproven(id, content, nowMs)
    }
    const isFault = !isDisputed(content) && (outcome === 'false' || outcome === 'unknown')
    this.#asks.settled(id, content.root, isFault, nowMs)
  }

  /** A chunk did not come, or was false: where it was to prove a description, another one has its turn. */
  onUnproven(id: string, chunk: number, nowMs: number): void {
    const content = this.#state.contentOf(chunk)
    if (isDisputed(content)) {
      this.#disputes.onUnproven(id, content, nowMs)
      this.#state.close(content.key)
    }
  }

  /** Whether the description of a disputed content may be tried with the remote now. */
  #mayTry(id: string, content: Content, nowMs: number): boolean {
    const candidates = this.#state.candidates(content.root)
    for (const { key, open, firstChunk, chunkCount } of candidates) {
      const last = firstChunk + chunkCount - 1
      if (open && !this.#state.isRequested(last) && this.#state.copies(last) === 0) {
        // The provider that was to prove it is gone.
        this.#state.close(key)
      }
    }
    const isTried = candidates.some(({ open }) => open)
    const provable = candidates.filter((one) => this.#state.remoteCount(id, one) > 0)
    return !isTried && this.#disputes.mayTry(id, content, provable, nowMs)
  }
}

/** Whether members contradict one another about its length. */
export function isDisputed({ key, root }: Content): boolean {
  return key !== root
}
