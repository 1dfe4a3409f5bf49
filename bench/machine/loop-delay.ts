/** The delay of a process's event loop. Pure, and loaded into the measured processes. */

/** For the main thread of a process, beyond the sampling interval. */
export interface LoopDelay {
  /** 99 of 100 samples were no later. */
  p99Ms: number
  maxMs: number
}

/** From a histogram whose ns include the interval. */
export function loopDelayOf(p99Ns: number, maxNs: number, intervalMs: number): LoopDelay {
  const beyond = (ns: number): number => Math.max(0, ns / 1e6 - intervalMs)
  return { p99Ms: beyond(p99Ns), maxMs: beyond(maxNs) }
}

/** The highest of each figure, possibly from different processes. Undefined if there are none. */
export function worstOf(delays: readonly LoopDelay[]): LoopDelay | undefined {
  return delays.length === 0
    ? undefined
    : {
        p99Ms: Math.max(...delays.map(({ p99Ms }) => p99Ms)),
        maxMs: Math.max(...delays.map(({ maxMs }) => maxMs))
      }
}
