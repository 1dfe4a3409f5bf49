/** A benchmark that Ctrl-C ends in order: processes first, then everything that it made. */
import { watchInterrupts } from '#potluck/cli/interrupt.js'
import type { Output } from '#potluck/cli/output.js'
import { EXIT_CODES, PotluckError } from '#potluck/core/errors.js'

/** Processes are killed 3 s after they were asked to end; the rest is for removing what the benchmark made. */
const ORDERLY_STOP_MS = 8000

/**
 * Runs the benchmark to its end; resolves with the exit code.
 *
 * @param does the effect of an interrupt, printed when there is one
 * @throws PotluckError INTERRUPTED; any error of the benchmark
 */
export async function runInterruptible(
  output: Output,
  does: string,
  bench: (signal: AbortSignal) => Promise<void>
): Promise<number> {
  const interrupt = new AbortController()
  const unwatch = watchInterrupts({
    stop: () => {
      output.screen.end()
      output.screen.line(`Interrupted: ${does}.`)
      interrupt.abort(new PotluckError('INTERRUPTED', 'Interrupted: nothing was left behind.'))
    },
    giveUp: () => {
      // Its exit kills all running processes.
      process.exit(EXIT_CODES.interrupted)
    },
    orderlyStopMs: ORDERLY_STOP_MS
  })
  try {
    await bench(interrupt.signal)
    return EXIT_CODES.ok
  } finally {
    unwatch()
  }
}
