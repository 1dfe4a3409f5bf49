/** How late the event loop of a process was. Pure, and loaded into the processes that are measured. */

/** Of the main thread of a process, beyond the interval at which it was looked at. */
export interface LoopDelay {
  /** 99 of 100 looks were no later. */
  p99Ms: number
  maxMs: number
}

/** Of a histogram whose ns count the interval in. */
export function loopDelayOf(p99Ns: number, maxNs: number, intervalMs: number): LoopDelay {
  const beyond = (ns: number): number => Math.max(0, ns / 1e6 - intervalMs)
  return { p99Ms: beyond(p99Ns), maxMs: beyond(maxNs) }
}

/** The highest of each figure, which need not be of the same process. Undefined of none. */
export function worstOf(delays: readonly LoopDelay[]): LoopDelay | undefined {
  return delays.length === 0
    ? undefined
    : {
        p99Ms: Math.max(...delays.map(({ p99Ms }) => p99Ms)),
        maxMs: Math.max(...delays.map(({ maxMs }) => maxMs))
      }
}
