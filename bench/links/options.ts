/** The command line of `npm run bench:links`. */
import { InvalidArgumentError, Option } from 'commander'
import { createProgram } from '#potluck/cli/command.js'
import { parsePositiveByteLength, parseRuns, someOf } from '../machine/arguments.ts'
import { type LinksScenario, SCENARIOS } from './scenarios.ts'
import { SYSTEM_NAMES, type SystemName } from './systems.ts'

/** Long enough that the beginning and the end of a run weigh little: 28 s at 20 Mbit/s. */
const DEFAULT_SIZE = '128MiB'

/** The first is the default of most machines today. */
const CONGESTION_CONTROLS = ['cubic', 'bbr', 'reno']

export interface LinksOptions {
  scenarios: readonly LinksScenario[]
  systems: readonly SystemName[]
  runs: number
  /** The length of each peer's file. */
  byteLength: number
  /** The congestion control of TCP between the peers, by Linux's name for it. */
  congestionControl: string
}

interface LinksFlags {
  scenario?: string[]
  only?: SystemName[]
  baselines: boolean
  runs: number
  size: string
  congestionControl: string
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export function readLinksArguments(argv: string[]): LinksOptions {
  const { scenario, only, baselines, runs, size, congestionControl } = createProgram(
    'npm run bench:links --',
    'Measures real processes of this project and of others on shaped links between network namespaces of this machine.'
  )
    .addOption(
      new Option('--scenario <name>', 'one of the scenarios; can be given more than once (default: all)')
        .choices(SCENARIOS.map(({ name }) => name))
        .argParser(collectScenario)
    )
    .addOption(
      new Option('--only <systems>', `some of ${SYSTEM_NAMES.join(',')} (default: all)`).argParser(
        someOf(SYSTEM_NAMES)
      )
    )
    .option('--no-baselines', 'only this project, nothing to install for the others')
    .addOption(
      new Option('--runs <number>', 'how often each is run; the table shows the median')
        .default(1)
        .argParser(parseRuns)
    )
    .option('--size <size>', "of each peer's file, such as 64MiB", DEFAULT_SIZE)
    .addOption(
      new Option('--congestion-control <name>', 'what TCP uses between the peers')
        .choices(CONGESTION_CONTROLS)
        .default(CONGESTION_CONTROLS[0])
    )
    .option('--json', 'write the results to standard output, one JSON object per line')
    .parse(argv, { from: 'user' })
    .opts<LinksFlags>()
  return {
    scenarios: SCENARIOS.filter(({ name }) => scenario === undefined || scenario.includes(name)),
    systems: baselines ? (only ?? SYSTEM_NAMES) : ['potluck'],
    runs,
    byteLength: parsePositiveByteLength(size, '--size'),
    congestionControl
  }
}

function collectScenario(name: string, previous: string[] | undefined): string[] {
  if (!SCENARIOS.some((scenario) => scenario.name === name)) {
    throw new InvalidArgumentError(`It has to be one of ${SCENARIOS.map((known) => known.name).join(', ')}.`)
  }
  return [...(previous ?? []), name]
}
