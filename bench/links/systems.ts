import type { GatherWith } from './gathering.ts'
import { gatherWithPotluck } from './potluck.ts'
import { gatherWithAria2, gatherWithLibtorrent } from './torrents.ts'

export const SYSTEM_NAMES = ['potluck', 'libtorrent', 'aria2'] as const
export type SystemName = (typeof SYSTEM_NAMES)[number]

export const SYSTEMS: Readonly<Record<SystemName, GatherWith>> = {
  potluck: gatherWithPotluck,
  libtorrent: gatherWithLibtorrent,
  aria2: gatherWithAria2
}
