/**
 * The lower bound if links change: the least time in which every load fits through its links with their rates over
 * time. If a peer dies, the lost bytes are known, so it is the bound for gathering the rest. If a rate changes, it is
 * the best time of a scheduler that knows of the change beforehand.
 */
import { type BoundPeer, type Load, type LowerBound, lowerBound } from '#potluck/core/lower-bound.js'

/** From this time on a link has this rate. */
export interface RateStep {
  fromMs: number
  bytesPerSecond: number
}

/** A peer, and the rates of its links: steps in the order of their times, the first from 0. */
export interface ChangingPeer extends Load {
  name: string
  uplink: readonly RateStep[]
  downlink: readonly RateStep[]
}

/** How often to halve the interval below, until a bound of a millionth of a millisecond has all its digits. */
const BISECTIONS = 100

/** No run that ends takes longer: about three years. */
const MAX_BOUND_MS = 1e11

/** @returns undefined when it never fits, or when there is nothing to send */
export function changingBound(peers: readonly ChangingPeer[]): LowerBound | undefined {
  const changes = peers.some(({ uplink, downlink }) => uplink.length + downlink.length > 2)
  if (!changes) {
    return boundWithin(peers, 1)
  }
  const fits = (withinMs: number): boolean => (boundWithin(peers, withinMs)?.boundMs ?? 0) <= withinMs
  if (!fits(MAX_BOUND_MS)) {
    return undefined
  }
  let tooShortMs = 0
  let enoughMs = MAX_BOUND_MS
  for (let bisection = 0; bisection < BISECTIONS; bisection++) {
    const middleMs = (tooShortMs + enoughMs) / 2
    if (fits(middleMs)) {
      enoughMs = middleMs
    } else {
      tooShortMs = middleMs
    }
  }
  const bound = boundWithin(peers, enoughMs)
  return bound === undefined ? undefined : { ...bound, boundMs: enoughMs }
}

/** The bound for links with the mean of their rates from 0 to this time. */
function boundWithin(peers: readonly ChangingPeer[], withinMs: number): LowerBound | undefined {
  return lowerBound(
    peers.map(
      ({ name, soleBytes, missingBytes, uplink, downlink }): BoundPeer => ({
        name,
        soleBytes,
        missingBytes,
        uplinkBytesPerSecond: meanRate(uplink, withinMs),
        downlinkBytesPerSecond: meanRate(downlink, withinMs)
      })
    )
  )
}

function meanRate(steps: readonly RateStep[], withinMs: number): number {
  let bytes = 0
  steps.forEach(({ fromMs, bytesPerSecond }, index) => {
    const untilMs = Math.min(withinMs, steps[index + 1]?.fromMs ?? withinMs)
    bytes += Math.max(0, untilMs - fromMs) * bytesPerSecond
  })
  return bytes / withinMs
}
