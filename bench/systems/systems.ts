/** The systems that do the same job, for comparison. */
import type { Output } from '#potluck/cli/output.js'
import { ARIA2_CALL, LIBTORRENT_CALL, WEBTORRENT_CALL } from '../torrents/programs.ts'
import type { Job, JobInit } from './job.ts'
import { PotluckJob } from './potluck.ts'
import { TorrentJob } from './torrents.ts'
import { WebJob } from './web.ts'

export const SYSTEM_NAMES = [
  'potluck',
  'http',
  'https',
  'aria2',
  'aria2-rc4',
  'libtorrent',
  'libtorrent-rc4',
  'webtorrent'
] as const
export type SystemName = (typeof SYSTEM_NAMES)[number]

/** The reference: encrypted like this project, and with nothing between the programs and the files. */
export const REFERENCE: SystemName = 'https'

export const SYSTEMS: Readonly<Record<SystemName, (init: JobInit, output: Output) => Job>> = {
  potluck: (init, output) => new PotluckJob(init, output),
  http: (init) => new WebJob(init, { encrypted: false }),
  https: (init) => new WebJob(init, { encrypted: true }),
  aria2: (init) => new TorrentJob(init, { program: ARIA2_CALL, encrypted: false }),
  'aria2-rc4': (init) => new TorrentJob(init, { program: ARIA2_CALL, encrypted: true }),
  libtorrent: (init) => new TorrentJob(init, { program: LIBTORRENT_CALL, encrypted: false }),
  'libtorrent-rc4': (init) => new TorrentJob(init, { program: LIBTORRENT_CALL, encrypted: true }),
  webtorrent: (init) => new TorrentJob(init, { program: WEBTORRENT_CALL, encrypted: false })
}
