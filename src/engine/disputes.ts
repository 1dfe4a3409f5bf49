/**
 * Contents that members describe with different lengths: which description to try next, and with which provider. Only
 * the true one can be proven, by the digests and the last chunk. An attempt that fails proves nothing, because a
 * provider may lie as well. Pure.
 */
import { RETRY_AFTER_MS } from './constants.ts'
import type { Content } from './swarm-state.ts'

/** A provider is asked again for what it failed to prove, after a time that doubles up to this one. */
const MAX_PAUSE_MS = 32 * RETRY_AFTER_MS

interface Tries {
  count: number
  /** No further attempt before this time. */
  untilMs: number
}

/** The descriptions that one provider failed to prove. */
export class Disputes {
  /** By the content's key. */
  readonly #tries = new Map<string, Tries>()

  /**
   * Whether to try a description with the provider now: the one, of all that the provider could prove, that failed
   * least often. Call it while no description of the root is being tried.
   *
   * @param provable the descriptions of the root that the provider could prove, including this one
   */
  mayTry(content: Content, provable: readonly Content[], nowMs: number): boolean {
    const { count, untilMs } = this.#triesOf(content)
    return nowMs >= untilMs && provable.every((one) => count <= this.#triesOf(one).count)
  }

  /** The provider did not prove the description. */
  onUnproven(content: Content, nowMs: number): void {
    const { count } = this.#triesOf(content)
    const pauseMs = Math.min(MAX_PAUSE_MS, RETRY_AFTER_MS * 2 ** count)
    this.#tries.set(content.key, { count: count + 1, untilMs: nowMs + pauseMs })
  }

  #triesOf({ key }: Content): Tries {
    return this.#tries.get(key) ?? { count: 0, untilMs: Number.NEGATIVE_INFINITY }
  }
}
