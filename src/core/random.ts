/** Random numbers from a seed: for results that must be the same wherever they are computed, and to replay runs. */

/** A number from 0 up to and not including 1. */
export type Random = () => number

/** A small generator (mulberry32) with 32 bits of state: good enough to shuffle, not to keep a secret. */
export function seededRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The numbers from 0 to `count` - 1 in a random order (Fisher and Yates). */
export function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1))
    const kept = order[chosen] ?? 0
    order[chosen] = order[last] ?? 0
    order[last] = kept
  }
  return order
}
