/** A peer's throughput in the middle of a transfer, unaffected by its beginning and end. Pure. */
import { BYTES_PER_MEGABIT } from '#potluck/core/units.js'
import type { Arrival } from '../links/steady-rate.ts'

/** Until here windows open and the number of asks adapts. */
const FROM_SHARE = 0.2

/** From here on there is less and less to ask for. */
const TO_SHARE = 0.9

/** Mbit/s between the two shares of the chunks; undefined if they are too few. */
export function middleRate(arrivals: readonly Arrival[]): number | undefined {
  const from = arrivals[Math.floor(arrivals.length * FROM_SHARE)]
  const to = arrivals[Math.floor(arrivals.length * TO_SHARE)]
  if (from === undefined || to === undefined || to.atMs <= from.atMs) {
    return undefined
  }
  return (to.byteLength - from.byteLength) / BYTES_PER_MEGABIT / ((to.atMs - from.atMs) / 1000)
}
