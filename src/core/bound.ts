/** The lower bound as reported: by the coordinator's events, in its last message, and by every peer's last event. */
import type { BoundTerm } from './lower-bound.ts'

/** Where the capacities of a bound come from: configured by people, measured by the peers, or some of each. */
export type BoundBasis = 'configured' | 'measured' | 'mixed'

export interface Bound {
  /** The least time that the links allow for what was missing at the start. */
  boundMs: number
  term: BoundTerm
  /** The peer whose link binds; absent when all uplinks together bind. */
  boundPeer?: string
  /** The capacity of that link, or of all uplinks together. */
  boundBytesPerSecond: number
  basis: BoundBasis
}

/** The bound of a swarm that has ended complete. */
export interface BoundOutcome extends Bound {
  /** `boundMs` / `exchangeMs`, from 0 to 1. By measured rates it says how evenly the links were used, not how well. */
  efficiency: number
}
