/** The input and the result of a run, for any of the systems. */
import type { NamedPlace } from '#potluck/local-run/verify.js'
import type { Launcher } from '../machine/crew.ts'
import type { CpuMeter } from './meter.ts'
import type { Arrival } from './steady-rate.ts'

/** The part of a network that a gathering needs. */
export interface GatheringNetwork extends Launcher {
  /** The host of a peer or of the coordinator. */
  host(name: string): GatheringHost
}

export interface GatheringHost {
  /** The address of its own interface. */
  address: string
  /** The address that others see. */
  publicAddress: string
  /** Another multiaddr at which others reach a peer. */
  announced?: string
}

export interface GatheringInit {
  network: GatheringNetwork
  /** The peers' places. Each has its source; collections are empty. */
  places: readonly NamedPlace[]
  /** The length of each source. */
  byteLength: number
  logs: string
  /** Watches every process, and learns when the measured time begins and ends. */
  meter: CpuMeter
  signal: AbortSignal
  /** How many bytes all peers together have, including their own files. */
  onProgress(heldBytes: number): void
  /**
   * Called when a peer has stored one more chunk: all file bytes that it has received, and when, by the swarm clock.
   */
  onStored?(name: string, arrival: Arrival): void
}

export interface Gathering {
  /** Until the last peer had all files. */
  makespanMs: number
  /** From the first complete peer to the last. */
  finishSpreadMs: number
  /** How many bytes of its own file each peer sent, by its name. */
  ownSentBytes: ReadonlyMap<string, number>
  /** File bytes received more than once or thrown away; absent if the system does not report them. */
  duplicateBytes?: number
}

/** Runs one gathering to its end and leaves no process behind. */
export type GatherWith = (init: GatheringInit) => Promise<Gathering>
