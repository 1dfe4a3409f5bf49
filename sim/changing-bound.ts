/**
 * The lower bound where links change: the least time by which every load has fitted through its links, whatever their
 * rates were by then. Of a peer's death it is known which bytes came to be lost, so that it is the bound of gathering
 * what was left; of a change of rates it is what a scheduler could do that knows of it beforehand.
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

/** Halvings of the interval below until a bound of a millionth of a millisecond has all its digits. */
const BISECTIONS = 100

/** Nothing that ends takes longer: about three years. */
const MAX_BOUND_MS = 1e11

/** @returns undefined when it never fits, or when nothing has to be sent */
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

/** The bound if the links always had the mean of their rates from 0 to this time. */
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
