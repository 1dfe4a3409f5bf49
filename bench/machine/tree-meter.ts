/** The processor time and the memory of all descendants of this process, between two moments. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'
import { parsePeakBytes } from '#potluck/local-run/peak-memory.js'
import { type ProcessTime, parseProcessTime } from './counters.ts'

/** For a process that ends between two readings, the earlier peak counts. */
const INTERVAL_MS = 200

/** What to leave out for a process. */
type LeftOut = 'memory' | 'all'

export class TreeMeter {
  readonly #leftOut = new Map<number, LeftOut>()
  readonly #timer = setInterval(() => this.#lookAtMemory(), INTERVAL_MS)
  #before = cpuSecondsOfTree(this.#leftOut)
  #cpuSeconds = 0
  /** By the process's id. */
  #peakBytes = new Map<number, number>()

  constructor() {
    this.#timer.unref()
  }

  /**
   * `all` for a program of the benchmark; `memory` for one that does a part of a system's work, but is none of its
   * programs.
   */
  leaveOut(processId: number, what: LeftOut): void {
    this.#leftOut.set(processId, what)
  }

  /** Counting begins here, or restarts. */
  begin(): void {
    this.#before = cpuSecondsOfTree(this.#leftOut)
    this.#peakBytes = new Map()
  }

  end(): void {
    this.#cpuSeconds = cpuSecondsOfTree(this.#leftOut) - this.#before
    this.#lookAtMemory()
    this.stop()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Of all processes, including those that have ended. */
  get cpuSeconds(): number {
    return this.#cpuSeconds
  }

  /** The peak memory of the largest one. */
  get peakBytes(): number {
    const counted = [...this.#peakBytes].filter(([processId]) => !this.#leftOut.has(processId))
    return Math.max(0, ...counted.map(([, bytes]) => bytes))
  }

  #lookAtMemory(): void {
    for (const processId of descendantsOf(process.pid, processTimes()).keys()) {
      const bytes = parsePeakBytes(readProcess(processId, 'status') ?? '')
      if (bytes !== undefined) {
        this.#peakBytes.set(processId, bytes)
      }
    }
  }
}

/** The descendants of the process with that id, which is not included. Pure. */
export function descendantsOf(
  ancestorId: number,
  times: ReadonlyMap<number, ProcessTime>
): Map<number, ProcessTime> {
  const found = new Map<number, ProcessTime>()
  const parents = [ancestorId]
  for (let parent = parents.pop(); parent !== undefined; parent = parents.pop()) {
    for (const [processId, time] of times) {
      if (time.parentId === parent && !found.has(processId)) {
        found.set(processId, time)
        parents.push(processId)
      }
    }
  }
  return found
}

/** The processor time of this process's ended children, and of all living descendants and their ended children. */
function cpuSecondsOfTree(leftOut: ReadonlyMap<number, LeftOut>): number {
  const times = processTimes()
  let seconds = times.get(process.pid)?.endedChildrenSeconds ?? 0
  for (const [processId, time] of descendantsOf(process.pid, times)) {
    if (leftOut.get(processId) !== 'all') {
      seconds += time.ownSeconds + time.endedChildrenSeconds
    }
  }
  return seconds
}

function processTimes(): Map<number, ProcessTime> {
  const times = new Map<number, ProcessTime>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readProcess(Number(name), 'stat') : undefined
    if (stat !== undefined) {
      times.set(Number(name), parseProcessTime(stat))
    }
  }
  return times
}

/** Undefined when it has ended. */
function readProcess(processId: number, what: 'stat' | 'status'): string | undefined {
  try {
    return readFileSync(`/proc/${processId}/${what}`, 'utf8')
  } catch {
    return undefined
  }
}
