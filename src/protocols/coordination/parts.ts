/** Parts of a session's messages, as one end makes them and the other reads them, without impossible values. */
import type { BoundBasis, BoundOutcome } from '../../core/bound.ts'
import type { BoundTerm } from '../../core/lower-bound.ts'
import { printable } from '../../core/names.ts'
import type { SignedManifest } from '../manifest/index.ts'
import { MANIFESTS_PER_PAGE } from './constants.ts'
import type { Bound as BoundMessage, Join, ManifestPage, SwarmEnd } from './pb/messages.ts'

/** The manifests in pages that fit a message, the last one marked; one empty page when there are none. */
export function* manifestPages(manifests: readonly SignedManifest[]): Generator<ManifestPage> {
  let start = 0
  do {
    const end = start + MANIFESTS_PER_PAGE
    yield {
      manifests: manifests.slice(start, end).map(({ bytes }) => bytes),
      last: end >= manifests.length
    }
    start = end
  } while (start < manifests.length)
}

/** What a peer reports of its link: as configured in its join, as measured with its progress; absent if unknown. */
export type ReportedCapacities = Pick<Join, 'uplinkBytesPerSecond' | 'downlinkBytesPerSecond'>

/** Capacities as reported. */
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

/** Reads a bound from the coordinator; undefined when it is not valid, as from a later version. */
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

/** Reads the end from the coordinator. A time that is negative, infinite or not a number becomes 0. */
export function openSwarmEnd({ makespanMs, exchangeMs, results, ...end }: SwarmEnd): SwarmEnd {
  return {
    ...end,
    makespanMs: timeOf(makespanMs),
    ...(exchangeMs === undefined ? {} : { exchangeMs: timeOf(exchangeMs) }),
    results: results.map(({ registeredAtMs, completedAtMs, ...result }) => ({
      ...result,
      registeredAtMs: timeOf(registeredAtMs),
      ...(completedAtMs === undefined ? {} : { completedAtMs: timeOf(completedAtMs) })
    }))
  }
}

function timeOf(atMs: number): number {
  return Number.isFinite(atMs) && atMs > 0 ? atMs : 0
}
