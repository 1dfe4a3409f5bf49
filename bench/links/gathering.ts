/** What a run of any of the systems is given, and what it tells of itself. */
import type { NamedPlace } from '#potluck/swarm/verify.js'
import type { CpuMeter } from './meter.ts'
import type { Network } from './network.ts'

export interface GatheringInit {
  network: Network
  /** Of the peers. Each has made its source; collections are empty. */
  places: readonly NamedPlace[]
  /** Of each source. */
  byteLength: number
  logs: string
  /** Takes every process, and is told when the time that counts begins and ends. */
  meter: CpuMeter
  signal: AbortSignal
  /** How many bytes all peers together hold, their own files included. */
  onProgress(heldBytes: number): void
}

export interface Gathering {
  /** Until the last peer had all files. */
  makespanMs: number
  /** From the first peer that had all files to the last. */
  finishSpreadMs: number
  /** Bytes of the own file that each peer sent, by its name. */
  ownSentBytes: ReadonlyMap<string, number>
  /** File bytes received more than once or thrown away; absent where the system does not tell. */
  duplicateBytes?: number
}

/** Runs one gathering to its end and leaves no process behind. */
export type GatherWith = (init: GatheringInit) => Promise<Gathering>
