/**
 * The report of a run: what `report.json` holds, and all that `report.html` shows.
 *
 * Plain numbers with their unit in the name; times are the swarm clock's (`…AtMs`) or lengths (`…Ms`). `null`: not known.
 * Another version is told by `version`; what is added to this one leaves the rest as it is.
 */
import * as z from 'zod'

export const REPORT_FORMAT = 'potluck-report'
export const REPORT_VERSION = 1

const count = z.int().min(0)
const bytes = z.number().min(0)
const ms = z.number()
const ratePerSecond = z.number().min(0)
const name = z.string()

/** Of all chunks that were received: the time that half of them, 95 % and 99 % did not exceed, within 5 %. */
const chunkTimesSchema = z.strictObject({ medianMs: ms, p95Ms: ms, p99Ms: ms })

const failureSchema = z.strictObject({ reason: z.string(), count })

/** What a peer's transfers came to. */
const transfersSchema = z.strictObject({
  chunks: count,
  chunkTimes: chunkTimesSchema.nullable(),
  /** Chunks that were here already when they came. */
  duplicates: count,
  /** Chunks that were asked for, did not come by some fault, and had to be asked for again. */
  retries: count,
  /** Asks that the scheduler's rules turned down or took back: nothing went wrong. */
  refusals: count,
  /** Retries and refusals by reason. */
  failures: z.array(failureSchema),
  stalls: count,
  disconnections: count
})

const capacitySchema = z.strictObject({ bytesPerSecond: ratePerSecond, configured: z.boolean() })

const peerSchema = z.strictObject({
  name,
  registeredAtMs: ms.nullable(),
  /** Since its registration; null while it misses something. */
  completedAfterMs: ms.nullable(),
  /** What it wants of the files of others, of so many; null where that is everything, or not known. */
  wants: z.strictObject({ files: count, ofFiles: count, byteLength: bytes }).nullable(),
  /** What it brought. */
  broughtFiles: count,
  broughtBytes: bytes,
  /** Of what it brought and wants. */
  totalBytes: bytes,
  heldBytes: bytes,
  receivedBytes: bytes,
  sentBytes: bytes,
  /** Of what it received, what came from the origins of the files themselves; known from its own log. */
  directBytes: bytes.nullable(),
  /** From the catalog to its completion. */
  meanReceivingBytesPerSecond: ratePerSecond.nullable(),
  /** From the catalog to the last completion of all. */
  meanSendingBytesPerSecond: ratePerSecond.nullable(),
  /** The fastest 2 s. */
  peakReceivingBytesPerSecond: ratePerSecond.nullable(),
  peakSendingBytesPerSecond: ratePerSecond.nullable(),
  /** What its line carries: as configured, or else at its fastest. */
  uplink: capacitySchema.nullable(),
  downlink: capacitySchema.nullable(),
  transfers: transfersSchema.nullable()
})

const fileSchema = z.strictObject({
  file: name,
  origin: name,
  byteLength: bytes,
  md5: z.string(),
  /** How many peers had it complete, besides those that brought it. */
  copies: count,
  /** How many of them want it, as far as is known. */
  wantedBy: count,
  firstCompletedAtMs: ms.nullable(),
  lastCompletedAtMs: ms.nullable()
})

const faultSchema = z.strictObject({
  atMs: ms,
  kind: z.string(),
  /** Who it happened to. */
  peer: name,
  text: z.string()
})

