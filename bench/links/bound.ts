/** The lower bound if each peer brings one file. Pure. */
import { type Capacities, type LowerBound, lowerBound } from '#potluck/core/lower-bound.js'

/** A peer's name and the capacities of its link. */
export interface NamedLink extends Required<Capacities> {
  name: string
}

/** The bound of a swarm in which each peer brings a file of this many bytes, at least one. */
export function boundOfFiles(links: readonly NamedLink[], byteLength: number): LowerBound {
  const load = { soleBytes: byteLength, missingBytes: (links.length - 1) * byteLength }
  const bound = lowerBound(links.map((link) => ({ ...link, ...load })))
  if (bound === undefined) {
    throw new Error('a bound needs peers that send something')
  }
  return bound
}
