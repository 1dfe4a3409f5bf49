/** What a peer can be told: every setting with its type, its limits and its default, in this one place. */
import * as z from 'zod'
import {
  addressesSetting,
  addressSetting,
  capacitySetting,
  fileSetting,
  folderSetting,
  httpAddressSetting,
  limitSetting,
  listenSetting,
  nameSetting,
  openSetting,
  pathSetting,
  waitSetting
} from './settings.ts'

/** Folders can hold any number of files; the list of paths itself has an end. */
const MAX_SHARES = 1024

export const peerConfigSchema = z.strictObject({
  /** Who this peer is to the others, and the name of the folder that they put its files into. */
  name: nameSetting,

  /** Where the coordinator listens. */
  coordinator: addressSetting,

  /** Where this peer listens, as addresses or as ports of all addresses; port 0 takes a free one. Nowhere: it dials the others only. */
  listen: listenSetting({ min: 0, port: 9001 }).default(['/ip4/127.0.0.1/tcp/0']),

  /** Addresses for others to try beside those of the interfaces: a router's with a port opened, a cloud machine's. */
  announce: addressesSetting.default([]),

  /** Files and folders that this peer brings. */
  share: z
    .array(pathSetting)
    .max(MAX_SHARES)
    .default([])
    .describe(`a list of at most ${MAX_SHARES} paths of files and folders`),

  /** The folder that everybody else's files land in. */
  collection: folderSetting,

  /** Whether to read all shares and all that was received before again, in place of going by unchanged timestamps. */
  verify: z.boolean().default(false).describe('true or false'),

  /** The file of the swarm's secret, a copy of the coordinator's. Without it, only a coordinator without one will do. */
  secretFile: fileSetting.optional(),

  /** Whether it may listen without a secret where others can reach it. */
  open: openSetting,

  /** The file of its own key, which is made where there is none; in the collection where it is not told. */
  identityFile: fileSetting.optional(),

  /** What this machine's line carries in each direction, in Mbit/s; measured during the run where it is not told. */
  uplink: capacitySetting.optional(),
  downlink: capacitySetting.optional(),

  /** How much of chunks may leave and come over all connections together, in Mbit/s; as much as passes if not told. */
  maxUp: limitSetting.optional(),
  maxDown: limitSetting.optional(),

  /** The folder of `<name>.log` and `<name>.jsonl`. */
  logs: folderSetting.default('logs'),

  /** Where metrics are served, to whoever reaches it. Without it, nowhere. */
  metrics: httpAddressSetting.optional(),

  /** How long the coordinator is tried before giving up. */
  joinTimeoutMs: waitSetting.default(60_000),

  /** What follows when the coordinator is lost once the catalog is known. */
  onCoordinatorLost: z.enum(['continue', 'exit']).default('continue').describe('"continue" or "exit"'),

  /** How long a missing peer is waited for when nobody else holds what it brought, and one from which nothing comes. */
  peerReturnTimeoutMs: waitSetting.default(300_000)
})

/** Those of the settings that can be changed while a peer runs. */
export const peerLimitsSchema = peerConfigSchema.pick({ maxUp: true, maxDown: true })

/** In Mbit/s; what is left out is not limited. */
export type PeerLimits = z.input<typeof peerLimitsSchema>

/** A peer's settings with every default filled in. */
export type PeerConfig = z.output<typeof peerConfigSchema>

/** A peer's settings as they are written: what has a default may be left out. */
export type PeerSettings = z.input<typeof peerConfigSchema>
