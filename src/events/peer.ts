/**
 * A peer's events about its run: a schema for each event, by which logs are read, and the types derived from them. Only
 * readers of logs need the schemas; all others import types.
 */
import * as z from 'zod'
import type { BoundOutcome } from '../core/bound.ts'
import { type ErrorCode, isErrorCode } from '../core/errors.ts'
import { MAX_PEERS } from '../core/max-peers.ts'

export const text = z.string()
export const texts = z.array(text).max(10_000)
/** A count of bytes, of things, or of elapsed milliseconds. */
export const amount = z.number().min(0)
export const code = z.custom<ErrorCode>((value) => typeof value === 'string' && isErrorCode(value))

/** An event: the fields of `EventBase`, and its own. */
export function event<Name extends string, Shape extends z.core.$ZodLooseShape>(name: Name, shape: Shape) {
  return z.object({ atMs: z.number(), peer: text, event: z.literal(name), ...shape })
}

const rosterEntry = z.object({
  name: text,
  peerId: text,
  multiaddrs: texts,
  connected: z.boolean(),
  complete: z.boolean()
})
export type RosterEntry = z.output<typeof rosterEntry>

export const publishedFile = { file: text, byteLength: amount, md5: text }
const manifest = z.object(publishedFile)
export type PublishedFile = z.output<typeof manifest>

export const completedFile = {
  ...publishedFile,
  origin: text,
  /** Since this peer's registration. */
  elapsedMs: z.number()
}

const fileComplete = event('file-complete', {
  ...completedFile,
  /** Whether no byte of it was received over the network in this run. */
  local: z.boolean(),
  /**
   * Absent if this run read and hashed the file. Otherwise when an earlier run did, in milliseconds since 1970: the
   * file's timestamps are unchanged since.
   */
  checkedAtMs: amount.exactOptional()
})
export type FileComplete = Omit<z.output<typeof fileComplete>, 'event' | 'atMs' | 'peer'>

const missingFile = z.object({ file: text, byteLength: amount, heldBytes: amount })
export type MissingFile = z.output<typeof missingFile>

const chunk = { file: text, chunkIndex: amount }
const chunkMoved = {
  ...chunk,
  byteLength: amount,
  /** From its request to its place on disk; when sent, from the request's arrival until the last byte was passed on. */
  elapsedMs: z.number()
}

/**
 * Why a requested chunk is not here: not there, unreadable there, that peer gives first copies only, taken back to be
 * asked of a faster one, corrupt, the stream's end, no room here, this disk's error.
 */
export const chunkFailure = z.enum([
  'not-held',
  'unreadable',
  'busy',
  'none-fresh',
  'cancelled',
  'corrupt',
  'stream-closed',
  'disk-full',
  'disk-failed'
])
export type ChunkFailure = z.output<typeof chunkFailure>

export const moved = { receivedBytes: amount, sentBytes: amount }
export const progress = { totalBytes: amount, heldBytes: amount, ...moved }
const peerProgress = z.object(progress)
export type PeerProgress = z.output<typeof peerProgress>

/** How many files of others a peer does without; absent if none. */
export const withDeclined = { declinedFiles: amount.exactOptional() }

/** What a peer has published, and what of that would come here. */
const previewed = {
  name: text,
  files: amount,
  byteLength: amount,
  wanted: z.object({ files: amount, byteLength: amount }),
  hereBytes: amount,
  movedAside: amount
}
const { movedAside: _, ...asked } = previewed
const previewedPeer = z.object(previewed)
const askedPeer = z.object(asked)
export type AskedPeer = z.output<typeof askedPeer>

/** What a person is asked before it is fetched. */
const question = {
  missingBytes: amount,
  peers: z.array(askedPeer).max(MAX_PEERS),
  freeBytes: amount.exactOptional()
}
const fetchQuestion = z.object(question)
export type FetchQuestion = z.output<typeof fetchQuestion>

export type PreviewedPeer = z.output<typeof previewedPeer>

