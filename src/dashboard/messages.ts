/** The messages to the dashboard's page: a snapshot first, then changes. Types only, shared with the page. */
import type { Capacity, SwarmProgress } from '../events/coordinator.ts'
import type { Curves } from '../view/curves.ts'
import type { RunPhase } from '../view/run-phase.ts'
import type { Stall, SwarmTotals } from '../view/swarm-picture.ts'

/** Everything there is to know. The page forgets what it knew before, which may be of another swarm. */
export interface Snapshot {
  coordinator: string
  /** In the order of their names; news refer to them by index. */
  peers: string[]
  /** The number of peers that are not in the list; totals include them. */
  morePeers: number
  files: FileShown[]
  /** The number of files that are not in the list, which has the largest ones. */
  moreFiles: number
  curves: Curves
  news: Update
}

export interface FileShown {
  /** `<origin>/<path>` */
  file: string
  byteLength: number
  md5: string
  /** Files with one content have one number. */
  content: number
}

/** What has changed. Lists have only new entries. */
export interface Update {
  atMs: number
  phase: RunPhase
  /** The swarm's state in one sentence, without a full stop. */
  headline: string
  expectedPeers: number
  totals: TotalsShown
  /** Everything that is stalled, not only what is new, up to a limit. */
  stalls: Stall[]
  moreStalls: number
  peers: PeerShown[]
  maps: MapShown[]
  lines: LogLine[]
}

export interface TotalsShown extends SwarmTotals {
  completePeers: number
  /** Since the catalog was complete, at the end up to the last completion; undefined before there is one. */
  elapsedMs?: number | undefined
  /** The wait for people before that. */
  waitedMs?: number | undefined
}

export interface PeerShown extends Omit<SwarmProgress, 'name' | 'totalBytes' | 'heldBytes'> {
  peer: number
  /** The bytes that it did not bring itself, and how many of them it has. */
  wantedBytes: number
  fetchedBytes: number
  receivingBytesPerSecond: number
  sendingBytesPerSecond: number
  /** The capacity of its link, if known. */
  uplink?: Capacity | undefined
  /** Its activity, in a few words. */
  state: string
  /** How much it receives from each source, the most first. */
  flows: Array<[from: number, bytesPerSecond: number]>
}

/**
 * How much a peer has of a content: the share from 0 to 1, and one hexadecimal digit for each stretch, from 0, none, to
 * f, all. If all digits are equal, there may be only one.
 */
export type MapShown = [peer: number, content: number, share: number, cells: string]

export interface LogLine {
  /** Counts up from 1. */
  number: number
  atMs: number
  about: LogSubject
  text: string
}

export type LogSubject = 'swarm' | 'peers' | 'files' | 'trouble'
