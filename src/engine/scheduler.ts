/** The two halves of a scheduler as the engine drives them: those of the peers, or others to compare with them. */
import { Downloads } from './downloads.ts'
import type { SwarmState } from './swarm-state.ts'
import { Uploads } from './uploads.ts'

/** A getter's half: what to ask of whom. */
export type GetterHalf = Pick<Downloads, keyof Downloads>

/** A provider's half: whom to serve, and with what. */
export type ProviderHalf = Pick<Uploads, keyof Uploads>

export interface Scheduler {
  downloads: GetterHalf
  uploads: ProviderHalf
}

export interface SchedulerInit {
  state: SwarmState
  /** This peer's PeerId. */
  self: string
  chunkByteLength: number
  /** Chunks asked for and not yet stored, over all providers. */
  maxInFlight: number
}

/** What the peers run. */
export function peerScheduler(init: SchedulerInit): Scheduler {
  return { downloads: new Downloads(init), uploads: new Uploads(init) }
}