const ended = { elapsedMs: z.number(), ...moved }
const short = { ...ended, files: amount, code, message: text }
const peerShort = z.object(short)
export type PeerShort = z.output<typeof peerShort>

/** One line of the table of times. */
const peerResult = z.object({
  name: text,
  registeredAtMs: z.number(),
  /** Absent while the peer lacks something. */
  completedAtMs: z.number().exactOptional(),
  ...moved
})
export type PeerResult = z.output<typeof peerResult>
export const results = z.array(peerResult).max(MAX_PEERS)

export const bound = {
  boundMs: amount,
  term: z.enum(['origin', 'downlink', 'uplinks']),
  boundPeer: text.exactOptional(),
  boundBytesPerSecond: amount,
  basis: z.enum(['configured', 'measured', 'mixed'])
}

/** The lower bound and the efficiency; nothing if no capacity is known. */
export type KnownBound = BoundOutcome | { boundMs?: never }
export const boundOutcome = { ...bound, efficiency: z.number().min(0).max(1) }

/** What the end of every swarm says of members whose files no one has. */
export interface WithoutFiles {
  /**
   * Names of the members without whose files the swarm started, because they sent no valid list; absent without any.
   */
  leftOut?: string[]
}
export const withoutFiles = { leftOut: texts.exactOptional() }

/** How the swarm ended. */
export type SwarmOutcome = {
  complete: boolean
  /** From the first registration to the last completion. */
  makespanMs: number
  /**
   * The part of it since the catalog was complete; absent if a coordinator of an earlier release does not report it.
   */
  exchangeMs?: number
  results: PeerResult[]
} & KnownBound

/** `alone`: this peer saw it for itself, without a coordinator, and knows only its own times. */
const swarmComplete = {
  makespanMs: z.number(),
  exchangeMs: z.number().exactOptional(),
  results,
  alone: z.literal(true).exactOptional(),
  ...withoutFiles
}

/** Events that both roles emit in the same way. */
export const sharedEvents = {
  /** After the start, when it serves pages or metrics. `insteadOf`: the usual address, which was in use. */
  serving: event('serving', { url: text, insteadOf: text.exactOptional() }),
  /** After the start, when there is something to be careful of. */
  warning: event('warning', { message: text }),
  roster: event('roster', { members: z.array(rosterEntry).max(MAX_PEERS) }),
  error: event('error', { code, message: text }),
  stopped: event('stopped', { reason: text }),
  /**
   * A peer has everything that it can get, without this many files, and goes on serving. `message` names the first of
   * them.
   */
  'peer-short': event('peer-short', short)
}

