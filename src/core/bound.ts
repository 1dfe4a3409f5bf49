/** The lower bound as it is reported: by the coordinator's events, in its last message, and by every peer's last event. */
import type { BoundTerm } from './lower-bound.ts'

/** How the capacities that make a bound are known: told by people, measured by the peers themselves, or some of each. */
export type BoundBasis = 'configured' | 'measured' | 'mixed'

export interface Bound {
  /** The least time that the links allow for what was missing at the start. */
  boundMs: number
  term: BoundTerm
  /** Whose line that is; absent where it is all uplinks together. */
  boundPeer?: string
  /** What that line, or all uplinks together, carry. */
  boundBytesPerSecond: number
  basis: BoundBasis
}

/** The bound of a swarm that has ended complete. */
export interface BoundOutcome extends Bound {
  /** `boundMs` / `makespanMs`, from 0 to 1. By measured rates it says how evenly the lines were used, not how well. */
  efficiency: number
}
