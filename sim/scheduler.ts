/** The schedulers that the simulator compares: the peers' own, and others. */

import type { Random } from '#potluck/core/random.js'
import { peerScheduler, type Scheduler, type SchedulerInit } from '#potluck/engine/scheduler.js'
import { BaselineDownloads, BaselineUploads, pickOwn, pickRarest } from './baselines.ts'

export interface SimulatedSchedulerInit extends SchedulerInit {
  random: Random
}

export const SCHEDULER_NAMES = ['potluck', 'owner', 'rarest'] as const

export type SchedulerName = (typeof SCHEDULER_NAMES)[number]

export const SCHEDULERS: Readonly<Record<SchedulerName, (init: SimulatedSchedulerInit) => Scheduler>> = {
  /** The peers' own. */
  potluck: peerScheduler,
  /** Each file directly from its owner. */
  owner: (init) => ({
    downloads: new BaselineDownloads(init, pickOwn),
    uploads: new BaselineUploads(init)
  }),
  /** The rarest chunk that a provider has; the first to ask is served first. */
  rarest: (init) => ({
    downloads: new BaselineDownloads(init, pickRarest),
    uploads: new BaselineUploads(init)
  })
}
