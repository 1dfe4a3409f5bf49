/**
 * The chunks of which this peer, their only origin, has yet to give a first copy to any that takes it; in the order of their
 * numbers.
 */
import { ChunkSet } from './chunk-set.ts'
import type { Content, SwarmState } from './swarm-state.ts'

/** Contents that are looked at for one that a getter can take; those further on have their turn once these are given. */
export const MAX_CONTENTS_TRIED = 64

interface FreshContent {
  content: Content
  /** No chunk before it is fresh. */
  cursor: number
  count: number
}

export class FreshChunks {
  readonly #state: SwarmState
  readonly #self: string
  readonly #chunks = new ChunkSet()
  /** Those with something fresh, in the order they were added. */
  readonly #contents = new Map<Content, FreshContent>()
  /** Chunks that cannot be read here any more: nobody is to be given them unasked. */
  readonly #spoilt = new ChunkSet()

  constructor(state: SwarmState, self: string) {
    this.#state = state
    this.#self = self
  }

  get count(): number {
    return this.#chunks.count
  }

  /**
   * Looks anew which chunks of all contents, or of these, nobody else holds, leaving out those under way.
   *
   * @param isTaken whether anybody takes a content; of one that nobody takes nothing is fresh
   */
  refresh(
    isUnderWay: (chunk: number) => boolean,
    contents: Iterable<Content> = this.#state.contents(),
    isTaken: (content: Content) => boolean = () => true
  ): void {
    for (const content of contents) {
      const isOurs = content.origin === this.#self
      const taken = isOurs && isTaken(content)
      for (let index = 0; isOurs && index < content.chunkCount; index++) {
        const chunk = content.firstChunk + index
        if (!taken || this.#state.copies(chunk) > 0 || isUnderWay(chunk)) {
          this.delete(chunk)
        } else {
          this.add(chunk)
        }
      }
    }
  }

  /** A chunk is nobody else's again, if it is one of ours and was not spoilt. */
  add(chunk: number): void {
    const content = this.#state.contentOf(chunk)
    const ours = content.origin === this.#self && this.#state.holds(chunk) && !this.#spoilt.has(chunk)
    if (ours && this.#chunks.add(chunk)) {
      const fresh = this.#contents.get(content) ?? { content, cursor: chunk, count: 0 }
      fresh.cursor = Math.min(fresh.cursor, chunk)
      fresh.count++
      this.#contents.set(content, fresh)
    }
  }

  /** @returns whether it was fresh */
  delete(chunk: number): boolean {
    if (!this.#chunks.delete(chunk)) {
      return false
    }
    const content = this.#state.contentOf(chunk)
    const fresh = this.#contents.get(content)
    if (fresh !== undefined) {
      fresh.count--
      if (fresh.count === 0) {
        this.#contents.delete(content)
      }
    }
    return true
  }

  /** The chunk cannot be read. */
  spoil(chunk: number): void {
    this.#spoilt.add(chunk)
    this.delete(chunk)
  }

  /** The first chunk of the first content that fits. */
  first(fits: (content: Content) => boolean): number | undefined {
    let tried = 0
    const declined: FreshContent[] = []
    for (const fresh of this.#contents.values()) {
      if (tried === MAX_CONTENTS_TRIED) {
        this.#moveBack(declined)
        return undefined
      }
      tried++
      if (fits(fresh.content)) {
        while (!this.#chunks.has(fresh.cursor)) {
          fresh.cursor++
        }
        return fresh.cursor
      }
      if (fresh.content.declinedBy > 0) {
        declined.push(fresh)
      }
    }
    return undefined
  }

  /** What some do without, those who take it may not be ready for in a long time: all others have their turn before. */
  #moveBack(contents: readonly FreshContent[]): void {
    for (const fresh of contents) {
      this.#contents.delete(fresh.content)
      this.#contents.set(fresh.content, fresh)
    }
  }
}
