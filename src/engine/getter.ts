/** A remote as the one that asks for chunks: what it waits for, what is leaving to it, and how fast. Pure. */
import type { PeerStatus } from '../protocols/availability/index.ts'
import { RATE_SMOOTHING_MS, USUAL_GAIN_MS } from './constants.ts'
import { RateMeter } from './rate-meter.ts'

export class Getter {
  /** By the ask's id, in the order they came. */
  readonly requests = new Map<number, { chunk: number; sinceMs: number }>()
  /** Ids of open slots, with when they came. */
  readonly slots = new Map<number, number>()
  /** The asks for which a chunk was chosen that its connection has not taken yet, and when that was. */
  readonly leaving = new Map<number, number>()
  /** What they count for, in bytes. */
  leavingBytes = 0
  readonly meter = new RateMeter(RATE_SMOOTHING_MS)
  /** How fast it comes by chunks, from whomever: now, and as a rule. */
  readonly gain = new RateMeter(RATE_SMOOTHING_MS)
  readonly usualGain = new RateMeter(USUAL_GAIN_MS)
  /** What it last told for others to plan by. */
  status: PeerStatus | undefined
  /** First copies that were given to it and that it has not told of yet. */
  unannounced = 0
}
