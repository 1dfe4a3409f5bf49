/** The lower bound as it is told: by the coordinator's events, in its last message, and by every peer's last event. */
import type { BoundTerm } from '../../core/lower-bound.ts'
import { printable } from '../../core/names.ts'
import type { Bound as BoundMessage, Join } from './pb/messages.ts'

/** What a peer tells of its line: as configured in its join, as measured with its progress; left out where not known. */
export type ReportedCapacities = Pick<Join, 'uplinkBytesPerSecond' | 'downlinkBytesPerSecond'>

/** Capacities as they are told. */
export function reportedCapacities(
  uplink: number | undefined,
  downlink: number | undefined
): ReportedCapacities {
  return {
    ...(uplink === undefined ? {} : { uplinkBytesPerSecond: Math.round(uplink) }),
    ...(downlink === undefined ? {} : { downlinkBytesPerSecond: Math.round(downlink) })
  }
}

/** How the capacities that make a bound are known: told by people, measured by the peers themselves, or some of each. */
export type BoundBasis = 'configured' | 'measured' | 'mixed'

export interface Bound {
  /** The least time that the links allow for what was missing at the start. */
  boundMs: number
  /** What binds. */
  term: BoundTerm
  /** Whose line that is; absent where it is all uplinks together. */
  boundPeer?: string
  /** What that line, or all uplinks together, carry. */
  boundBytesPerSecond: number
  /** How that is known. */
  basis: BoundBasis
}

/** The bound of a swarm that has ended complete. */
export interface BoundOutcome extends Bound {
  /** `boundMs` / `makespanMs`, from 0 to 1. By measured rates it says how evenly the lines were used, not how well. */
  efficiency: number
}

const TERMS: readonly BoundTerm[] = ['origin', 'downlink', 'uplinks']
const BASES: readonly BoundBasis[] = ['configured', 'measured', 'mixed']

/** Takes a bound from the coordinator; undefined when it cannot be one, as from a later version. */
export function openBound(message: BoundMessage): BoundOutcome | undefined {
  const { boundMs, boundPeer, boundBytesPerSecond, efficiency } = message
  const term = TERMS.find((known) => known === message.term)
  const basis = BASES.find((known) => known === message.basis)
  const numbers = [boundMs, boundBytesPerSecond, efficiency]
  if (
    term === undefined ||
    basis === undefined ||
    !numbers.every((number) => number >= 0 && Number.isFinite(number))
  ) {
    return undefined
  }
  const peer = boundPeer === undefined ? {} : { boundPeer: printable(boundPeer) }
  return { boundMs, term, ...peer, boundBytesPerSecond, basis, efficiency }
}
