/** What one peer told that it holds. `SwarmState` alone changes it. Pure. */
import { ChunkSet } from './chunk-set.ts'
import type { Content } from './swarm-state.ts'

export class Holdings {
  /** The peer's PeerId. */
  readonly id: string
  /** Of all contents. */
  readonly chunks = new ChunkSet()
  /** The contents it told of, by their numbers; a content is told of once its digests are known there. */
  readonly contents = new ChunkSet()
  /** The contents that it told it does without, by their numbers; and how many of their chunks it does not hold. */
  readonly declined = new ChunkSet()
  declinedLacking = 0
  /** How many of its chunks are wanted here and asked of nobody. */
  wanted = 0

  constructor(id: string) {
    this.id = id
  }

  get count(): number {
    return this.chunks.count
  }

  has(chunk: number): boolean {
    return this.chunks.has(chunk)
  }

  /** How many chunks of a content. */
  countOf({ firstChunk, chunkCount }: Content): number {
    return this.chunks.countIn(firstChunk, firstChunk + chunkCount)
  }

  /** Whether the peer told what it holds of the content, if only nothing. */
  hasToldOf({ number }: Content): boolean {
    return this.contents.has(number)
  }

  /** Whether the peer takes chunks of the content: it told of it, so it has the digests, and it does not do without it. */
  takes(content: Content): boolean {
    return this.hasToldOf(content) && !this.declined.has(content.number)
  }
}
