/** The two halves of a scheduler as the simulator drives them: those of the peers, and others to compare with them. */
import { Downloads } from '../node/exchange/downloads.ts'
import type { Random, SwarmState } from '../node/exchange/swarm-state.ts'
import { Uploads } from '../node/exchange/uploads.ts'
import { BaselineDownloads, BaselineUploads, pickOwn, pickRarest } from './baselines.ts'

/** A getter's half. */
export type GetterHalf = Pick<
  Downloads,
  | 'full'
  | 'addProvider'
  | 'removeProvider'
  | 'setStatus'
  | 'onToldAgain'
  | 'fault'
  | 'rests'
  | 'isDoubtful'
  | 'plan'
  | 'onFirstByte'
  | 'arrived'
  | 'settled'
  | 'failed'
>

/** A provider's half. */
export type ProviderHalf = Pick<
  Uploads,
  | 'addGetter'
  | 'removeGetter'
  | 'setStatus'
  | 'status'
  | 'refresh'
  | 'onHoldings'
  | 'ask'
  | 'cancel'
  | 'next'
  | 'onFirstCopy'
  | 'onHave'
  | 'onTaken'
  | 'expire'
>

export interface SchedulerInit {
  state: SwarmState
  /** The PeerId of the peer that it is for. */
  self: string
  chunkByteLength: number
  maxInFlight: number
  random: Random
}

export interface Scheduler {
  downloads: GetterHalf
  uploads: ProviderHalf
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
