/**
 * The report of a run: the schema of `report.json`, and everything that `report.html` shows.
 *
 * Plain numbers with their unit in the name; times are the swarm clock's (`…AtMs`) or lengths (`…Ms`). `null`: unknown.
 * `version` changes with every incompatible change; new fields leave the rest unchanged.
 */
import * as z from 'zod'

export const REPORT_FORMAT = 'potluck-report'
export const REPORT_VERSION = 1

const count = z.int().min(0)
const bytes = z.number().min(0)
const ms = z.number()
const ratePerSecond = z.number().min(0)
const name = z.string()

/** For all received chunks: the times that half of them, 95 % and 99 % did not exceed, within 5 %. */
const chunkTimesSchema = z.strictObject({ medianMs: ms, p95Ms: ms, p99Ms: ms })

const failureSchema = z.strictObject({ reason: z.string(), count })

/** The totals of a peer's transfers. */
const transfersSchema = z.strictObject({
  chunks: count,
  chunkTimes: chunkTimesSchema.nullable(),
  /** Chunks that were here already when they arrived. */
  duplicates: count,
  /** Chunks that were asked for, did not arrive because of a fault, and were asked for again. */
  retries: count,
  /** Asks that the scheduler's rules refused or took back: nothing went wrong. */
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
  /** How many of the others' files it wants; null if it wants all, or if that is unknown. */
  wants: z.strictObject({ files: count, ofFiles: count, byteLength: bytes }).nullable(),
  /** The files that it brought. */
  broughtFiles: count,
  broughtBytes: bytes,
  /** The bytes that it brought and wants. */
  totalBytes: bytes,
  heldBytes: bytes,
  receivedBytes: bytes,
  sentBytes: bytes,
  /** The received bytes that the origins of the files sent themselves; known from its own log. */
  directBytes: bytes.nullable(),
  /** From the catalog to its completion. */
  meanReceivingBytesPerSecond: ratePerSecond.nullable(),
  /** From the catalog to the last completion of all. */
  meanSendingBytesPerSecond: ratePerSecond.nullable(),
  /** The throughput of the fastest 2 s. */
  peakReceivingBytesPerSecond: ratePerSecond.nullable(),
  peakSendingBytesPerSecond: ratePerSecond.nullable(),
  /** The capacity of its link: configured, or else its fastest throughput. */
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
  /** How many of them want it, as far as known. */
  wantedBy: count,
  firstCompletedAtMs: ms.nullable(),
  lastCompletedAtMs: ms.nullable()
})

const faultSchema = z.strictObject({
  atMs: ms,
  kind: z.string(),
  /** The peer that it happened to. */
  peer: name,
  text: z.string()
})

export const reportSchema = z.strictObject({
  format: z.literal(REPORT_FORMAT),
  version: z.literal(REPORT_VERSION),
  madeAt: z.iso.datetime(),

  run: z.strictObject({
    /** The same in all reports of one run. */
    id: z.string(),
    coordinator: name.nullable(),
    /** When the swarm clock showed 0. */
    startedAt: z.iso.datetime().nullable(),
    /** `stopped`: from outside, before its end. `unfinished`: the logs do not have its end. */
    verdict: z.enum(['complete', 'incomplete', 'stopped', 'unfinished']),
    reason: z.string().nullable(),
    /**
     * The peers without whose files the swarm started, because the coordinator received no valid list of them in time.
     */
    withoutFilesOf: z.array(name),
    expectedPeers: count.nullable(),
    chunkByteLength: bytes.nullable(),
    files: count.nullable(),
    /** The bytes of all files together, each counted once. */
    byteLength: bytes.nullable(),
    /** The bytes that all peers together received. */
    receivedBytes: bytes,
    /** The bytes that all peers together still lack. */
    missingBytes: bytes,
    /** The bytes that the coordinator carried between peers without a direct connection; part of what they received. */
    relayedBytes: bytes.nullable()
  }),

  sources: z.strictObject({
    /** `live`: made during the run. */
    coordinator: z.enum(['live', 'log', 'none']),
    /** The peers whose own logs were read. */
    peerLogs: z.array(name),
    leftOut: z.array(z.strictObject({ source: z.string(), reason: z.string() })),
    /** Lines that were no events, or cut. */
    brokenLines: count,
    /** What this report lacks because logs are missing, in sentences. */
    missing: z.array(z.string())
  }),

  times: z.strictObject({
    firstRegisteredAtMs: ms.nullable(),
    lastRegisteredAtMs: ms.nullable(),
    catalogAtMs: ms.nullable(),
    /** When the first chunk was stored: to the millisecond from the peers' logs, else as the coordinator saw it. */
    firstChunkAtMs: ms.nullable(),
    firstChunkBasis: z.enum(['chunks', 'progress']).nullable(),
    firstCompletedAtMs: ms.nullable(),
    /** The second to last completion: from then on only one peer missed something. */
    lastButOneCompletedAtMs: ms.nullable(),
    lastCompletedAtMs: ms.nullable(),
    /** The time of the last known event. */
    lastEventAtMs: ms,
    /** From the first registration to the last completion; null if not all are complete. */
    makespanMs: ms.nullable(),
    /** The part of it since the catalog was complete. */
    exchangeMs: ms.nullable()
  }),

  bound: z
    .strictObject({
      boundMs: ms,
      term: z.enum(['origin', 'downlink', 'uplinks']),
      /** The peer whose link binds; null if it is all uplinks together. */
      peer: name.nullable(),
      bytesPerSecond: ratePerSecond,
      basis: z.enum(['configured', 'measured', 'mixed']),
      /** boundMs / exchangeMs; null if the run did not end complete. */
      efficiency: z.number().min(0).max(1).nullable(),
      /** How much passed through the binding link, from its first to its last chunk. */
      use: z
        .strictObject({
          bytes,
          fromAtMs: ms,
          toAtMs: ms,
          /** The share of what it could have carried in that time; above 1 if it carries more than was reported. */
          share: z.number().min(0),
          /** `progress`: from the peers' reports twice per second, so less exact. */
          basis: z.enum(['chunks', 'progress'])
        })
        .nullable()
    })
    .nullable(),

  /** What limited the run, in words, one paragraph each. */
  limits: z.array(z.string()),

  /** Of all peers together. */
  transfers: transfersSchema.nullable(),

  peers: z.array(peerSchema),
  /** In the order of their names. */
  files: z.array(fileSchema),
  /** Further ones, which are only counted. */
  moreFiles: count,

  /** How much each peer sent to each other; pairs that exchanged nothing are left out. */
  flows: z.array(z.strictObject({ from: name, to: name, bytes })),

  /** Sums since the start, at a few hundred times per peer, in columns of one length. */
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
    /** Further ones, which are only counted. */
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
