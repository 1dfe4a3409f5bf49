/** A remote as the one that asks for chunks: what it waits for, what is leaving to it, and how fast. Pure. */
import type { PeerStatus } from '../protocols/availability/index.ts'
import { RATE_SMOOTHING_MS, USUAL_GAIN_MS } from './constants.ts'
import { RateMeter } from './rate-meter.ts'

export class Getter {
  /** By the ask's id, in the order they came. */
  readonly requests = new Map<number, { chunk: number; sinceMs: number }>()
  /** Ids of open slots, with the times when they arrived. */
  readonly slots = new Map<number, number>()
  /** The asks whose chosen chunk its connection has not taken yet, and the time of the choice. */
  readonly leaving = new Map<number, number>()
  /** The number of bytes that they count for. */
  leavingBytes = 0
  readonly meter = new RateMeter(RATE_SMOOTHING_MS)
  /** The rate at which it receives chunks from all peers: now, and usually. */
  readonly gain = new RateMeter(RATE_SMOOTHING_MS)
  readonly usualGain = new RateMeter(USUAL_GAIN_MS)
  /** Its last status. */
  status: PeerStatus | undefined
  /** First copies that were given to it and that it has not announced yet. */
  unannounced = 0
}
