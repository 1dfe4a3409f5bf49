/**
 * How much the failure of an ask says against the provider: nothing where an honest one has to answer so, little where
 * it may do so now and then, much where it never does. Pure.
 */
import { ChunkSet } from './chunk-set.ts'
import { FAULT_WEIGHT, RECLAIMED_WEIGHT, REFUSAL_WEIGHT, TAKEN_BACK_WEIGHT } from './constants.ts'
import type { Ask, AskFailure } from './downloads.ts'

export interface Circumstances {
  /** The getter had taken the ask back. */
  isTakenBack: boolean
  /** The provider had said as much since the ask was made: one refusal for all asks that were under way. */
  isKnown: boolean
  /** Of all contents: no provider has more to be wrong of. */
  chunkCount: number
}

/** What one provider told that it has and does not have. It outlives the connection: who claims anew is not believed anew. */
export class Refused {
  readonly #chunks = new ChunkSet()
  /** Slots for which it chose a chunk that it cannot read. */
  #slots = 0

  /** An ask of it failed. @returns its weight, for `Patience` */
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
