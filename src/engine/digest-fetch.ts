/**
 * How this peer gets the digests of contents that need them: which remotes it asks, and which description of a disputed
 * content it tries. Pure.
 */
import { FAULT_WEIGHT } from './constants.ts'
import { DigestAsks } from './digest-asks.ts'
import type { Outbox } from './outbox.ts'
import type { Remote } from './remote.ts'
import type { Standing } from './standing.ts'
import type { Content, SwarmState } from './swarm-state.ts'

/** `unknown`: they did not arrive. `own`: this peer could not accept them. */
export type DigestsOutcome = 'true' | 'false' | 'unknown' | 'own'

export class DigestFetch {
  readonly #state: SwarmState
  readonly #outbox: Pick<Outbox, 'askDigests'>
  readonly #asks: DigestAsks

  constructor(state: SwarmState, outbox: Pick<Outbox, 'askDigests'>) {
    this.#state = state
    this.#outbox = outbox
    this.#asks = new DigestAsks(state)
  }

  /** Asks the remote for as many as it has room for. */
  ask(remote: Remote, nowMs: number): void {
    const mayTry = (content: Content): boolean => this.#mayTry(remote, content, nowMs)
    for (const content of this.#asks.plan(remote, nowMs, mayTry)) {
      if (isDisputed(content) && content.chunkCount === 1) {
        // A single chunk is its own proof.
        this.#state.open(content.key)
        this.#asks.settled(remote, content)
      } else {
        this.#outbox.askDigests(remote.id, content)
      }
    }
  }

  /** The remote is disconnected: others are asked for what it owes. */
  remove(remote: Remote): void {
    this.#asks.remove(remote)
  }

  /**
   * The result of asking for the digests of a content.
   *
   * @param remote undefined when it is disconnected
   */
  settled(
    remote: Remote | undefined,
    { asProvider, disputes }: Standing,
    content: Content,
    outcome: DigestsOutcome,
    nowMs: number
  ): void {
    if (remote !== undefined) {
      this.#asks.settled(remote, content)
    }
    if (outcome === 'true') {
      this.#state.open(content.key)
    } else if (isDisputed(content)) {
      // If a content does not have the described length, no one can have its digests.
      disputes.onUnproven(content, nowMs)
    } else if (outcome !== 'own') {
      asProvider.strain(FAULT_WEIGHT, nowMs)
    }
  }

  /** A chunk did not arrive, or was corrupt. If it was to prove a description, another description gets its turn. */
  onUnproven({ disputes }: Standing, chunk: number, nowMs: number): void {
    const content = this.#state.contentOf(chunk)
    if (isDisputed(content)) {
      disputes.onUnproven(content, nowMs)
      this.#state.close(content.key)
    }
  }

  /** Whether the description of a disputed content may be tried with the remote now. */
  #mayTry({ holdings, standing }: Remote, content: Content, nowMs: number): boolean {
    const candidates = this.#state.candidates(content.root)
    for (const { key, open, firstChunk, chunkCount } of candidates) {
      const last = firstChunk + chunkCount - 1
      if (open && !this.#state.isRequested(last) && this.#state.copies(last) === 0) {
        // The provider that was to prove it is disconnected.
        this.#state.close(key)
      }
    }
    const isTried = candidates.some(({ open }) => open)
    const provable = candidates.filter((one) => holdings.countOf(one) > 0)
    return !isTried && standing.disputes.mayTry(content, provable, nowMs)
  }
}

/** Whether members contradict one another about its length. */
export function isDisputed({ key, root }: Content): boolean {
  return key !== root
}
