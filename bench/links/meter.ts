/** The processor time that the processes of a run use between two moments. */
import { readFileSync } from 'node:fs'
import { type MachineTime, parseMachineTime, parseProcessTime } from '../machine/counters.ts'

/** For a process that ends between two readings, the earlier one counts. */
const INTERVAL_MS = 200

export class CpuMeter {
  readonly #seconds = new Map<number, number>()
  readonly #timer = setInterval(() => this.#look(), INTERVAL_MS)
  #before = 0
  #after: number | undefined
  #machineBefore = machineTime()
  #machineAfter: MachineTime | undefined

  constructor() {
    this.#timer.unref()
  }

  watch(processId: number): void {
    this.#seconds.set(processId, 0)
  }

  /** Counting begins here, or restarts. */
  begin(): void {
    this.#look()
    this.#before = this.#sum()
    this.#machineBefore = machineTime()
  }

  end(): void {
    this.#look()
    this.stop()
    this.#after = this.#sum()
    this.#machineAfter = machineTime()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Of all watched processes. */
  get cpuSeconds(): number {
    return (this.#after ?? this.#sum()) - this.#before
  }

  /** The share of the whole machine's processor time in use, by any process: near 1 the processor was the limit. */
  get busyShare(): number {
    const { busySeconds, totalSeconds } = this.#machine()
    return totalSeconds > 0 ? busySeconds / totalSeconds : 0
  }

  /** The share of the whole machine's processor time that the watched processes used. */
  get ownBusyShare(): number {
    const { totalSeconds } = this.#machine()
    return totalSeconds > 0 ? this.cpuSeconds / totalSeconds : 0
  }

  #machine(): MachineTime {
    const { busySeconds, totalSeconds } = this.#machineAfter ?? machineTime()
    return {
      busySeconds: busySeconds - this.#machineBefore.busySeconds,
      totalSeconds: totalSeconds - this.#machineBefore.totalSeconds
    }
  }

  #sum(): number {
    return [...this.#seconds.values()].reduce((sum, seconds) => sum + seconds, 0)
  }

  #look(): void {
    for (const processId of this.#seconds.keys()) {
      try {
        const stat = readFileSync(`/proc/${processId}/stat`, 'utf8')
        this.#seconds.set(processId, parseProcessTime(stat).ownSeconds)
      } catch {
        // It has ended; its last reading counts.
      }
    }
  }
}

function machineTime(): MachineTime {
  return parseMachineTime(readFileSync('/proc/stat', 'utf8'))
}
