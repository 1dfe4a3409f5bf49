/**
 * How long chunks took, as counts by duration. The counts are small enough to report every second, and precise enough
 * for medians and percentiles. Class 0 has the chunks that took no more than 1 ms; the limit of each further class is a
 * tenth higher.
 */

const GROWTH = 1.1

/** The last class has all chunks that took longer than an hour. */
export const CHUNK_TIME_CLASSES = 160

/** Adds one time to the counts, which grow as needed. */
export function countChunkTime(counts: number[], elapsedMs: number): void {
  const wanted = elapsedMs <= 1 ? 0 : Math.ceil(Math.log(elapsedMs) / Math.log(GROWTH))
  const index = Math.min(wanted, CHUNK_TIME_CLASSES - 1)
  while (counts.length <= index) {
    counts.push(0)
  }
  counts[index] = (counts[index] ?? 0) + 1
}

/**
 * The time that a share of all chunks did not exceed, within 5 %; undefined when nothing was counted.
 *
 * @param share from 0 to 1: 0.5 for the median
 */
export function chunkTimeMs(counts: readonly number[], share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0)
  let left = share * total
  for (const [index, count] of counts.entries()) {
    left -= count
    if (count > 0 && left <= 0) {
      // The geometric middle of the class, because the limits grow by a factor.
      return index === 0 ? 1 : GROWTH ** (index - 0.5)
    }
  }
  return undefined
}
