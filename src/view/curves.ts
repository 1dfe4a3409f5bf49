/** Rates over time, out of what each peer had received and sent at some times. Pure. */
import { type HistoryPoint, RATE_WINDOW_MS, type SwarmPeer } from './swarm-picture.ts'

/** Rates over time, in bytes per second. */
export interface Curves {
  atMs: number[]
  /** Of each peer of the list, as many as times. */
  receiving: number[][]
  sending: number[][]
}

/** More points than this are no finer on a screen. */
const MAX_POINTS = 240

/** The curves of the peers, in their order, at the same times for all. */
export function curvesOf(peers: ReadonlyArray<Pick<SwarmPeer, 'history'>>): Curves {
  const longest = peers.reduce<readonly HistoryPoint[]>(
    (most, { history }) => (history.length > most.length ? history : most),
    []
  )
  const step = Math.ceil(longest.length / MAX_POINTS)
  const atMs = longest.filter((_, index) => index % step === 0).map((point) => Math.round(point.atMs))
  const startMs = longest[0]?.atMs ?? 0
  const rates = (history: readonly HistoryPoint[], amount: Amount): number[] => {
    const bytesAt = interpolation(history, amount)
    return atMs.map((endMs) => {
      const fromMs = Math.max(startMs, endMs - RATE_WINDOW_MS)
      const moved = bytesAt(endMs) - bytesAt(fromMs)
      // A peer that was started again counts from 0.
      return endMs > fromMs ? Math.max(0, Math.round((moved / (endMs - fromMs)) * 1000)) : 0
    })
  }
  return {
    atMs,
    receiving: peers.map(({ history }) => rates(history, 'receivedBytes')),
    sending: peers.map(({ history }) => rates(history, 'sentBytes'))
  }
}

type Amount = 'receivedBytes' | 'sentBytes'

/** Bytes at any time, on straight lines between the points. */
function interpolation(history: readonly HistoryPoint[], amount: Amount): (atMs: number) => number {
  return (atMs) => {
    const after = firstAfter(history, atMs)
    const left = history[after - 1]
    const right = history[after]
    if (left === undefined || right === undefined) {
      return (left ?? right)?.[amount] ?? 0
    }
    const share = (atMs - left.atMs) / (right.atMs - left.atMs)
    return left[amount] + share * (right[amount] - left[amount])
  }
}

/** The place of the first point later than a time, by halving. */
function firstAfter(history: readonly HistoryPoint[], atMs: number): number {
  let low = 0
  let high = history.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((history[middle]?.atMs ?? 0) <= atMs) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  return low
}
