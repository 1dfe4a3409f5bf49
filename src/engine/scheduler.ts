/** The two halves of a scheduler: the peers' own, or others to compare with them. */
import { Downloads, type DownloadsInit } from './downloads.ts'
import { Uploads, type UploadsInit } from './uploads.ts'

export interface Scheduler {
  /** As a getter: what to ask of which provider. */
  downloads: Downloads
  /** As a provider: which getter to serve, and with what. */
  uploads: Uploads
}

export type SchedulerInit = DownloadsInit & UploadsInit

/** The scheduler of the peers. */
export function peerScheduler(init: SchedulerInit): Scheduler {
  return { downloads: new Downloads(init), uploads: new Uploads(init) }
}
