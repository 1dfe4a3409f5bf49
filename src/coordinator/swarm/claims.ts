/**
 * The numbers that members report, reduced to what is possible: a member that lies, or computes wrongly, keeps no swarm
 * from its end and puts no nonsense into views. Pure.
 *
 * Integers of 64 bits are from 0 to 2^53 - 1 by their codec. A `double` may also be NaN, infinite or negative.
 */
import { MAX_BYTES_PER_SECOND } from '../../core/units.ts'
import type { PeerProgress } from '../../events/peer.ts'
import {
  type Progress,
  type ReportedCapacities,
  reportedCapacities
} from '../../protocols/coordination/index.ts'

/** Chunks are fetched again after errors and restarts: at most this many times on average, in what is shown. */
const MAX_FETCHES = 4

/** The limit of one member's counts of chunks, failures and the like. */
const MAX_COUNT = 1_000_000_000

/** The bounds of the numbers in one swarm. */
export interface SwarmSize {
  /** Of all contents in the catalog. */
  totalBytes: number
  members: number
}

/**
 * A time that a member reports, in ms of the swarm clock: no earlier than the member joined and no later than now; now
 * if it is not a number.
 */
export function believedTime(atMs: number, registeredAtMs: number, nowMs: number): number {
  return Number.isNaN(atMs) ? nowMs : Math.min(Math.max(atMs, registeredAtMs), nowMs)
}

/** Capacities that a member reports, without impossible ones. */
export function believedCapacities(reported: ReportedCapacities): ReportedCapacities {
  const { uplinkBytesPerSecond = 0, downlinkBytesPerSecond = 0 } = reported
  const believed = (rate: number): number | undefined =>
    rate > 0 ? Math.min(rate, MAX_BYTES_PER_SECOND) : undefined
  return reportedCapacities(believed(uplinkBytesPerSecond), believed(downlinkBytesPerSecond))
}

/** A member's progress, as it reports it. */
export function believedProgress(reported: Progress, { totalBytes, members }: SwarmSize): PeerProgress {
  const total = Math.min(reported.totalBytes, totalBytes)
  return {
    totalBytes: total,
    heldBytes: Math.min(reported.heldBytes, total),
    receivedBytes: Math.min(reported.receivedBytes, MAX_FETCHES * totalBytes),
    sentBytes: Math.min(reported.sentBytes, MAX_FETCHES * totalBytes * Math.max(0, members - 1))
  }
}

/** Bytes that a member reports as received from one other. */
export function believedFlow(receivedBytes: number, { totalBytes }: SwarmSize): number {
  return Math.min(receivedBytes, MAX_FETCHES * totalBytes)
}

export function believedCount(count: number): number {
  return Math.min(count, MAX_COUNT)
}
