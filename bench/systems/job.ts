/** The job that every system has: each peer has one file, and at the end everybody has all. */
import type { NamedPlace } from '#potluck/local-run/verify.js'
import type { LoopDelay } from '../machine/loop-delay.ts'
import type { TreeMeter } from '../machine/tree-meter.ts'

export interface JobInit {
  /** Of the peers. Each has its source; collections are empty. */
  places: readonly NamedPlace[]
  /** A folder for whatever the system needs beside the files. */
  logs: string
  /** Told of processes that are not to be measured. */
  meter: TreeMeter
  signal: AbortSignal
}

/** What a system tells of its run beside what is measured from outside. */
export interface JobNotes {
  /** From the first registration to the last completed file. */
  makespanMs?: number
  /** Of the main threads of the peers, the worst. */
  loopDelay?: LoopDelay
  /** Protocol and cipher of the connections. */
  cipher?: string
}

export interface Job {
  /** What is set up once and not at each transfer; it is not measured. */
  prepare(): Promise<void>
  /** Starts all that the system needs, and resolves when every peer has all files and their MD5s are computed. */
  run(): Promise<JobNotes>
  /** Ends whatever still runs. */
  end(): Promise<void>
}
