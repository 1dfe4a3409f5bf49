/**
 * The lower bound: the least time in which the links of a swarm can give every peer everything that it wants, whatever
 * the scheduler does. Pure arithmetic, for the coordinator and the simulator alike.
 *
 * There are three limits, of which the largest binds. What one peer alone has and another wants must leave it once.
 * What a peer lacks must reach it. All missing copies must fit through all uplinks together. (Mundinger, Weber and
 * Weiss, Optimal scheduling of peer-to-peer file dissemination, 2008, arXiv cs/0606110.)
 */

/** The capacity of a peer's link; absent when no one knows it. */
export interface Capacities {
  uplinkBytesPerSecond?: number | undefined
  downlinkBytesPerSecond?: number | undefined
}

/** The bytes that must pass through a peer's link. */
export interface Load {
  /** Bytes that it alone has at the start, and others want: no one else can send their first copy. */
  soleBytes: number
  /** Bytes that it wants and lacks at the start. */
  missingBytes: number
}

/** A peer as the bound sees it. */
export interface BoundPeer extends Capacities, Load {
  name: string
  /** How long after the others a late peer came: nothing passed through its link before. */
  lateByMs?: number | undefined
}

/** One content: how many bytes of it each peer has at the start, and which peers do without it. */
export interface ContentHoldings {
  byteLength: number
  /** By the peer's name; peers that have none of it may be absent. */
  heldBytes: ReadonlyMap<string, number>
  /** The names of the peers that do not want the rest of it; absent when all want it. */
  declinedBy?: ReadonlySet<string> | undefined
}

/**
 * `origin`: one peer's uplink, for what it alone has; `downlink`: one peer's, for what it lacks; `uplinks`: all
 * together.
 */
export type BoundTerm = 'origin' | 'downlink' | 'uplinks'

export interface LowerBound {
  boundMs: number
  term: BoundTerm
  /** The peer whose link it is; absent for all uplinks together. */
  peer?: string
}

const NOBODY: ReadonlySet<string> = new Set()

/**
 * Derives each peer's load from who has and wants what. For contents that a peer has in part, only the number of bytes
 * is known. The parts are taken to be as different from one another as possible, so the result never counts too much as
 * sole bytes.
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
 * The bound of a swarm. An unknown capacity limits nothing, so the result is a true bound even if only some capacities
 * are known. The sum of all uplinks needs every one of them.
 *
 * @returns undefined when nothing has to be sent, or when no limit is known
 */
export function lowerBound(peers: readonly BoundPeer[]): LowerBound | undefined {
  const limits: LowerBound[] = []
  for (const { name, soleBytes, uplinkBytesPerSecond, lateByMs } of peers) {
    const boundMs = durationMs(soleBytes, uplinkBytesPerSecond, lateByMs)
    limits.push({ boundMs, term: 'origin', peer: name })
  }
  for (const { name, missingBytes, downlinkBytesPerSecond, lateByMs } of peers) {
    const boundMs = durationMs(missingBytes, downlinkBytesPerSecond, lateByMs)
    limits.push({ boundMs, term: 'downlink', peer: name })
  }
  const missingBytes = peers.reduce((sum, peer) => sum + peer.missingBytes, 0)
  const uplinksBytesPerSecond = peers.reduce(
    (sum, { uplinkBytesPerSecond = Number.POSITIVE_INFINITY }) => sum + uplinkBytesPerSecond,
    0
  )
  limits.push({ boundMs: durationMs(missingBytes, uplinksBytesPerSecond), term: 'uplinks' })
  // Of equal limits the first one, which names a peer.
  const binding = limits.reduce((most, limit) => (limit.boundMs > most.boundMs ? limit : most))
  return binding.boundMs > 0 ? binding : undefined
}

/**
 * How near a run came to its bound; 1 is the best possible. A higher value would mean that a reported capacity is too
 * low.
 */
export function efficiencyOf(boundMs: number, elapsedMs: number): number {
  return elapsedMs > boundMs ? boundMs / elapsedMs : 1
}

/** 0 where no bytes pass, or no one knows how fast. */
function durationMs(
  byteLength: number,
  bytesPerSecond = Number.POSITIVE_INFINITY,
  lateByMs: number | undefined = 0
): number {
  const ms = byteLength === 0 ? 0 : (byteLength / bytesPerSecond) * 1000
  return ms === 0 ? 0 : lateByMs + ms
}
