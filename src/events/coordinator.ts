/** The coordinator's events about the swarm: schemas and types, as in `peer.ts`. */

import * as z from 'zod'
import { CHUNK_TIME_CLASSES } from '../core/chunk-times.ts'
import { MAX_PEERS } from '../core/max-peers.ts'
import {
  amount,
  bound,
  boundOutcome,
  chunkFailure,
  completedFile,
  event,
  moved,
  progress,
  publishedFile,
  results,
  sharedEvents,
  text,
  texts,
  type WithoutFiles,
  withDeclined,
  withoutFiles
} from './peer.ts'

/**
 * The capacity of one direction of a link: as its peer's configuration says, or else the highest throughput in this
 * run.
 */
const capacity = z.object({ bytesPerSecond: amount, configured: z.boolean() })
export type Capacity = z.output<typeof capacity>

/** A peer's link; a direction that no one knows is absent. */
const peerCapacities = z.object({
  name: text,
  uplink: capacity.exactOptional(),
  downlink: capacity.exactOptional()
})
export type PeerCapacities = z.output<typeof peerCapacities>

/** A file of the catalog. Files with one root have one content. */
const catalogEntry = z.object({ ...publishedFile, origin: text, root: text })
export type CatalogEntry = z.output<typeof catalogEntry>

/** The sum of a peer's transfers. */
const transfers = z.object({
  /** Chunk bytes received, by the name of the sender. */
  flows: z.array(z.object({ from: text, receivedBytes: amount })).max(MAX_PEERS),
  /** Chunks received and stored. */
  chunks: amount,
  /** How many of them took how long: see `chunkTimeMs`. */
  chunkTimes: z.array(amount).max(CHUNK_TIME_CLASSES),
  /** Of them, those that were here already: asked for twice at the end. */
  duplicates: amount,
  /** Chunks that were asked for and did not arrive, by reason. */
  failures: z.array(z.object({ reason: chunkFailure, count: amount })),
  /** Connections that were ended because they carried nothing. */
  stalls: amount,
  /** Connections with peers that ended. */
  disconnections: amount
})
export type Transfers = z.output<typeof transfers>

/** How much of a content a peer has. */
const contentHeld = z.object({
  root: text,
  heldBytes: amount,
  /**
   * The content in this many stretches of equal length, one after another: the share of each that is here, from 0 to
   * 255.
   */
  cells: z.array(amount)
})
export type ContentHeld = z.output<typeof contentHeld>

const waiting = z.object({
  /** There is no room on its disk; no connected peer has what it lacks; everything is here and is being checked. */
  reason: z.enum(['disk-full', 'no-source', 'checking', 'asking']),
  /** The peers concerned: whose files have no source, with `no-source`. */
  remotes: texts
})
export type Waiting = z.output<typeof waiting>
export type WaitingReason = Waiting['reason']

/** What a peer is doing, as it reports. */
const peerActivity = z.object({
  name: text,
  /** Since its start, and of earlier starts. */
  transfers,
  /** Contents of which it has more, or less, than it last reported. */
  contents: z.array(contentHeld),
  /** Why nothing arrives, if it knows. */
  waiting: waiting.exactOptional()
})
export type PeerActivity = z.output<typeof peerActivity>

const swarmProgress = z.object({ ...progress, name: text, connected: z.boolean(), complete: z.boolean() })
export type SwarmProgress = z.output<typeof swarmProgress>

/** What the relay carried in total; absent without one. It is part of what the peers sent, not in addition to it. */
export interface Relayed {
  relayedBytes?: number
}

/** What the end of every swarm says. */
export type Ended = Relayed & WithoutFiles
const ended = { results, relayedBytes: amount.exactOptional(), ...withoutFiles }

/** `exchangeMs`: the part of the makespan since the catalog was complete; not in logs of earlier releases. */
const completeTimes = { makespanMs: z.number(), exchangeMs: z.number().exactOptional() }

/** What a peer wants of the files of others, and how many these are. */
const wants = { files: amount, byteLength: amount, ofFiles: amount }
export type Wants = z.output<z.ZodObject<typeof wants>>

