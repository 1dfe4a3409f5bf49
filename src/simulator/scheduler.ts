/** The schedulers that the simulator compares: the peers' own, and others. */
import { Downloads } from '../engine/downloads.ts'
import type { Scheduler } from '../engine/scheduler.ts'
import type { Random, SwarmState } from '../engine/swarm-state.ts'
import { Uploads } from '../engine/uploads.ts'
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
