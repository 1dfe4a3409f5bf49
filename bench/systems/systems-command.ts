/** The commands behind `npm run bench`. */
import type { Output } from '#potluck/cli/output.js'
import { PotluckError } from '#potluck/core/errors.js'
import { runInterruptible } from '../machine/interruptible.ts'
import { readScalingArguments, readSystemsArguments } from './options.ts'
import { SystemsBench } from './systems-bench.ts'

const STOPPING = 'ending all processes and removing the files'

/** Resolves with the exit code. @throws PotluckError with the reason for missing results */
export async function systemsCommand(argv: string[], output: Output): Promise<number> {
  const options = readSystemsArguments(argv)
  requireLinux()
  return await runInterruptible(output, STOPPING, (signal) =>
    new SystemsBench(output, signal).compare(options)
  )
}

/** As above, for `npm run bench -- scaling`. */
export async function scalingCommand(argv: string[], output: Output): Promise<number> {
  const options = readScalingArguments(argv)
  requireLinux()
  return await runInterruptible(output, STOPPING, (signal) => new SystemsBench(output, signal).scale(options))
}

/** @throws PotluckError CONFIGURATION */
function requireLinux(): void {
  if (process.platform !== 'linux') {
    throw new PotluckError(
      'CONFIGURATION',
      'The bench reads the processor time and the memory of processes where only Linux tells them. Run it on a Linux machine or in a virtual machine; "npm run bench -- micro" runs anywhere.'
    )
  }
}
