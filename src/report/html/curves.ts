/** Rates at every time, from sums that were told every now and then. Pure. */

/** A column of times and one of the sums at these times. */
export interface Sums {
  atMs: readonly number[]
  sums: readonly number[]
}

/** Bytes per second, each over a window around its time: sums come twice a second, with some chance when. */
export function ratesOf(sums: Sums, timesMs: readonly number[], windowMs: number): number[] {
  const [firstMs, lastMs] = [sums.atMs[0] ?? 0, sums.atMs.at(-1) ?? 0]
  return timesMs.map((atMs) => {
    const fromMs = Math.max(firstMs, atMs - windowMs / 2)
    const toMs = Math.min(lastMs, atMs + windowMs / 2)
    if (atMs < firstMs || atMs > lastMs || toMs <= fromMs) {
      return 0
    }
    const moved = sumAt(sums, toMs) - sumAt(sums, fromMs)
    // A peer that was started again counts from 0.
    return Math.max(0, (moved / (toMs - fromMs)) * 1000)
  })
}

/** Between two tellings, as if it had grown evenly. */
function sumAt({ atMs, sums }: Sums, timeMs: number): number {
  let low = 0
  let high = atMs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((atMs[middle] ?? 0) <= timeMs) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  const [before, after] = [low - 1, low]
  const [fromMs, toMs] = [atMs[before], atMs[after]]
  const [from = 0, to = 0] = [sums[before], sums[after]]
  if (fromMs === undefined) {
    return sums[0] ?? 0
  }
  return toMs === undefined || toMs === fromMs
    ? from
    : from + ((to - from) * (timeMs - fromMs)) / (toMs - fromMs)
}
