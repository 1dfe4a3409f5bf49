/**
 * The lower bound: the least time in which the links of a swarm can bring everything to everyone, whatever the
 * scheduler does. Pure arithmetic, for the coordinator and the simulator alike.
 *
 * Three limits, of which the largest binds: what one peer alone holds has to leave it once; what a peer lacks has to
 * reach it; and all copies that are lacking have to fit through all uplinks together. (Mundinger, Weber and Weiss,
 * Optimal scheduling of peer-to-peer file dissemination, 2008, arXiv cs/0606110.)
 */

/** What a peer's line carries; left out where nobody knows. */
export interface Capacities {
  uplinkBytesPerSecond?: number | undefined
  downlinkBytesPerSecond?: number | undefined
}

/** What has to pass through a peer's line. */
export interface Load {
  /** Bytes that it alone holds at the start: nobody else can send their first copy. */
  soleBytes: number
  /** Bytes that it lacks at the start. */
  missingBytes: number
}

/** A peer as the bound sees it. */
export interface BoundPeer extends Capacities, Load {
  name: string
}

/** One content and who holds how many bytes of it at the start. */
export interface ContentHoldings {
  byteLength: number
  /** By the peer's name; whoever holds none of it may be left out. */
  heldBytes: ReadonlyMap<string, number>
}

/** `origin`: a peer's uplink, for what it alone holds; `downlink`: a peer's, for what it lacks; `uplinks`: all together. */
export type BoundTerm = 'origin' | 'downlink' | 'uplinks'

export interface LowerBound {
  boundMs: number
  term: BoundTerm
  /** Whose line it is; absent where it is everybody's. */
  peer?: string
}

/**
 * What follows for each peer from who holds what. Of contents that are held in part only the numbers of bytes are
 * known: they are taken for as different from one another as they can be, so that too little is called sole, never
 * too much.
 */
export function withLoads<P extends { name: string }>(
  peers: readonly P[],
  contents: Iterable<ContentHoldings>
): (P & Load)[] {
  const sole = new Map<string, number>()
  const held = new Map<string, number>()
  let totalBytes = 0
  for (const { byteLength, heldBytes } of contents) {
    totalBytes += byteLength
    const copiedBytes = [...heldBytes.values()].reduce((sum, bytes) => sum + bytes, 0)
    for (const [name, bytes] of heldBytes) {
      held.set(name, (held.get(name) ?? 0) + bytes)
      const othersBytes = copiedBytes - bytes
      sole.set(name, (sole.get(name) ?? 0) + Math.max(0, bytes - othersBytes))
    }
  }
  return peers.map((peer) => ({
    ...peer,
    soleBytes: peers.length > 1 ? (sole.get(peer.name) ?? 0) : 0,
    missingBytes: totalBytes - (held.get(peer.name) ?? 0)
  }))
}

/**
 * The bound of a swarm. A capacity that is not known limits nothing, so the result is a true bound also where only
 * some are known; of the sum of all uplinks it takes every one.
 *
 * @returns undefined when nothing has to be sent, or when no limit is known
 */
export function lowerBound(peers: readonly BoundPeer[]): LowerBound | undefined {
  const limits: LowerBound[] = []
  for (const { name, soleBytes, uplinkBytesPerSecond } of peers) {
    limits.push({ boundMs: durationMs(soleBytes, uplinkBytesPerSecond), term: 'origin', peer: name })
  }
  for (const { name, missingBytes, downlinkBytesPerSecond } of peers) {
    limits.push({ boundMs: durationMs(missingBytes, downlinkBytesPerSecond), term: 'downlink', peer: name })
  }
  const missingBytes = peers.reduce((sum, peer) => sum + peer.missingBytes, 0)
  const uplinksBytesPerSecond = peers.reduce(
    (sum, { uplinkBytesPerSecond = Number.POSITIVE_INFINITY }) => sum + uplinkBytesPerSecond,
    0
  )
  limits.push({ boundMs: durationMs(missingBytes, uplinksBytesPerSecond), term: 'uplinks' })
  // Of equal ones the first, which names a peer.
  const binding = limits.reduce((most, limit) => (limit.boundMs > most.boundMs ? limit : most))
  return binding.boundMs > 0 ? binding : undefined
}

/** How near a run came to its bound: 1 is the best there is. More than that would be a capacity told too low. */
export function efficiencyOf(boundMs: number, makespanMs: number): number {
  return makespanMs > boundMs ? boundMs / makespanMs : 1
}

function durationMs(byteLength: number, bytesPerSecond = Number.POSITIVE_INFINITY): number {
  return byteLength === 0 ? 0 : (byteLength / bytesPerSecond) * 1000
}
