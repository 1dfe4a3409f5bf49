/** The command line of `npm run bench -- micro`. */
import { createProgram } from '#potluck/cli/command.js'
import { runsOption } from '../machine/arguments.ts'

/** A round takes a fraction of a second. */
const DEFAULT_RUNS = 11

/** @throws CommanderError */
export function readMicroArguments(argv: string[]): { runs: number } {
  return createProgram(
    'npm run bench -- micro',
    'Measures parts of this project in one process: reading and writing messages, picking chunks, the store.'
  )
    .addOption(runsOption(DEFAULT_RUNS))
    .option('--json', 'write the results to standard output, one JSON object per line')
    .parse(argv, { from: 'user' })
    .opts<{ runs: number }>()
}
