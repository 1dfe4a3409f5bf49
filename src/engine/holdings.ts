/** What one peer has announced that it has. Only `SwarmState` changes it. Pure. */
import { ChunkSet } from './chunk-set.ts'
import type { Content } from './swarm-state.ts'

export class Holdings {
  /** The peer's PeerId. */
  readonly id: string
  /** Of all contents. */
  readonly chunks = new ChunkSet()
  /** The contents that it announced, by their numbers; it announces a content once it knows the digests. */
  readonly contents = new ChunkSet()
  /** The contents that it does without, by their numbers; and how many of their chunks it lacks. */
  readonly declined = new ChunkSet()
  declinedLacking = 0
  /** How many of its chunks are wanted here and asked of no one. */
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

  /** Whether the peer announced what it has of the content, even if nothing. */
  hasToldOf({ number }: Content): boolean {
    return this.contents.has(number)
  }

  /**
   * Whether the peer accepts chunks of the content: it announced the content, so it has the digests, and it does not do
   * without it.
   */
  takes(content: Content): boolean {
    return this.hasToldOf(content) && !this.declined.has(content.number)
  }
}
