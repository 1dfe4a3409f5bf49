/** The command behind `npm run bench:links`. */
import { watchInterrupts } from '#potluck/cli/interrupt.js'
import type { Output } from '#potluck/cli/output.js'
import { EXIT_CODES, PotluckError } from '#potluck/protocols/errors.js'
import { LinksBench } from './bench.ts'
import { readLinksArguments } from './options.ts'

/** Processes are killed 3 s after they were asked to end; the rest is for removing the network and the files. */
const ORDERLY_STOP_MS = 8000

/** Resolves with the exit code. @throws PotluckError that says why there are no results */
export async function linksCommand(argv: string[], output: Output): Promise<number> {
  const options = readLinksArguments(argv)
  requireRootOnLinux()
  const interrupt = new AbortController()
  const unwatch = watchInterrupts({
    stop: () => {
      output.screen.end()
      output.screen.line('Interrupted: ending all processes and removing the network.')
      interrupt.abort(new PotluckError('INTERRUPTED', 'Interrupted: nothing was left behind.'))
    },
    giveUp: () => {
      // Its exit kills what still runs and removes the network.
      process.exit(EXIT_CODES.interrupted)
    },
    orderlyStopMs: ORDERLY_STOP_MS
  })
  try {
    await new LinksBench(options, output, interrupt.signal).run()
    return EXIT_CODES.ok
  } finally {
    unwatch()
  }
}

/** @throws PotluckError CONFIGURATION */
function requireRootOnLinux(): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new PotluckError(
      'CONFIGURATION',
      'The bench of shaped links makes network namespaces and shapes their links, which only root on Linux can. Run it as root on a Linux machine or in a virtual machine; "npm run simulate" needs neither.'
    )
  }
}
