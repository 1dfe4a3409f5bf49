/** The schedulers that the simulator compares: the peers' own, and others. */

import type { Random } from '#potluck/core/random.js'
import { Downloads } from '#potluck/engine/downloads.js'
import type { Scheduler } from '#potluck/engine/scheduler.js'
import type { SwarmState } from '#potluck/engine/swarm-state.js'
import { Uploads } from '#potluck/engine/uploads.js'
import { BaselineDownloads, BaselineUploads, pickOwn, pickRarest } from './baselines.ts'

export interface SchedulerInit {
  state: SwarmState
  /** The PeerId of the peer that it is for. */
  self: string
  chunkByteLength: number
  maxInFlight: number
  random: Random
}

export const SCHEDULER_NAMES = ['potluck', 'owner', 'rarest'] as const

export type SchedulerName = (typeof SCHEDULER_NAMES)[number]

export const SCHEDULERS: Readonly<Record<SchedulerName, (init: SchedulerInit) => Scheduler>> = {
  /** What the peers run. */
  potluck: (init) => ({
    downloads: new Downloads(init),
    uploads: new Uploads({ ...init, uplinkBytesPerSecond: undefined })
  }),
  /** Each file straight from its owner. */
  owner: (init) => ({
    downloads: new BaselineDownloads(init, pickOwn),
    uploads: new BaselineUploads()
  }),
  /** The rarest chunk that a provider holds; whoever asks first is served first. */
  rarest: (init) => ({
    downloads: new BaselineDownloads(init, pickRarest),
    uploads: new BaselineUploads()
  })
}
