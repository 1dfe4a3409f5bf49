/** The rate of a transfer whose arrivals a busy machine observes irregularly. Pure. */

export interface Arrival {
  atMs: number
  /** All bytes that had arrived by then. */
  byteLength: number
}

/**
 * Bytes per second: the median of the rates between arrivals half of the time apart. A receiver that pauses for a
 * moment finds many bytes at once; that spoils some of these rates, but not their median.
 */
export function steadyRate(arrivals: readonly Arrival[]): number {
  const first = arrivals[0]
  const last = arrivals[arrivals.length - 1]
  if (first === undefined || last === undefined) {
    return 0
  }
  const halfMs = (last.atMs - first.atMs) / 2
  const rates: number[] = []
  let ahead = 0
  for (const from of arrivals) {
    while ((arrivals[ahead]?.atMs ?? Number.POSITIVE_INFINITY) < from.atMs + halfMs) {
      ahead++
    }
    const to = arrivals[ahead]
    if (to !== undefined && to.atMs > from.atMs) {
      rates.push(((to.byteLength - from.byteLength) / (to.atMs - from.atMs)) * 1000)
    }
  }
  rates.sort((a, b) => a - b)
  return rates[Math.floor(rates.length / 2)] ?? 0
}
