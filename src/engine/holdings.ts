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

  /** Whether the peer can take chunks of the content: it told what it holds of it, if only nothing, so it has the digests. */
  knows(content: Content): boolean {
    return this.contents.has(content.number)
  }
}
