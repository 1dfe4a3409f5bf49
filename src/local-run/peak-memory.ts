/** The peak memory of processes, as the kernel counts it. */
import { readFile } from 'node:fs/promises'

/** For a process that ends between two readings, the earlier one counts. */
const INTERVAL_MS = 500

export class PeakMemory {
  /** In bytes, by name. Empty on systems that do not report it. */
  readonly bytes = new Map<string, number>()
  readonly #processes = new Map<string, number>()
  readonly #timer = setInterval(() => void this.#look(), INTERVAL_MS)

  constructor() {
    this.#timer.unref()
  }

  watch(name: string, processId: number): void {
    this.#processes.set(name, processId)
  }

  forget(name: string): void {
    this.#processes.delete(name)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    for (const [name, processId] of this.#processes) {
      // Only Linux has this file; a process that has just ended has none either.
      const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '')
      const bytes = parsePeakBytes(status)
      if (bytes !== undefined) {
        this.bytes.set(name, bytes)
      }
    }
  }
}

/** From `/proc/<id>/status`; undefined if it is not there. */
export function parsePeakBytes(status: string): number | undefined {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}
