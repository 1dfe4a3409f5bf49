/**
 * The lower bound: the least time in which the links of a swarm can bring everyone all that they want, whatever the
 * scheduler does. Pure arithmetic, for the coordinator and the simulator alike.
 *
 * Three limits, of which the largest binds: what one peer alone holds and another wants has to leave it once; what a peer
 * lacks has to reach it; and all copies that are lacking have to fit through all uplinks together. (Mundinger, Weber and Weiss,
 * Optimal scheduling of peer-to-peer file dissemination, 2008, arXiv cs/0606110.)
 */

/** What a peer's line carries; left out where nobody knows. */
export interface Capacities {
  uplinkBytesPerSecond?: number | undefined
  downlinkBytesPerSecond?: number | undefined
}

/** What has to pass through a peer's line. */
export interface Load {
  /** Bytes that it alone holds at the start, and others want: nobody else can send their first copy. */
  soleBytes: number
  /** Bytes that it wants and lacks at the start. */
  missingBytes: number
}

/** A peer as the bound sees it. */
export interface BoundPeer extends Capacities, Load {
  name: string
}

/** One content, who holds how many bytes of it at the start, and who does without it. */
export interface ContentHoldings {
  byteLength: number
  /** By the peer's name; whoever holds none of it may be left out. */
  heldBytes: ReadonlyMap<string, number>
  /** The names of the peers that do not want what they lack of it; left out where all want it. */
  declinedBy?: ReadonlySet<string> | undefined
}

/** `origin`: a peer's uplink, for what it alone holds; `downlink`: a peer's, for what it lacks; `uplinks`: all together. */
export type BoundTerm = 'origin' | 'downlink' | 'uplinks'

export interface LowerBound {
  boundMs: number
  term: BoundTerm
  /** Whose line it is; absent where it is everybody's. */
  peer?: string
}

const NOBODY: ReadonlySet<string> = new Set()

/**
 * What follows for each peer from who holds and wants what. Of contents that are held in part only the numbers of bytes are
 * known: they are taken for as different from one another as they can be, so that too little is called sole, never
 * too much.
 */
export function withLoads<P extends { name: string }>(
  peers: readonly P[],
  contents: Iterable<ContentHoldings>
): (P & Load)[] {
  const sole = new Map<string, number>()
  const held = new Map<string, number>()
  const declined = new Map<string, number>()
  let totalBytes = 0
  for (const { byteLength, heldBytes, declinedBy = NOBODY } of contents) {
    totalBytes += byteLength
    for (const name of declinedBy) {
      const lackedBytes = byteLength - (heldBytes.get(name) ?? 0)
      declined.set(name, (declined.get(name) ?? 0) + lackedBytes)
    }
    const takers = peers.length - declinedBy.size
    const copiedBytes = [...heldBytes.values()].reduce((sum, bytes) => sum + bytes, 0)
    for (const [name, bytes] of heldBytes) {
      held.set(name, (held.get(name) ?? 0) + bytes)
      const othersBytes = copiedBytes - bytes
      const isTaken = takers > (declinedBy.has(name) ? 0 : 1)
      sole.set(name, (sole.get(name) ?? 0) + (isTaken ? Math.max(0, bytes - othersBytes) : 0))
    }
  }
  return peers.map((peer) => ({
    ...peer,
    soleBytes: sole.get(peer.name) ?? 0,
    missingBytes: totalBytes - (held.get(peer.name) ?? 0) - (declined.get(peer.name) ?? 0)
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
