/** What the coordinator tells of the swarm. */
import type { Bound } from '../core/bound.ts'
import type { ErrorCode } from '../core/errors.ts'
import type {
  FileComplete,
  KnownBound,
  PeerProgress,
  PeerResult,
  PeerShort,
  PublishedFile,
  RosterEntry,
  WithoutFiles
} from './peer.ts'
import type { EventBase } from './stream.ts'
import type { Transfers } from './transfers.ts'

export type CoordinatorEvent =
  /** `clockZeroUnixMs`: when the swarm clock showed 0, in ms since 1970; not in logs of earlier releases. */
  | Event<
      'started',
      {
        peerId: string
        multiaddrs: string[]
        expectedPeers: number
        chunkByteLength: number
        clockZeroUnixMs?: number
      }
    >
  /** After the start, when it goes on with a swarm from this file that it was cut off from. */
  | Event<'carried-on', { file: string; peers: number; complete: number }>
  /** After the start, when it serves pages or metrics. `insteadOf`: the usual address, which was in use. */
  | Event<'serving', { url: string; insteadOf?: string }>
  /** After the start, when there is something to be careful of. */
  | Event<'warning', { message: string }>
  | Event<
      'registered',
      { peerId: string; multiaddrs: string[]; joined: number; expectedPeers: number; rejoined: boolean }
    >
  /** `peer` is its name, or its PeerId where it was not admitted and has told no name. */
  | Event<'refused', { peerId: string; code: string; message: string }>
  | Event<'roster', { members: RosterEntry[] }>
  | Event<'manifests-published', { files: number; byteLength: number }>
  /** `entries` has the files, in the order of their names. */
  | Event<'catalog', { files: number; byteLength: number; entries: CatalogEntry[] }>
  | Event<'progress', { peers: SwarmProgress[] }>
  /** What has changed of it, every second at the most. For who looks at the run; it is not in the log files. */
  | Event<'activity', { peers: PeerActivity[] }>
  /** At the end: what each peer's transfers came to. */
  | Event<'transfers', { peers: Array<Transfers & { name: string }> }>
  /** What the relay has carried so far, of the connections that it carries now; only with `relay: true`. */
  | Event<'relayed', { relayedBytes: number; connections: number }>
  | Event<'file-complete', Omit<FileComplete, 'local' | 'checkedAtMs'>>
  | Event<'peer-complete', { elapsedMs: number; receivedBytes: number; sentBytes: number }>
  /** A peer has all that it can have, without so many files that it gave up. */
  | Event<'peer-short', PeerShort>
  | Event<'peer-lost', { message: string }>
  /** A peer says that its line carries something else now, as when its limits were changed; absent: it says nothing. */
  | Event<'capacities', { uplinkBytesPerSecond?: number; downlinkBytesPerSecond?: number }>
  /** When it is first known, and when it has changed notably. `peer` is whose line binds, if it is one peer's. */
  | Event<'bound', Bound & { capacities: PeerCapacities[] }>
  | Event<'swarm-complete', { makespanMs: number; results: PeerResult[] } & KnownBound & Ended>
  | Event<'swarm-incomplete', { reason: string; results: PeerResult[] } & Ended>
  | Event<'error', { code: ErrorCode; message: string }>
  | Event<'stopped', { reason: string }>

/** What the relay carried in all; absent without one. It is part of what the peers sent, not beside it. */
export interface Relayed {
  relayedBytes?: number
}

/** What the end of every swarm says. */
export type Ended = Relayed & WithoutFiles

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

/** A file of the catalog. Files with one root have one content. */
export interface CatalogEntry extends PublishedFile {
  origin: string
  root: string
}

/** What a peer is doing, as it tells. */
export interface PeerActivity {
  name: string
  /** Since its start, and of earlier starts. */
  transfers: Transfers
  /** Contents of which it holds more, or less, than it told last. */
  contents: ContentHeld[]
  /** Why nothing comes, where it knows. */
  waiting?: Waiting
}

/** How much of a content a peer holds. */
export interface ContentHeld {
  root: string
  heldBytes: number
  /** The content in so many stretches of equal length, one after another: of each the share held, from 0 to 255. */
  cells: number[]
}

export interface Waiting {
  reason: WaitingReason
  /** Who it is about: whose files have no source, at `no-source`. */
  remotes: string[]
}

/** There is no room on its disk; nobody who is connected has what it lacks; all is here and is being checked. */
export type WaitingReason = 'disk-full' | 'no-source' | 'checking'

export interface SwarmProgress extends PeerProgress {
  name: string
  connected: boolean
  complete: boolean
}

type Event<Name extends string, Detail> = EventBase & { event: Name } & Detail