export const reportSchema = z.strictObject({
  format: z.literal(REPORT_FORMAT),
  version: z.literal(REPORT_VERSION),
  madeAt: z.iso.datetime(),

  run: z.strictObject({
    /** The same for all reports of one run. */
    id: z.string(),
    coordinator: name.nullable(),
    /** When the swarm clock showed 0. */
    startedAt: z.iso.datetime().nullable(),
    /** `stopped`: from outside, before its end. `unfinished`: what was read has no end of it. */
    verdict: z.enum(['complete', 'incomplete', 'stopped', 'unfinished']),
    reason: z.string().nullable(),
    /** The peers without whose files the swarm started, since the coordinator received no valid list of them in time. */
    withoutFilesOf: z.array(name),
    expectedPeers: count.nullable(),
    chunkByteLength: bytes.nullable(),
    files: count.nullable(),
    /** Of all files together, each counted once. */
    byteLength: bytes.nullable(),
    /** What all peers together received. */
    receivedBytes: bytes,
    /** What all peers together still lack. */
    missingBytes: bytes,
    /** What the coordinator carried between peers without a direct connection; part of what they received. */
    relayedBytes: bytes.nullable()
  }),

  sources: z.strictObject({
    /** `live`: as it ran. */
    coordinator: z.enum(['live', 'log', 'none']),
    /** Whose own logs were read. */
    peerLogs: z.array(name),
    leftOut: z.array(z.strictObject({ source: z.string(), reason: z.string() })),
    /** Lines that were no events, or cut. */
    brokenLines: count,
    /** What is not in this report for want of logs, in sentences. */
    missing: z.array(z.string())
  }),

  times: z.strictObject({
    firstRegisteredAtMs: ms.nullable(),
    lastRegisteredAtMs: ms.nullable(),
    catalogAtMs: ms.nullable(),
    /** When the first chunk was stored: to the millisecond by the peers' logs, else as the coordinator saw it. */
    firstChunkAtMs: ms.nullable(),
    firstChunkBasis: z.enum(['chunks', 'progress']).nullable(),
    firstCompletedAtMs: ms.nullable(),
    /** The last completion but one: from then on one peer missed something. */
    lastButOneCompletedAtMs: ms.nullable(),
    lastCompletedAtMs: ms.nullable(),
    /** Of the last event that is known. */
    lastEventAtMs: ms,
    /** From the first registration to the last completion; null where not all are complete. */
    makespanMs: ms.nullable(),
    /** Of it, what passed since the catalog was complete. */
    exchangeMs: ms.nullable()
  }),

  bound: z
    .strictObject({
      boundMs: ms,
      term: z.enum(['origin', 'downlink', 'uplinks']),
      /** Whose line binds; null where all uplinks together do. */
      peer: name.nullable(),
      bytesPerSecond: ratePerSecond,
      basis: z.enum(['configured', 'measured', 'mixed']),
      /** boundMs / exchangeMs; null where the run did not end complete. */
      efficiency: z.number().min(0).max(1).nullable(),
      /** How much passed through the line that binds, from its first to its last chunk. */
      use: z
        .strictObject({
          bytes,
          fromAtMs: ms,
          toAtMs: ms,
          /** Of what it could have carried meanwhile; above 1, it carries more than was told. */
          share: z.number().min(0),
          /** `progress`: as the peers tell twice a second, so less exact. */
          basis: z.enum(['chunks', 'progress'])
        })
        .nullable()
    })
    .nullable(),

  /** In words, a paragraph each: what limited the run. */
  limits: z.array(z.string()),

  /** Of all peers together. */
  transfers: transfersSchema.nullable(),

  peers: z.array(peerSchema),
  /** In the order of their names. */
  files: z.array(fileSchema),
  /** Further ones, that are only counted. */
  moreFiles: count,

  /** Who sent how much to whom; pairs that exchanged nothing are left out. */
  flows: z.array(z.strictObject({ from: name, to: name, bytes })),

  /** Sums since the start at some hundred times a peer, in columns of one length. */
  timeline: z.array(
    z.strictObject({
      peer: name,
      atMs: z.array(ms),
      heldBytes: z.array(bytes),
      receivedBytes: z.array(bytes),
      sentBytes: z.array(bytes)
    })
  ),

  faults: z.strictObject({
    /** In the order of time. */
    listed: z.array(faultSchema),
    /** Further ones, that are only counted. */
    more: count,
    counts: z.array(z.strictObject({ kind: z.string(), count }))
  })
})

export type Report = z.output<typeof reportSchema>
export type ReportPeer = z.output<typeof peerSchema>
export type ReportFile = z.output<typeof fileSchema>
export type ReportTransfers = z.output<typeof transfersSchema>
export type ReportFault = z.output<typeof faultSchema>
export type ChunkTimes = z.output<typeof chunkTimesSchema>