/** Names of files are `<origin>/<path>`, as in a collection. Times are milliseconds, sizes bytes. */
export const peerEvents = {
  ...sharedEvents,
  started: event('started', { peerId: text, multiaddrs: texts }),
  /** After the start if there are any, and whenever they are set. An absent limit is no limit. */
  limits: event('limits', {
    maxUpBytesPerSecond: amount.exactOptional(),
    maxDownBytesPerSecond: amount.exactOptional()
  }),
  hashing: event('hashing', { hashedBytes: amount, totalBytes: amount }),
  hashed: event('hashed', { files: amount, byteLength: amount, elapsedMs: z.number() }),
  'coordinator-unreachable': event('coordinator-unreachable', {
    address: text,
    message: text,
    retryInMs: amount
  }),
  'coordinator-connected': event('coordinator-connected', { address: text }),
  registered: event('registered', {
    peerId: text,
    multiaddrs: texts,
    expectedPeers: amount,
    clockOffsetMs: z.number(),
    rejoined: z.boolean()
  }),
  /** While some have not joined yet: how many have, and the first of them by name. */
  arrivals: event('arrivals', { joined: amount, expectedPeers: amount, names: texts }),
  'manifests-published': event('manifests-published', {
    files: amount,
    byteLength: amount,
    manifests: z.array(manifest)
  }),
  catalog: event('catalog', {
    files: amount,
    byteLength: amount,
    missingFiles: amount,
    missingBytes: amount,
    /** The contents that are wanted and not complete here, each by one of its files. */
    missing: z.array(missingFile),
    /** Files of others that this peer does without; absent if none. */
    declined: z.object({ files: amount, byteLength: amount }).exactOptional()
  }),
  /** With `--dry-run`: what would be fetched of what is published so far. */
  preview: event('preview', {
    joined: amount,
    expectedPeers: amount,
    peers: z.array(z.object(previewed)).max(MAX_PEERS),
    freeBytes: amount.exactOptional()
  }),
  /** A person is asked whether to fetch so much. Until they answer, nothing is fetched and this peer serves. */
  asking: event('asking', question),
  'peer-connected': event('peer-connected', {
    remote: text,
    address: text,
    direction: z.enum(['inbound', 'outbound']),
    relayed: z.boolean()
  }),
  'peer-disconnected': event('peer-disconnected', { remote: text }),
  /** The first, fourth, sixteenth … failed attempt in a row. */
  'dial-failed': event('dial-failed', { remote: text, message: text, retryInMs: amount, tries: amount }),
  /**
   * Once, for members that neither side could connect with so far. `alone`: these are all; `relayed`: nor over the
   * relay.
   */
  'out-of-reach': event('out-of-reach', { remotes: texts, alone: z.boolean(), relayed: z.boolean() }),
  'peer-stalled': event('peer-stalled', { remote: text, silentMs: amount }),
  'peer-banned': event('peer-banned', { remote: text, message: text }),
  availability: event('availability', { from: text, files: amount, chunks: amount }),
  digests: event('digests', { root: text, from: text, chunks: amount, elapsedMs: z.number() }),
  'digests-failed': event('digests-failed', { root: text, from: text, message: text }),
  'chunk-requested': event('chunk-requested', { ...chunk, from: text }),
  /** `again`: it was here already. */
  'chunk-stored': event('chunk-stored', {
    ...chunkMoved,
    from: text,
    again: z.literal(true).exactOptional()
  }),
  'chunk-failed': event('chunk-failed', { ...chunk, from: text, reason: chunkFailure }),
  'chunk-sent': event('chunk-sent', { ...chunkMoved, to: text }),
  /** `to`: the peer that asked for it; not in logs of earlier releases. */
  'chunk-unreadable': event('chunk-unreadable', { ...chunk, message: text, to: text.exactOptional() }),
  /** Something was in the place of a file. It is kept under another name; both paths are relative to the collection. */
  'moved-aside': event('moved-aside', { path: text, movedTo: text }),
  'disk-full': event('disk-full', { message: text, retryInMs: amount }),
  'file-complete': fileComplete,
  /** An entry of the catalog that this peer gave up: it is not here at the end of the run. */
  'file-failed': event('file-failed', { file: text, origin: text, code, message: text }),
  /** A complete file no longer is as it was published: something changed or removed it. It is fetched again. */
  'file-lost': event('file-lost', { file: text, byteLength: amount }),
  progress: event('progress', progress),
  /** `checkedEarlier`: how many of the files this run did not read, because an earlier one did; absent if none. */
  'peer-complete': event('peer-complete', {
    ...ended,
    ...withDeclined,
    checkedEarlier: amount.exactOptional()
  }),
  /** As the coordinator reports it: when it is first known, and when it has changed notably. */
  bound: event('bound', bound),
  'coordinator-lost': event('coordinator-lost', { message: text, reset: z.boolean() }),
  'swarm-complete': z.union([
    event('swarm-complete', { ...swarmComplete, ...boundOutcome }),
    // A bound of a kind that only a later release knows is left out.
    event('swarm-complete', swarmComplete).transform((told): typeof told & { boundMs?: never } => told)
  ]),
  'swarm-incomplete': event('swarm-incomplete', { reason: text, results, ...withoutFiles })
}

export type PeerEvent = z.output<(typeof peerEvents)[keyof typeof peerEvents]>
