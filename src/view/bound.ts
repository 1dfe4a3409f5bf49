/** The lower bound in words. */
import type { Bound, BoundBasis, BoundOutcome } from '../core/bound.ts'
import { printable } from '../core/names.ts'
import { formatCapacity, formatDuration } from './units.ts'

/** Says that rates were measured: people could take them for capacities. */
const BASES: Record<BoundBasis, string> = {
  configured: '',
  measured: ' by measured rates',
  mixed: ' by rates measured in part'
}

/** `lower bound 3 min 30 s (client3's uplink, 20 Mbit/s); efficiency 0.97` */
export function boundText(bound: BoundOutcome): string {
  const { boundMs, basis, efficiency } = bound
  const ofWhat = basis === 'configured' ? '' : ` of the bound${BASES[basis]}`
  return `lower bound ${formatDuration(boundMs)} (${bindingText(bound)}); efficiency ${efficiency.toFixed(2)}${ofWhat}`
}

/** `the links allow no less than 3 min 30 s by measured rates (all uplinks, 300 Mbit/s)` */
export function boundNewsText(bound: Bound): string {
  return `the links allow no less than ${formatDuration(bound.boundMs)}${BASES[bound.basis]} (${bindingText(bound)})`
}

/**
 * The bound while the swarm runs, in parts, the most important first: the expected efficiency, the bound, the binding
 * link, the source of the capacities.
 *
 * @param durationMs the expected duration of the whole run; undefined if unknown
 */
export function expectedBoundText(bound: Bound, durationMs: number | undefined): string[] {
  const { boundMs, basis } = bound
  // Measured rates still grow: if a run would end before its bound, they say nothing of either.
  const known = durationMs !== undefined && durationMs >= boundMs
  const expected = known ? [(boundMs / durationMs).toFixed(2)] : []
  return [
    ...expected.map((efficiency) => `efficiency ${efficiency} expected`),
    `the links allow ${formatDuration(boundMs)}`,
    bindingText(bound),
    ...(basis === 'configured' ? [] : [BASES[basis].trim()])
  ]
}

function bindingText({ boundPeer, term, boundBytesPerSecond }: Bound): string {
  const line = term === 'downlink' ? 'downlink' : 'uplink'
  const whose = boundPeer === undefined ? `all ${line}s` : `${printable(boundPeer)}'s ${line}`
  return `${whose}, ${formatCapacity(boundBytesPerSecond)}`
}
