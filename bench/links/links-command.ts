/** The command behind `npm run bench:links`. */
import type { Output } from '#potluck/cli/output.js'
import { PotluckError } from '#potluck/protocols/errors.js'
import { runInterruptible } from '../machine/interruptible.ts'
import { LinksBench } from './bench.ts'
import { readLinksArguments } from './options.ts'

/** Resolves with the exit code. @throws PotluckError that says why there are no results */
export async function linksCommand(argv: string[], output: Output): Promise<number> {
  const options = readLinksArguments(argv)
  requireRootOnLinux()
  return await runInterruptible(output, 'ending all processes and removing the network', (signal) =>
    new LinksBench(options, output, signal).run()
  )
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
