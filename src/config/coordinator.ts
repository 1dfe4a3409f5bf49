/** All settings of a coordinator, each with its type, its limits and its default. */
import * as z from 'zod'
import { DEFAULT_CHUNK_BYTE_LENGTH, MAX_CHUNK_BYTE_LENGTH, MIN_CHUNK_BYTE_LENGTH } from '../core/chunks.ts'
import { MAX_PEERS } from '../core/max-peers.ts'
import {
  addressesSetting,
  descriptionOf,
  fileSetting,
  folderSetting,
  httpAddressSetting,
  listenSetting,
  nameSetting,
  openSetting,
  peerIdSetting,
  waitSetting
} from './settings.ts'

/** All lists together, as sent: 250,000 files with 536 bytes each of one peer, which may use half. */
const DEFAULT_LIST_BYTES = 256 * 1024 * 1024

const MIN_LIST_BYTES = 1024 * 1024

export const coordinatorConfigSchema = z.strictObject({
  /** The source named in the swarm's events, and the name of the log files. */
  name: nameSetting.default('coordinator'),

  /** Where peers reach the coordinator. */
  listen: listenSetting({ min: 1, port: 9000 }).default(['/ip4/127.0.0.1/tcp/9000']),

  /** Addresses besides those of the interfaces, such as a public address in front of a cloud machine. */
  announce: addressesSetting.default([]),

  /** The file with the swarm's secret: only peers with the same secret are admitted. Without it everyone is. */
  secretFile: fileSetting.optional(),

  /** Whether it may listen without a secret where others can reach it. */
  open: openSetting,

  /**
   * The file with its own key, which it makes if there is none. Without the setting, it has a new identity at each
   * start.
   */
  identityFile: fileSetting.optional(),

  /** Where it saves an unfinished swarm, so that it can carry on after a kill. */
  stateFile: fileSetting.optional(),

  /** The only PeerIds that are admitted, in addition to having the secret. Without it, all that have the secret. */
  allow: z
    .array(peerIdSetting)
    .max(MAX_PEERS)
    .optional()
    .describe(`a list of at most ${MAX_PEERS} PeerIds such as "12D3Koo…"`),

  /** How many peers the swarm waits for: it starts when this many have joined, unless someone starts it earlier. */
  expectedPeers: z.int().min(1).max(MAX_PEERS).default(4).describe(`a whole number from 1 to ${MAX_PEERS}`),

  /**
   * How long the first peer waits before the swarm starts with the peers that are here, at least two. Undefined: for
   * ever.
   */
  startAfterMs: waitSetting
    .optional()
    .describe(`${descriptionOf(waitSetting)}; --start-after takes a time such as 90s, 10m or 2h`),

  /** Whether peers may join, and bring files, after the swarm has started and before it ends. */
  late: z.enum(['yes', 'no']).default('yes').describe('"yes" or "no"'),

  /** The chunk length for all files of the swarm. */
  chunkByteLength: z
    .int()
    .min(MIN_CHUNK_BYTE_LENGTH)
    .max(MAX_CHUNK_BYTE_LENGTH)
    .default(DEFAULT_CHUNK_BYTE_LENGTH)
    .describe(`a whole number of bytes from ${MIN_CHUNK_BYTE_LENGTH} to ${MAX_CHUNK_BYTE_LENGTH}`),

  /** Whether peers that cannot reach each other may exchange through the coordinator. */
  relay: z.boolean().default(false).describe('true or false'),

  /** The folder of `<name>.log` and `<name>.jsonl`. */
  logs: folderSetting.default('logs'),

  /**
   * Where it serves the dashboard and the metrics, to anyone who reaches the address. `auto`: at 127.0.0.1:9080, or on
   * any free port of 127.0.0.1 if that is in use. Without it, nowhere.
   */
  dashboard: z
    .union([z.literal('off'), z.literal('auto'), httpAddressSetting])
    .optional()
    .describe('"off", "auto", or HOST:PORT such as "127.0.0.1:9080"'),
  /** Whether the command writes `report.html` and `report.json` into that folder at the end. */
  report: z.boolean().default(true).describe('true or false'),

  /**
   * How long a full swarm waits for a member's list of files before it starts without that member's files. Undefined:
   * as `publishTimeoutOf` says.
   */
  publishTimeoutMs: waitSetting.optional(),

  /**
   * How many bytes the lists of files of all peers may take in memory before they are decoded; one peer may use half of
   * that.
   */
  maxListBytes: z
    .int()
    .min(MIN_LIST_BYTES)
    .max(Number.MAX_SAFE_INTEGER)
    .default(DEFAULT_LIST_BYTES)
    .describe(`a whole number of bytes from ${MIN_LIST_BYTES}`),

  /**
   * How long the coordinator waits for a lost peer before it calls the swarm incomplete. A connected peer without
   * progress gets twice as long, and at least a minute.
   */
  peerReturnTimeoutMs: waitSetting.default(300_000)
})

/** A coordinator's settings with every default filled in. */
export type CoordinatorConfig = z.output<typeof coordinatorConfigSchema>

/** Peers hash before they join, so each needs only a moment to sign its list: 34 s for 125,000 files, measured. */
const PUBLISH_TIMEOUT_MS = 120_000

/**
 * If the chunk length is not the one that peers expect, they hash again after they have joined: 1 TB at 280 MB/s in an
 * hour.
 */
const HASH_TIMEOUT_MS = 3_600_000

/** How long a full swarm waits for a member's list of files, in ms. */
export function publishTimeoutOf({ publishTimeoutMs, chunkByteLength }: CoordinatorConfig): number {
  return (
    publishTimeoutMs ?? (chunkByteLength === DEFAULT_CHUNK_BYTE_LENGTH ? PUBLISH_TIMEOUT_MS : HASH_TIMEOUT_MS)
  )
}

/** A coordinator's settings as written: settings with a default may be absent. */
export type CoordinatorSettings = z.input<typeof coordinatorConfigSchema>
