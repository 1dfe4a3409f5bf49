/** The torment by liars: gatherings of honest and lying peers, simulated with the real engine. */
import { Gathering } from '../../sim/gathering.js'
import type { Torment, TormentOptions } from './torments.ts'

/** How many runs between two checks for an interrupt. */
const RUNS_AT_ONCE = 20

export const lyingPeers: Torment = {
  name: 'liars',
  what: 'gatherings of honest and lying peers, simulated',
  unit: 'gatherings',
  figure: 10_000,
  minutes: 3,
  run: tormentByLiars
}

async function tormentByLiars({ count, seed, signal, onProgress }: TormentOptions): Promise<void> {
  for (let run = 0; run < count; run++) {
    if (run % RUNS_AT_ONCE === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    }
    try {
      new Gathering(seed + run).run()
    } catch (error) {
      throw new Error(`gathering ${run}, of seed ${seed + run}`, { cause: error })
    }
    onProgress(run + 1)
  }
}
