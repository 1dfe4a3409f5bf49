/** The command behind `npm run bench -- path`. */
import type { Output } from '#potluck/cli/output.js'
import { runInterruptible } from '../machine/interruptible.ts'
import { requireRootOnLinux } from '../machine/namespaces.ts'
import { readPathArguments } from './options.ts'
import { PathBench } from './path-bench.ts'

/** Resolves with the exit code. @throws PotluckError with the reason for missing results */
export async function pathCommand(argv: string[], output: Output): Promise<number> {
  const options = readPathArguments(argv)
  requireRootOnLinux('The bench of a long path')
  return await runInterruptible(
    output,
    'ending all processes and removing the network and the files',
    (signal) => new PathBench(options, output, signal).run()
  )
}
