/** The command lines of `npm run bench`. */
import { Option } from 'commander'
import { createProgram } from '#potluck/cli/command.js'
import { parsePositiveByteLength, runsOption, someOf } from '../machine/arguments.ts'
import { SYSTEM_NAMES, type SystemName } from './systems.ts'

/** The length of the assignment's files. */
const DEFAULT_SIZE = '500MiB'

/** As much as the assignment's four peers bring together. */
const DEFAULT_TOTAL = '2000MiB'

/** An odd number, so that the median is a measured value, and enough for a spread. */
const DEFAULT_RUNS = 3

export interface SystemsOptions {
  systems: readonly SystemName[]
  runs: number
  /** The length of each peer's file. */
  byteLength: number
}

export interface ScalingOptions {
  runs: number
  /** The length of the files of all peers together. */
  totalBytes: number
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export function readSystemsArguments(argv: string[]): SystemsOptions {
  const { systems, runs, size } = createProgram(
    'npm run bench --',
    'Lets this project and others do the same job on this machine, side by side: four peers, each with a file, and at the end everybody has all, with MD5s.'
  )
    .addOption(
      new Option('--systems <systems>', `some of ${SYSTEM_NAMES.join(',')} (default: all)`).argParser(
        someOf(SYSTEM_NAMES)
      )
    )
    .addOption(runsOption(DEFAULT_RUNS))
    .option('--size <size>', "of each peer's file, such as 64MiB", DEFAULT_SIZE)
    .option('--json', 'write the results to standard output, one JSON object per line')
    .addHelpText(
      'after',
      '\nOther benches of this project alone:\n  npm run bench -- micro    its codec, picker and store\n  npm run bench -- path     two peers with a long path between them\n  npm run bench -- scaling  2 to 16 peers with the same files in all\nEach has a --help of its own.'
    )
    .parse(argv, { from: 'user' })
    .opts<{ systems?: SystemName[]; runs: number; size: string }>()
  return {
    systems: systems ?? SYSTEM_NAMES,
    runs,
    byteLength: parsePositiveByteLength(size, '--size')
  }
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export function readScalingArguments(argv: string[]): ScalingOptions {
  const { runs, total } = createProgram(
    'npm run bench -- scaling',
    'Runs swarms of 2, 4, 8 and 16 peers of this project that together bring the same number of bytes.'
  )
    .addOption(runsOption(DEFAULT_RUNS))
    .option('--total <size>', 'of the files of all peers together', DEFAULT_TOTAL)
    .option('--json', 'write the results to standard output, one JSON object per line')
    .parse(argv, { from: 'user' })
    .opts<{ runs: number; total: string }>()
  return { runs, totalBytes: parsePositiveByteLength(total, '--total') }
}
