/**
 * The picker: which chunk to ask of a provider that has room for one more request.
 *
 * Rarest first, at random among equals: it keeps the peers' collections different, so that each has something that
 * the others lack. Pure; the randomness is in the order that the state keeps.
 */
import type { ChunkRef, SwarmState } from './swarm-state.ts'

/** The rarest chunk that the provider holds, that is missing here and asked of nobody; undefined when there is none. */
export function pickChunk(state: SwarmState, provider: string): ChunkRef | undefined {
  for (const chunk of state.wanted()) {
    if (state.remoteHolds(provider, chunk.root, chunk.chunkIndex)) {
      return chunk
    }
  }
  return undefined
}
