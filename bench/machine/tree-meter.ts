/**
 * The processor time and the memory that all processes take that this one started, and that those started, between two
 * moments. Linux only.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { parsePeakBytes } from '#potluck/local-run/peak-memory.js'
import { type ProcessTime, parseProcessTime } from './counters.ts'

/** The peak of a process that ends between two looks is that of the look before. */
const INTERVAL_MS = 200

/** What of a process is left out of what is measured. */
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

  /** `all` of what belongs to the bench; `memory` of what is part of a system's work, but not of its programs. */
  leaveOut(processId: number, what: LeftOut): void {
    this.#leftOut.set(processId, what)
  }

  /** Counting begins here, or anew. */
  begin(): void {
    this.#before = cpuSecondsOfTree(this.#leftOut)
    this.#peakBytes = new Map()
  }

  /** Counting ends here. */
  end(): void {
    this.#cpuSeconds = cpuSecondsOfTree(this.#leftOut) - this.#before
    this.#lookAtMemory()
    this.stop()
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer)
  }

  /** Of all processes, those that have ended included. */
  get cpuSeconds(): number {
    return this.#cpuSeconds
  }

  /** The most memory that any one of them held. */
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

/** Of processes by their ids: those that descend from the one of that id. It is not among them. Pure. */
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

/** What this process's children took that have ended, and all descendants that live and theirs that have ended. */
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
