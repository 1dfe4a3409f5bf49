/** What a session's messages say of capacities, and of the bound that the coordinator makes of them. */
import type { BoundBasis, BoundOutcome } from '../../core/bound.ts'
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
