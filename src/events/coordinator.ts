/** What the coordinator tells of the swarm. */
import type { Bound } from '../protocols/coordination/bound.ts'
import type { ErrorCode } from '../protocols/errors.ts'
import type { FileComplete, KnownBound, PeerProgress, PeerResult, RosterMember } from './peer.ts'
import type { EventBase } from './stream.ts'

export type CoordinatorEvent =
  | Event<'started', { peerId: string; multiaddrs: string[]; expectedPeers: number; chunkByteLength: number }>
  /** After the start, when it goes on with a swarm from this file that it was cut off from. */
  | Event<'carried-on', { file: string; peers: number; complete: number }>
  /** After the start, when there is something to be careful of. */
  | Event<'warning', { message: string }>
  | Event<
      'registered',
      { peerId: string; multiaddrs: string[]; joined: number; expectedPeers: number; rejoined: boolean }
    >
  /** `peer` is its name, or its PeerId where it was not admitted and has told no name. */
  | Event<'refused', { peerId: string; code: string; message: string }>
  | Event<'roster', { members: RosterMember[] }>
  | Event<'manifests-published', { files: number; byteLength: number }>
  | Event<'catalog', { files: number; byteLength: number }>
  | Event<'progress', { peers: SwarmProgress[] }>
  /** What the relay has carried so far, of the connections that it carries now; only with `relay: true`. */
  | Event<'relayed', { relayedBytes: number; connections: number }>
  | Event<'file-complete', Omit<FileComplete, 'local'>>
  | Event<'peer-complete', { elapsedMs: number; receivedBytes: number; sentBytes: number }>
  | Event<'peer-lost', { message: string }>
  /** A peer says that its line carries something else now, as when its limits were changed; absent: it says nothing. */
  | Event<'capacities', { uplinkBytesPerSecond?: number; downlinkBytesPerSecond?: number }>
  /** When it is first known, and when it has changed notably. `peer` is whose line binds, if it is one peer's. */
  | Event<'bound', Bound & { capacities: PeerCapacities[] }>
  | Event<'swarm-complete', { makespanMs: number; results: PeerResult[] } & KnownBound & Relayed>
  | Event<'swarm-incomplete', { reason: string; results: PeerResult[] } & Relayed>
  | Event<'error', { code: ErrorCode; message: string }>
  | Event<'stopped', { reason: string }>

/** What the relay carried in all; absent without one. It is part of what the peers sent, not beside it. */
export interface Relayed {
  relayedBytes?: number
}

/** What one direction of a line carries: as its peer's configuration says, or else at its fastest in this run. */
export interface Capacity {
  bytesPerSecond: number
  configured: boolean
}

/** A peer's line; a direction that nobody knows is left out. */
export interface PeerCapacities {
  name: string
  uplink?: Capacity
  downlink?: Capacity
}

export interface SwarmProgress extends PeerProgress {
  name: string
  connected: boolean
  complete: boolean
}

type Event<Name extends string, Detail> = EventBase & { event: Name } & Detail
