/** What a driver may set of an engine; experiments and tests do. Each default is a constant, with its reason. */
import { MAX_IN_FLIGHT_BYTES, MAX_IN_FLIGHT_CHUNKS, NEWS_BATCH_CHUNKS, NEWS_BATCH_MS } from './constants.ts'

export interface EngineOptions {
  /**
   * Chunks asked for and not yet stored, open slots included, over all providers. This is a hard limit, even if
   * providers are silent.
   */
  maxInFlight: number
  /** News waits for more until it has this many chunks, or for this long. */
  newsBatchChunks: number
  newsBatchMs: number
}

/** The given options, and the default of every other one. */
export function engineOptions(chunkByteLength: number, given: Partial<EngineOptions> = {}): EngineOptions {
  return {
    maxInFlight: Math.max(MAX_IN_FLIGHT_CHUNKS, Math.floor(MAX_IN_FLIGHT_BYTES / chunkByteLength)),
    newsBatchChunks: NEWS_BATCH_CHUNKS,
    newsBatchMs: NEWS_BATCH_MS,
    ...given
  }
}
