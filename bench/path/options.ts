/** The command line of `npm run bench -- path`. */
import { InvalidArgumentError, Option } from 'commander'
import { createProgram } from '#potluck/cli/command.js'
import { parsePositiveByteLength, runsOption } from '../machine/arguments.ts'

/** Long enough for a steady middle: about 6 s of it at 500 Mbit/s. */
const DEFAULT_SIZE = '512MiB'

/** Between Europe and the east of North America. */
const DEFAULT_DELAY_MS = 100

/** Only satellite links are longer; and the proxy can hold this much without making the sender wait. */
const MAX_DELAY_MS = 1000

/** An odd number, so that the median is a measured value, and enough for a spread. */
const DEFAULT_RUNS = 3

export interface PathOptions {
  /** The round trip. */
  delayMs: number
  runs: number
  /** The length of each peer's file. */
  byteLength: number
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export function readPathArguments(argv: string[]): PathOptions {
  const { delay, runs, size } = createProgram(
    'npm run bench -- path',
    'Measures how fast two peers of this project exchange their files with a long path between them, and without, between network namespaces of this machine.'
  )
    .addOption(
      new Option('--delay <time>', 'of a round trip, such as 100ms')
        .default(DEFAULT_DELAY_MS, `${DEFAULT_DELAY_MS}ms`)
        .argParser(parseDelay)
    )
    .addOption(runsOption(DEFAULT_RUNS))
    .option('--size <size>', "of each peer's file, such as 64MiB", DEFAULT_SIZE)
    .option('--json', 'write the results to standard output, one JSON object per line')
    .parse(argv, { from: 'user' })
    .opts<{ delay: number; runs: number; size: string }>()
  return { delayMs: delay, runs, byteLength: parsePositiveByteLength(size, '--size') }
}

function parseDelay(text: string): number {
  const delayMs = Number(/^(\d+)ms$/.exec(text)?.[1])
  if (!(delayMs >= 1 && delayMs <= MAX_DELAY_MS)) {
    throw new InvalidArgumentError(`It has to be whole milliseconds from 1ms to ${MAX_DELAY_MS}ms.`)
  }
  return delayMs
}
