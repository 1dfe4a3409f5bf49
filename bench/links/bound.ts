/**
 * The least time that the links allow where each peer brings one file: the closed formula of
 * Mundinger, Weber and Weiss, Optimal scheduling of peer-to-peer file dissemination, 2008, arXiv cs/0606110.
 */

/** A peer with what its line carries, what it alone holds and what it lacks. */
export interface BoundPeer {
  name: string
  uplinkBytesPerSecond: number
  downlinkBytesPerSecond: number
  soleBytes: number
  missingBytes: number
}

export interface LowerBound {
  boundMs: number
  /** Which limit binds: a peer's uplink, for its own bytes; a peer's downlink; all uplinks together. */
  term: 'origin' | 'downlink' | 'uplinks'
  /** Whose line it is; absent where it is everybody's. */
  peer?: string
}

export function lowerBound(peers: readonly BoundPeer[]): LowerBound {
  const missingBytes = sum(peers.map((peer) => peer.missingBytes))
  const uplinksBytesPerSecond = sum(peers.map((peer) => peer.uplinkBytesPerSecond))
  const limits: LowerBound[] = [
    ...peers.map(({ name, soleBytes, uplinkBytesPerSecond }) => ({
      boundMs: (soleBytes / uplinkBytesPerSecond) * 1000,
      term: 'origin' as const,
      peer: name
    })),
    ...peers.map(({ name, missingBytes, downlinkBytesPerSecond }) => ({
      boundMs: (missingBytes / downlinkBytesPerSecond) * 1000,
      term: 'downlink' as const,
      peer: name
    })),
    { boundMs: (missingBytes / uplinksBytesPerSecond) * 1000, term: 'uplinks' }
  ]
  return limits.reduce((most, limit) => (limit.boundMs > most.boundMs ? limit : most))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** The bound of a swarm in which each peer brings a file of so many bytes. */
export function boundOfFiles(
  lines: ReadonlyArray<Pick<BoundPeer, 'name' | 'uplinkBytesPerSecond' | 'downlinkBytesPerSecond'>>,
  byteLength: number
): LowerBound {
  const missingBytes = (lines.length - 1) * byteLength
  return lowerBound(lines.map((line) => ({ ...line, soleBytes: byteLength, missingBytes })))
}
