/** The two halves of a scheduler as the engine drives them: those of the peers, or others to compare with them. */
import type { Downloads } from './downloads.ts'
import type { Uploads } from './uploads.ts'

/** A getter's half: what to ask of whom. */
export type GetterHalf = Pick<Downloads, keyof Downloads>

/** A provider's half: whom to serve, and with what. */
export type ProviderHalf = Pick<Uploads, keyof Uploads>

export interface Scheduler {
  downloads: GetterHalf
  uploads: ProviderHalf
}
