/** What a peer tells of its run. */
import type { Bound, BoundOutcome } from '../core/bound.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { EventBase } from './stream.ts'

/** Names of files are `<origin>/<path>`, as they lie in a collection. Times are milliseconds, sizes bytes. */
export type PeerEvent =
  | Event<'started', { peerId: string; multiaddrs: string[] }>
  /** After the start, when it serves pages or metrics. `insteadOf`: the usual address, which was in use. */
  | Event<'serving', { url: string; insteadOf?: string }>
  /** After the start, when there is something to be careful of. */
  | Event<'warning', { message: string }>
  /** After the start where there are any, and whenever they are set. What is absent is not limited. */
  | Event<'limits', { maxUpBytesPerSecond?: number; maxDownBytesPerSecond?: number }>
  | Event<'hashing', { hashedBytes: number; totalBytes: number }>
  | Event<'hashed', { files: number; byteLength: number; elapsedMs: number }>
  | Event<'coordinator-unreachable', { address: string; message: string; retryInMs: number }>
  | Event<'coordinator-connected', { address: string }>
  | Event<
      'registered',
      {
        peerId: string
        multiaddrs: string[]
        expectedPeers: number
        clockOffsetMs: number
        rejoined: boolean
      }
    >
  | Event<'roster', { members: RosterEntry[] }>
  | Event<'manifests-published', { files: number; byteLength: number; manifests: PublishedFile[] }>
  | Event<
      'catalog',
      {
        files: number
        byteLength: number
        missingFiles: number
        missingBytes: number
        /** The contents that are not whole here, each by one of its files. */
        missing: MissingFile[]
      }
    >
  | Event<
      'peer-connected',
      { remote: string; address: string; direction: 'inbound' | 'outbound'; relayed: boolean }
    >
  | Event<'peer-disconnected', { remote: string }>
  /** The first, fourth, sixteenth … try in a row that failed. */
  | Event<'dial-failed', { remote: string; message: string; retryInMs: number; tries: number }>
  /** Once, for members that neither side could connect with so far. `alone`: these are all; `relayed`: nor over the relay. */
  | Event<'out-of-reach', { remotes: string[]; alone: boolean; relayed: boolean }>
  | Event<'peer-stalled', { remote: string; silentMs: number }>
  | Event<'peer-banned', { remote: string; message: string }>
  | Event<'availability', { from: string; files: number; chunks: number }>
  | Event<'digests', { root: string; from: string; chunks: number; elapsedMs: number }>
  | Event<'digests-failed', { root: string; from: string; message: string }>
  | Event<'chunk-requested', { file: string; chunkIndex: number; from: string }>
  /** `again`: it was here already. */
  | Event<'chunk-stored', ChunkMoved & { from: string; again?: true }>
  | Event<'chunk-failed', { file: string; chunkIndex: number; from: string; reason: ChunkFailure }>
  | Event<'chunk-sent', ChunkMoved & { to: string }>
  | Event<'chunk-unreadable', { file: string; chunkIndex: number; message: string }>
  | Event<'disk-full', { message: string; retryInMs: number }>
  | Event<'file-complete', FileComplete>
  /** An entry of the catalog that this peer gave up: it is not here at the end of the run. */
  | Event<'file-failed', { file: string; origin: string; code: ErrorCode; message: string }>
  /** A complete file is not as it was published any more: something changed or removed it. It is fetched again. */
  | Event<'file-lost', { file: string; byteLength: number }>
  | Event<'progress', PeerProgress>
  /** `checkedEarlier`: how many of the files this run did not read, because an earlier one did; absent where none. */
  | Event<
      'peer-complete',
      { elapsedMs: number; receivedBytes: number; sentBytes: number; checkedEarlier?: number }
    >
  /** It has all that it can have, without so many files, and goes on serving. `message` names the first of them. */
  | Event<'peer-short', PeerShort>
  /** As the coordinator tells it: when it is first known, and when it has changed notably. */
  | Event<'bound', Bound>
  | Event<'coordinator-lost', { message: string; reset: boolean }>
  /** `alone`: this peer saw it for itself, without a coordinator, and knows no times but its own. */
  | Event<
      'swarm-complete',
      { makespanMs: number; results: PeerResult[]; alone?: true } & KnownBound & WithoutFiles
    >
  | Event<'swarm-incomplete', { reason: string; results: PeerResult[] } & WithoutFiles>
  | Event<'error', { code: ErrorCode; message: string }>
  | Event<'stopped', { reason: string }>

export interface RosterEntry {
  name: string
  peerId: string
  multiaddrs: string[]
  connected: boolean
  complete: boolean
}

export interface PublishedFile {
  file: string
  byteLength: number
  md5: string
}

export interface MissingFile {
  file: string
  byteLength: number
  heldBytes: number
}

export interface ChunkMoved {
  file: string
  chunkIndex: number
  byteLength: number
  /** From its request to its place on disk; when sent, from the request's arrival to its last byte's hand-over. */
  elapsedMs: number
}

/**
 * Why a requested chunk is not here: not held there, unreadable there, that peer gives first copies only, taken back
 * to be asked of a faster one, false bytes, the stream's end, no room here, this disk's error.
 */
export type ChunkFailure =
  | 'not-held'
  | 'unreadable'
  | 'busy'
  | 'none-fresh'
  | 'cancelled'
  | 'corrupt'
  | 'stream-closed'
  | 'disk-full'
  | 'disk-failed'

export interface FileComplete {
  file: string
  origin: string
  byteLength: number
  md5: string
  /** Since this peer's registration. */
  elapsedMs: number
  /** Whether no byte of it came over the network in this run. */
  local: boolean
  /**
   * Absent where this run read and hashed the file. Otherwise when an earlier run did, in milliseconds since 1970: the
   * file's timestamps are unchanged since.
   */
  checkedAtMs?: number
}

export interface PeerShort {
  elapsedMs: number
  receivedBytes: number
  sentBytes: number
  files: number
  code: ErrorCode
  message: string
}

export interface PeerProgress {
  totalBytes: number
  heldBytes: number
  receivedBytes: number
  sentBytes: number
}

/** One line of the table of times. */
export interface PeerResult extends Pick<PeerProgress, 'receivedBytes' | 'sentBytes'> {
  name: string
  registeredAtMs: number
  /** Absent while the peer misses something. */
  completedAtMs?: number
}

/** What the end of every swarm says of members whose files nobody has. */
export interface WithoutFiles {
  /** Names of the members without whose files the swarm started, since no valid list of them came; absent without any. */
  leftOut?: string[]
}

/** The lower bound and the efficiency; nothing where no capacity is known. */
export type KnownBound = BoundOutcome | { boundMs?: never }

/** How the swarm ended. */
export type SwarmOutcome = {
  complete: boolean
  /** From the first registration to the last completion. */
  makespanMs: number
  results: PeerResult[]
} & KnownBound

type Event<Name extends string, Detail> = EventBase & { event: Name } & Detail
