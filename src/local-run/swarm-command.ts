/** The command behind `npm start`. */
import { watchInterrupts } from '../cli/interrupt.ts'
import type { Output } from '../cli/output.ts'
import { EXIT_CODES, PotluckError } from '../core/errors.ts'
import { readSwarmArguments } from './options.ts'

/** Processes are killed 3 s after they were asked to end; one more second is for cleaning up after them. */
const ORDERLY_STOP_MS = 4500

/** Resolves with the exit code. @throws PotluckError with the reason for a failure */
export async function swarmCommand(argv: string[], output: Output): Promise<number> {
  const options = readSwarmArguments(argv)
  // Help and wrong flags are answered before the modules for a run are loaded.
  const { LocalRun } = await import('./local-run.ts')
  const interrupt = new AbortController()
  const localRun = new LocalRun(options, output, interrupt.signal)
  output.neverWait()
  const unwatch = watchInterrupts({
    stop: () => {
      output.screen.end()
      output.screen.line('Interrupted: ending all processes.')
      interrupt.abort(new PotluckError('INTERRUPTED', 'Interrupted: all processes have ended.'))
    },
    giveUp: () => {
      // Its exit kills all running processes.
      process.exit(EXIT_CODES.interrupted)
    },
    orderlyStopMs: ORDERLY_STOP_MS
  })
  try {
    await localRun.run()
    return EXIT_CODES.ok
  } finally {
    unwatch()
  }
}
