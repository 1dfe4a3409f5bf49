/**
 * The chunks of which this peer, their only origin, has not yet given a first copy to any peer that accepts it, in the
 * order of their numbers.
 */
import { ChunkSet } from './chunk-set.ts'
import type { Content, SwarmState } from './swarm-state.ts'

/** How many contents are searched for one that a getter can accept; later ones have their turn once these are given. */
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
  /** Chunks that cannot be read here any more: no one gets them unasked. */
  readonly #spoilt = new ChunkSet()

  constructor(state: SwarmState, self: string) {
    this.#state = state
    this.#self = self
  }

  get count(): number {
    return this.#chunks.count
  }

  /**
   * Determines again which chunks of all contents, or of these, no one else has, except those under way.
   *
   * @param isTaken whether any peer accepts a content; if none does, none of its chunks is fresh
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

  /** No one else has a chunk any more, if it is one of ours and still readable. */
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

  /**
   * Peers that accept what others do without may not be ready for a long time: all other contents have their turn
   * before.
   */
  #moveBack(contents: readonly FreshContent[]): void {
    for (const fresh of contents) {
      this.#contents.delete(fresh.content)
      this.#contents.set(fresh.content, fresh)
    }
  }
}