export const coordinatorEvents = {
  ...sharedEvents,
  started: event('started', {
    peerId: text,
    multiaddrs: texts,
    expectedPeers: amount,
    chunkByteLength: amount,
    /** When the swarm clock showed 0, in ms since 1970; not in logs of earlier releases. */
    clockZeroUnixMs: z.number().exactOptional()
  }),
  /** After the start, when it carries on a swarm from this file. */
  'carried-on': event('carried-on', { file: text, peers: amount, complete: amount }),
  registered: event('registered', {
    peerId: text,
    multiaddrs: texts,
    joined: amount,
    expectedPeers: amount,
    rejoined: z.boolean(),
    late: z.literal(true).exactOptional()
  }),
  /** Before the swarm starts: it now waits for another number of peers, of which this many are here. */
  'expected-peers': event('expected-peers', { expectedPeers: amount, joined: amount }),
  /** With fewer peers than expected: someone asked for it, or `startAfterMs` is over. */
  'started-early': event('started-early', {
    peers: amount,
    expectedPeers: amount,
    why: z.enum(['asked', 'waited'])
  }),
  /** A peer looked at what has been published so far, and took no place. */
  observed: event('observed', { peerId: text }),
  /** `peer` is its name, or its PeerId if it was not admitted and has given no name. */
  refused: event('refused', { peerId: text, code: text, message: text }),
  'manifests-published': event('manifests-published', { files: amount, byteLength: amount }),
  /** `entries` has the files, in the order of their names; with `added`, those that late peers brought since. */
  catalog: event('catalog', {
    files: amount,
    byteLength: amount,
    entries: z.array(catalogEntry),
    added: z.literal(true).exactOptional()
  }),
  /**
   * What a peer wants of the files of others, if that is not everything or has changed. `declined` has, for each origin
   * of which it does without any file, a bit for each of its files in the catalog's order, as hexadecimal bytes: file i
   * is bit i % 8, from the most significant, of byte i / 8.
   */
  choice: event('choice', {
    ...wants,
    declined: z
      .array(z.object({ origin: text, files: z.string().regex(/^(?:[0-9a-f]{2})*$/) }))
      .max(MAX_PEERS)
  }),
  progress: event('progress', { peers: z.array(swarmProgress).max(MAX_PEERS) }),
  /** What has changed of it, at most every second. For live views; it is not in the log files. */
  activity: event('activity', { peers: z.array(peerActivity).max(MAX_PEERS) }),
  /** At the end: the sum of each peer's transfers. */
  transfers: event('transfers', { peers: z.array(transfers.extend({ name: text })).max(MAX_PEERS) }),
  /** What the relay has carried so far, for the connections that it carries now; only with `relay: true`. */
  relayed: event('relayed', { relayedBytes: amount, connections: amount }),
  'file-complete': event('file-complete', completedFile),
  'peer-complete': event('peer-complete', { elapsedMs: z.number(), ...moved, ...withDeclined }),
  'peer-lost': event('peer-lost', { message: text }),
  /** A peer reports another capacity of its link, as when its limits were changed; absent: unknown. */
  capacities: event('capacities', {
    uplinkBytesPerSecond: amount.exactOptional(),
    downlinkBytesPerSecond: amount.exactOptional()
  }),
  /**
   * When it is first known, and when it has changed notably. `peer` is the one whose link binds, if it is a single
   * peer's.
   */
  bound: event('bound', { ...bound, capacities: z.array(peerCapacities).max(MAX_PEERS) }),
  'swarm-complete': z.union([
    event('swarm-complete', { ...completeTimes, ...ended, ...boundOutcome }),
    event('swarm-complete', { ...completeTimes, ...ended }).transform(
      (told): typeof told & { boundMs?: never } => told
    )
  ]),
  'swarm-incomplete': event('swarm-incomplete', { reason: text, ...ended })
}

export type CoordinatorEvent = z.output<(typeof coordinatorEvents)[keyof typeof coordinatorEvents]>
