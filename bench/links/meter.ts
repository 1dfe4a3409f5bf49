/** The processor time that the processes of a run take, between two moments. */
import { readFileSync } from 'node:fs'
import { type MachineTime, parseMachineTime, parseProcessTime } from '../machine/counters.ts'

/** A process that ends between two looks is counted as of the look before. */
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

  /** Counting begins here, or anew. */
  begin(): void {
    this.#look()
    this.#before = this.#sum()
    this.#machineBefore = machineTime()
  }

  /** Counting ends here. */
  end(): void {
    this.#look()
    this.stop()
    this.#after = this.#sum()
    this.#machineAfter = machineTime()
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer)
  }

  /** Of all processes that were watched. */
  get cpuSeconds(): number {
    return (this.#after ?? this.#sum()) - this.#before
  }

  /** The share of the whole machine that worked, whoever for: near 1 it is the processor that was the limit. */
  get busyShare(): number {
    const { busySeconds, totalSeconds } = this.#machine()
    return totalSeconds > 0 ? busySeconds / totalSeconds : 0
  }

  /** The share of the whole machine that worked for the processes that were watched. */
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
        // It has ended; what it had taken at the last look stands.
      }
    }
  }
}

function machineTime(): MachineTime {
  return parseMachineTime(readFileSync('/proc/stat', 'utf8'))
}
