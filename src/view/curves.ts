/** Computes rates over time from cumulative byte counts. Pure. */
import { type HistoryPoint, RATE_WINDOW_MS, type SwarmPeer } from './swarm-picture.ts'

/** Rates over time, in bytes per second. */
export interface Curves {
  atMs: number[]
  /** For each peer of the list, one value per time. */
  receiving: number[][]
  sending: number[][]
}

/** More points than this make no difference on a screen. */
const MAX_POINTS = 240

/** A column of times and one of the byte counts at these times. */
export interface Sums {
  atMs: readonly number[]
  sums: readonly number[]
}

/** The curves of the peers, in their order, all at the same times. */
export function curvesOf(peers: ReadonlyArray<Pick<SwarmPeer, 'history'>>): Curves {
  const longest = peers.reduce<readonly HistoryPoint[]>(
    (most, { history }) => (history.length > most.length ? history : most),
    []
  )
  const step = Math.ceil(longest.length / MAX_POINTS)
  const atMs = longest.filter((_, index) => index % step === 0).map((point) => Math.round(point.atMs))
  const startMs = longest[0]?.atMs ?? 0
  const rates = (history: readonly HistoryPoint[], amount: 'receivedBytes' | 'sentBytes'): number[] => {
    const sums = { atMs: history.map((point) => point.atMs), sums: history.map((point) => point[amount]) }
    return atMs.map((toMs) => Math.round(rateOf(sums, Math.max(startMs, toMs - RATE_WINDOW_MS), toMs)))
  }
  return {
    atMs,
    receiving: peers.map(({ history }) => rates(history, 'receivedBytes')),
    sending: peers.map(({ history }) => rates(history, 'sentBytes'))
  }
}

/** All curves together, as one. */
export function sumOf(curves: ReadonlyArray<readonly number[]>): number[] {
  return (curves[0] ?? []).map((_, index) => curves.reduce((sum, curve) => sum + (curve[index] ?? 0), 0))
}

/**
 * Bytes per second, each over a window around its time, because the counts arrive twice per second with some jitter.
 */
export function ratesOf(sums: Sums, timesMs: readonly number[], windowMs: number): number[] {
  const [firstMs, lastMs] = [sums.atMs[0] ?? 0, sums.atMs.at(-1) ?? 0]
  return timesMs.map((atMs) =>
    atMs < firstMs || atMs > lastMs
      ? 0
      : rateOf(sums, Math.max(firstMs, atMs - windowMs / 2), Math.min(lastMs, atMs + windowMs / 2))
  )
}

function rateOf(sums: Sums, fromMs: number, toMs: number): number {
  const moved = sumAt(sums, toMs) - sumAt(sums, fromMs)
  // A peer that restarts counts from 0.
  return toMs > fromMs ? Math.max(0, (moved / (toMs - fromMs)) * 1000) : 0
}

/** Interpolates linearly between two counts. */
function sumAt({ atMs, sums }: Sums, timeMs: number): number {
  let after = 0
  let high = atMs.length
  while (after < high) {
    const middle = (after + high) >> 1
    if ((atMs[middle] ?? 0) <= timeMs) {
      after = middle + 1
    } else {
      high = middle
    }
  }
  const [fromMs, toMs] = [atMs[after - 1], atMs[after]]
  const [from, to] = [sums[after - 1], sums[after]]
  if (fromMs === undefined || from === undefined || toMs === undefined || to === undefined) {
    return from ?? to ?? 0
  }
  return from + ((to - from) * (timeMs - fromMs)) / (toMs - fromMs)
}
