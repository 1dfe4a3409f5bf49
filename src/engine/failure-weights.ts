/**
 * How much a failed ask counts against the provider: nothing if an honest one must answer like that, little if it may
 * do so now and then, much if it never does. Pure.
 */
import { ChunkSet } from './chunk-set.ts'
import { FAULT_WEIGHT, RECLAIMED_WEIGHT, REFUSAL_WEIGHT, TAKEN_BACK_WEIGHT } from './constants.ts'
import type { Ask, AskFailure } from './downloads.ts'

export interface Circumstances {
  /** The getter had taken the ask back. */
  isTakenBack: boolean
  /** The provider had announced the same since the ask was made: one refusal for all asks that were under way. */
  isKnown: boolean
  /** Over all contents: no provider can be wrong about more. */
  chunkCount: number
}

/**
 * What one provider said that it has and does not have. It outlives the connection, so a reconnect wins no new trust.
 */
export class Refused {
  readonly #chunks = new ChunkSet()
  /** Slots for which it chose a chunk that it cannot read. */
  #slots = 0

  /** An ask to it failed. @returns the weight, for `Patience` */
  weigh(ask: Ask, reason: AskFailure, { isTakenBack, isKnown, chunkCount }: Circumstances): number {
    const refusalWeight = isKnown ? 0 : REFUSAL_WEIGHT
    switch (reason) {
      case 'stream-closed':
        return FAULT_WEIGHT
      case 'cancelled':
        return isTakenBack ? TAKEN_BACK_WEIGHT : FAULT_WEIGHT
      case 'busy':
        return ask.kind === 'slot' ? FAULT_WEIGHT : refusalWeight
      case 'none-fresh':
        return ask.kind === 'slot' ? refusalWeight : FAULT_WEIGHT
      case 'not-held':
      case 'unreadable':
        if (ask.kind === 'chunk') {
          return this.#chunks.add(ask.chunk) ? 0 : RECLAIMED_WEIGHT
        }
        this.#slots++
        return reason === 'unreadable' && this.#slots <= chunkCount ? 0 : FAULT_WEIGHT
    }
  }
}
