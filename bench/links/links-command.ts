/** The command behind `npm run bench:links`. */
import type { Output } from '#potluck/cli/output.js'
import { runInterruptible } from '../machine/interruptible.ts'
import { requireRootOnLinux } from '../machine/namespaces.ts'
import { LinksBench } from './bench.ts'
import { readLinksArguments } from './options.ts'

/** Resolves with the exit code. @throws PotluckError with the reason for missing results */
export async function linksCommand(argv: string[], output: Output): Promise<number> {
  const options = readLinksArguments(argv)
  requireRootOnLinux('The bench of shaped links')
  return await runInterruptible(output, 'ending all processes and removing the network', (signal) =>
    new LinksBench(options, output, signal).run()
  )
}
