/**
 * Events as they stand in log files, which anybody may have written: checked before anything is made of them. Only those
 * that a report is made from; all others are left out.
 */
import { z } from 'zod'
import { CHUNK_TIME_CLASSES } from '../core/chunk-times.ts'
import { type ErrorCode, isErrorCode } from '../core/errors.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import type { PeerEvent } from '../events/peer.ts'

/** The largest swarm there is. */
const MAX_PEERS = 1024

const amount = z.number().min(0)
const text = z.string()
const texts = z.array(text).max(10_000)
const code = z.custom<ErrorCode>((value) => typeof value === 'string' && isErrorCode(value))

const frame = { atMs: z.number(), peer: text }

function event<Name extends string, Shape extends z.core.$ZodLooseShape>(name: Name, shape: Shape) {
  return z.object({ ...frame, event: z.literal(name), ...shape })
}

const member = z.object({
  name: text,
  peerId: text,
  multiaddrs: texts,
  connected: z.boolean(),
  complete: z.boolean()
})
const roster = event('roster', { members: z.array(member).max(MAX_PEERS) })

const progress = { totalBytes: amount, heldBytes: amount, receivedBytes: amount, sentBytes: amount }

const result = z.object({
  name: text,
  registeredAtMs: z.number(),
  completedAtMs: z.number().exactOptional(),
  receivedBytes: amount,
  sentBytes: amount
})
const results = z.array(result).max(MAX_PEERS)

const bound = {
  boundMs: amount,
  term: z.enum(['origin', 'downlink', 'uplinks']),
  boundPeer: text.exactOptional(),
  boundBytesPerSecond: amount,
  basis: z.enum(['configured', 'measured', 'mixed'])
}
const outcome = { ...bound, efficiency: z.number().min(0).max(1) }
const relayed = { relayedBytes: amount.exactOptional() }
const ended = { ...relayed, leftOut: texts.exactOptional() }

const capacity = z.object({ bytesPerSecond: amount, configured: z.boolean() })
const capacities = z.object({
  name: text,
  uplink: capacity.exactOptional(),
  downlink: capacity.exactOptional()
})

