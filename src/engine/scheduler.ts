/** The two halves of a scheduler: those of the peers, or others to compare with them. */
import { Downloads, type DownloadsInit } from './downloads.ts'
import { Uploads, type UploadsInit } from './uploads.ts'

export interface Scheduler {
  /** As a getter: what to ask of whom. */
  downloads: Downloads
  /** As a provider: whom to serve, and with what. */
  uploads: Uploads
}

export type SchedulerInit = DownloadsInit & UploadsInit

/** What the peers run. */
export function peerScheduler(init: SchedulerInit): Scheduler {
  return { downloads: new Downloads(init), uploads: new Uploads(init) }
}
