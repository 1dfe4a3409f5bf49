/** The median of several measurements, and their lowest and highest. Pure. */

export interface Spread {
  median: number
  least: number
  most: number
}

/** For an even number of values the median is the mean of the two in the middle. Undefined for none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const least = sorted[0]
  const most = sorted[sorted.length - 1]
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  if (least === undefined || most === undefined || upper === undefined || lower === undefined) {
    return undefined
  }
  return { median: (lower + upper) / 2, least, most }
}
