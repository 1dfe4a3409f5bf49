/** What a run of any of the systems is given, and what it tells of itself. */
import type { NamedPlace } from '#potluck/local-run/verify.js'
import type { Launcher } from '../machine/crew.ts'
import type { CpuMeter } from './meter.ts'
import type { Arrival } from './steady-rate.ts'

/** What a gathering needs to know of its network. */
export interface GatheringNetwork extends Launcher {
  /** Of a peer or the coordinator. */
  host(name: string): GatheringHost
}

export interface GatheringHost {
  /** Of its own interface. */
  address: string
  /** What others see of it. */
  publicAddress: string
  /** A multiaddr at which others reach a peer beside its own address. */
  announced?: string
}

export interface GatheringInit {
  network: GatheringNetwork
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
  /** A peer has stored one more chunk: all file bytes that it has received, and when, on the swarm's clock. */
  onStored?(name: string, arrival: Arrival): void
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
