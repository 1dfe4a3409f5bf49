/**
 * The peers that a peer exchanges chunks with: all others in a small swarm, a bounded number in a large one.
 *
 * News of every chunk goes to every neighbour, so a full mesh of N peers would send N² messages per chunk. In a large
 * swarm the neighbours are those of a sparse random graph, the union of a few random rings through all peers. It is
 * connected, because each ring is; its degree is bounded; and its diameter grows with the logarithm of N. Every member
 * computes the same graph from the same list. Pure.
 */
import { seededRandom, shuffled } from '../core/random.ts'

/** Up to this many peers, all exchange with all: N² is small, and a chunk spreads over the shortest paths. */
export const MAX_FULL_MESH_PEERS = 64

/** Rings through a large swarm. Each gives a peer two neighbours: 32 keep every link busy, and news affordable. */
export const RINGS = 16

/** The neighbours of one member, in the order of their PeerIds as text. `ids` has all members, in any order. */
export function neighboursOf(peerIds: readonly string[], self: string): string[] {
  const sorted = [...new Set(peerIds)].sort()
  if (sorted.length <= MAX_FULL_MESH_PEERS) {
    return sorted.filter((peerId) => peerId !== self)
  }
  const own = sorted.indexOf(self)
  const neighbours = new Set<number>()
  for (let ring = 0; own >= 0 && ring < RINGS; ring++) {
    const order = shuffled(sorted.length, seededRandom(ring))
    const place = order.indexOf(own)
    neighbours.add(order[(place + 1) % order.length] ?? own)
    neighbours.add(order[(place + order.length - 1) % order.length] ?? own)
  }
  return sorted.filter((_, index) => neighbours.has(index))
}