const failureReason = z.enum([
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
const transfers = {
  flows: z.array(z.object({ from: text, receivedBytes: amount })).max(MAX_PEERS),
  chunks: amount,
  chunkTimes: z.array(amount).max(CHUNK_TIME_CLASSES),
  duplicates: amount,
  failures: z.array(z.object({ reason: failureReason, count: amount })),
  stalls: amount,
  disconnections: amount
}

const publishedFile = { file: text, byteLength: amount, md5: text }
const completedFile = { ...publishedFile, origin: text, elapsedMs: z.number() }
const extent = { files: amount, byteLength: amount }
const peerComplete = event('peer-complete', {
  elapsedMs: z.number(),
  receivedBytes: amount,
  sentBytes: amount
})
const peerShort = event('peer-short', {
  elapsedMs: z.number(),
  receivedBytes: amount,
  sentBytes: amount,
  files: amount,
  code,
  message: text
})
const warning = event('warning', { message: text })
const failed = event('error', { code, message: text })
const stopped = event('stopped', { reason: text })

const contents = z.array(z.object({ root: text, heldBytes: amount, cells: z.array(amount) }))
const waiting = z.object({ reason: z.enum(['disk-full', 'no-source', 'checking']), remotes: texts })

const COORDINATOR: ReadonlyMap<string, z.ZodType<CoordinatorEvent>> = new Map<
  string,
  z.ZodType<CoordinatorEvent>
>([
  [
    'started',
    event('started', {
      peerId: text,
      multiaddrs: texts,
      expectedPeers: amount,
      chunkByteLength: amount,
      clockZeroUnixMs: z.number().exactOptional()
    })
  ],
  ['carried-on', event('carried-on', { file: text, peers: amount, complete: amount })],
  ['warning', warning],
  [
    'registered',
    event('registered', {
      peerId: text,
      multiaddrs: texts,
      joined: amount,
      expectedPeers: amount,
      rejoined: z.boolean()
    })
  ],
  ['refused', event('refused', { peerId: text, code: text, message: text })],
  ['roster', roster],
  [
    'catalog',
    event('catalog', {
      ...extent,
      entries: z.array(z.object({ ...publishedFile, origin: text, root: text }))
    })
  ],
  [
    'progress',
    event('progress', {
      peers: z
        .array(z.object({ ...progress, name: text, connected: z.boolean(), complete: z.boolean() }))
        .max(MAX_PEERS)
    })
  ],
  [
    'activity',
    event('activity', {
      peers: z
        .array(
          z.object({ name: text, transfers: z.object(transfers), contents, waiting: waiting.exactOptional() })
        )
        .max(MAX_PEERS)
    })
  ],
  [
    'transfers',
    event('transfers', { peers: z.array(z.object({ ...transfers, name: text })).max(MAX_PEERS) })
  ],
  ['relayed', event('relayed', { relayedBytes: amount, connections: amount })],
  ['file-complete', event('file-complete', completedFile)],
  ['peer-complete', peerComplete],
  ['peer-short', peerShort],
  ['peer-lost', event('peer-lost', { message: text })],
  ['bound', event('bound', { ...bound, capacities: z.array(capacities).max(MAX_PEERS) })],
  [
    'swarm-complete',
    z.union([
      event('swarm-complete', { makespanMs: z.number(), results, ...ended, ...outcome }),
      event('swarm-complete', { makespanMs: z.number(), results, ...ended })
    ])
  ],
  ['swarm-incomplete', event('swarm-incomplete', { reason: text, results, ...ended })],
  ['error', failed],
  ['stopped', stopped]
])

const chunk = { file: text, chunkIndex: amount }
const moved = { ...chunk, byteLength: amount, elapsedMs: z.number() }

const PEER: ReadonlyMap<string, z.ZodType<PeerEvent>> = new Map<string, z.ZodType<PeerEvent>>([
  ['started', event('started', { peerId: text, multiaddrs: texts })],
  ['warning', warning],
  [
    'coordinator-unreachable',
    event('coordinator-unreachable', { address: text, message: text, retryInMs: amount })
  ],
  [
    'registered',
    event('registered', {
      peerId: text,
      multiaddrs: texts,
      expectedPeers: amount,
      clockOffsetMs: z.number(),
      rejoined: z.boolean()
    })
  ],
  ['roster', roster],
  [
    'manifests-published',
    event('manifests-published', { ...extent, manifests: z.array(z.object(publishedFile)) })
  ],
  [
    'catalog',
    event('catalog', {
      ...extent,
      missingFiles: amount,
      missingBytes: amount,
      missing: z.array(z.object({ file: text, byteLength: amount, heldBytes: amount }))
    })
  ],
  ['peer-disconnected', event('peer-disconnected', { remote: text })],
  ['dial-failed', event('dial-failed', { remote: text, message: text, retryInMs: amount, tries: amount })],
  ['out-of-reach', event('out-of-reach', { remotes: texts, alone: z.boolean(), relayed: z.boolean() })],
  ['peer-stalled', event('peer-stalled', { remote: text, silentMs: amount })],
  ['peer-banned', event('peer-banned', { remote: text, message: text })],
  ['digests-failed', event('digests-failed', { root: text, from: text, message: text })],
  ['chunk-stored', event('chunk-stored', { ...moved, from: text, again: z.literal(true).exactOptional() })],
  ['chunk-failed', event('chunk-failed', { ...chunk, from: text, reason: failureReason })],
  ['chunk-sent', event('chunk-sent', { ...moved, to: text })],
  ['chunk-unreadable', event('chunk-unreadable', { ...chunk, message: text })],
  ['disk-full', event('disk-full', { message: text, retryInMs: amount })],
  [
    'file-complete',
    event('file-complete', { ...completedFile, local: z.boolean(), checkedAtMs: amount.exactOptional() })
  ],
  ['file-failed', event('file-failed', { file: text, origin: text, code, message: text })],
  ['file-lost', event('file-lost', { file: text, byteLength: amount })],
  ['progress', event('progress', progress)],
  ['peer-complete', peerComplete],
  ['peer-short', peerShort],
  ['bound', event('bound', bound)],
  ['coordinator-lost', event('coordinator-lost', { message: text, reset: z.boolean() })],
  [
    'swarm-complete',
    z.union([
      event('swarm-complete', {
        makespanMs: z.number(),
        results,
        alone: z.literal(true).exactOptional(),
        ...outcome
      }),
      event('swarm-complete', { makespanMs: z.number(), results, alone: z.literal(true).exactOptional() })
    ])
  ],
  ['swarm-incomplete', event('swarm-incomplete', { reason: text, results })],
  ['error', failed],
  ['stopped', stopped]
])

const framed = z.object({ event: text, atMs: z.number(), peer: text })

/** `broken`: it is no event, or not what an event of its name has to be. `other`: nothing that a report needs. */
export type Checked<E> = E | 'broken' | 'other'

export function checkedCoordinatorEvent(value: unknown): Checked<CoordinatorEvent> {
  return checked(value, COORDINATOR)
}

export function checkedPeerEvent(value: unknown): Checked<PeerEvent> {
  return checked(value, PEER)
}

function checked<E>(value: unknown, schemas: ReadonlyMap<string, z.ZodType<E>>): Checked<E> {
  const frame = framed.safeParse(value)
  if (!frame.success) {
    return 'broken'
  }
  const schema = schemas.get(frame.data.event)
  if (schema === undefined) {
    return 'other'
  }
  const parsed = schema.safeParse(value)
  return parsed.success ? parsed.data : 'broken'
}
