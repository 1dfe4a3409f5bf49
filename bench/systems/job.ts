/** The job of every system: each peer has one file, and at the end all have all files. */
import type { NamedPlace } from '#potluck/local-run/verify.js'
import type { LoopDelay } from '../machine/loop-delay.ts'
import type { TreeMeter } from '../machine/tree-meter.ts'

export interface JobInit {
  /** The peers' places. Each has its source; collections are empty. */
  places: readonly NamedPlace[]
  /** A folder for anything the system needs besides the files. */
  logs: string
  /** Receives the processes that are not to be measured. */
  meter: TreeMeter
  signal: AbortSignal
}

/** The results that a system reports itself. */
export interface JobNotes {
  /** From the first registration to the last completed file. */
  makespanMs?: number
  /** For the main threads of the peers, the worst. */
  loopDelay?: LoopDelay
  /** Protocol and cipher of the connections. */
  cipher?: string
}

export interface Job {
  /** The setup that is done once and not for each transfer; it is not measured. */
  prepare(): Promise<void>
  /**
   * Starts everything that the system needs, and resolves when every peer has all files and their MD5s are computed.
   */
  run(): Promise<JobNotes>
  /** Ends all running processes. */
  end(): Promise<void>
}
