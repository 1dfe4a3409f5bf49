/** All settings of a peer, each with its type, its limits and its default. */
import * as z from 'zod'
import { PORTABLE_NAMES } from '../core/portable-names.ts'
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
  patternsSetting,
  sizeSetting,
  waitSetting
} from './settings.ts'

/** Folders can have any number of files; the list of paths itself is limited. */
const MAX_SHARES = 1024

export const peerConfigSchema = z.strictObject({
  /** The name of this peer for the others, and of the folder that they put its files into. */
  name: nameSetting,

  /** Where the coordinator listens. */
  coordinator: addressSetting,

  /**
   * Where this peer listens, as addresses or as ports on all addresses; port 0 selects a free one. With none, it only
   * dials the others.
   */
  listen: listenSetting({ min: 0, port: 9001 }).default(['/ip4/127.0.0.1/tcp/0']),

  /**
   * Addresses for others to try besides those of the interfaces: a router's with port forwarding, or a cloud machine's.
   */
  announce: addressesSetting.default([]),

  /** Files and folders that this peer brings. */
  share: z
    .array(pathSetting)
    .max(MAX_SHARES)
    .default([])
    .describe(`a list of at most ${MAX_SHARES} paths of files and folders`),

  /** Patterns of what to leave out of shared folders, by the path in the folder. */
  exclude: patternsSetting.default([]),

  /** What to do about names that not every system can store: share nothing, leave them out, or share them under other names. */
  portableNames: z.enum(PORTABLE_NAMES).default('refuse').describe('"refuse", "skip" or "rename"'),

  /** The folder for the files of all other peers. */
  collection: folderSetting,

  /** Patterns of `<peer's name>/<path>`: the files to fetch, if there are any; and those not to fetch. */
  only: patternsSetting.default([]),
  except: patternsSetting.default([]),

  /** On a terminal a person is asked before more than this is fetched, in bytes; or more than the disk has room for. */
  askAbove: sizeSetting.default(10 * 1024 ** 3),

  /** Whether to read all shares and all received files again, instead of trusting unchanged timestamps. */
  verify: z.boolean().default(false).describe('true or false'),

  /** The file with the swarm's secret, a copy of the coordinator's. Without it, the coordinator must have no secret. */
  secretFile: fileSetting.optional(),

  /** Whether it may listen without a secret where others can reach it. */
  open: openSetting,

  /** The file with its own key, which it makes if there is none; by default in the collection. */
  identityFile: fileSetting.optional(),

  /** Capacity of this machine's link in each direction, in Mbit/s; by default measured during the run. */
  uplink: capacitySetting.optional(),
  downlink: capacitySetting.optional(),

  /** Limits of the upload and download rate of chunks over all connections together, in Mbit/s; by default none. */
  maxUp: limitSetting.optional(),
  maxDown: limitSetting.optional(),

  /** The folder of `<name>.log` and `<name>.jsonl`. */
  logs: folderSetting.default('logs'),

  /** Where it serves metrics, to anyone who reaches the address. Without it, nowhere. */
  metrics: httpAddressSetting.optional(),

  /** How long the peer tries to reach the coordinator before it gives up. */
  joinTimeoutMs: waitSetting.default(60_000),

  /** What the peer does when it loses the coordinator once it has the catalog. */
  onCoordinatorLost: z.enum(['continue', 'exit']).default('continue').describe('"continue" or "exit"'),

  /** How long it waits for a lost peer whose files no one else has, and for a connected peer that sends nothing. */
  peerReturnTimeoutMs: waitSetting.default(300_000)
})

/** The settings that can change while a peer runs. */
export const peerLimitsSchema = peerConfigSchema.pick({ maxUp: true, maxDown: true })

/** In Mbit/s; an absent one is no limit. */
export type PeerLimits = z.input<typeof peerLimitsSchema>

/** A peer's settings with every default filled in. */
export type PeerConfig = z.output<typeof peerConfigSchema>

/** A peer's settings as written: settings with a default may be absent. */
export type PeerSettings = z.input<typeof peerConfigSchema>
