/** What the dashboard's page is told: a snapshot at first, then what has changed. Types only, shared with the page. */
import type { Capacity, SwarmProgress } from '../events/coordinator.ts'
import type { Curves } from '../view/curves.ts'
import type { RunPhase } from '../view/run-phase.ts'
import type { Stall, SwarmTotals } from '../view/swarm-picture.ts'

/** All there is to know. It begins everything anew: what the page knew before may be of another swarm. */
export interface Snapshot {
  coordinator: string
  /** In the order of their names; news tell of them by their places in this list. */
  peers: string[]
  /** Peers that are not in the list; totals have them. */
  morePeers: number
  files: FileShown[]
  /** Files that are not in the list, which has the largest ones. */
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

/** What has changed. Lists have what is new in them only. */
export interface Update {
  atMs: number
  phase: RunPhase
  /** The swarm's state in one sentence, without a point. */
  headline: string
  expectedPeers: number
  totals: TotalsShown
  /** All that stands still, not only what is new, up to a number. */
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
  /** Of the waiting for people before that. */
  waitedMs?: number | undefined
}

export interface PeerShown extends Omit<SwarmProgress, 'name' | 'totalBytes' | 'heldBytes'> {
  peer: number
  /** All that it did not bring itself, and how much of that it has. */
  wantedBytes: number
  fetchedBytes: number
  receivingBytesPerSecond: number
  sendingBytesPerSecond: number
  /** What its line carries, where that is known. */
  uplink?: Capacity | undefined
  /** What it does, in a few words. */
  state: string
  /** What it receives from whom, the most first. */
  flows: Array<[from: number, bytesPerSecond: number]>
}

/**
 * What a peer holds of a content: the share from 0 to 1, and for each stretch one hexadecimal digit, from 0, none, to f,
 * all. One digit may stand for as many that are equal.
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
