/** The command behind `npm run simulate`. */

import { createProgram } from '#potluck/cli/command.js'
import type { Output } from '#potluck/cli/output.js'
import { EXIT_CODES, messageOf, PotluckError } from '#potluck/core/errors.js'
import { printable } from '#potluck/core/names.js'
import { countOf } from '#potluck/core/units.js'
import { Gathering } from '../gathering.ts'
import type { Scenario } from '../scenario.ts'
import { SCHEDULER_NAMES, type SchedulerName } from '../scheduler.ts'
import { Simulation, type SimulationResult } from '../simulation.ts'
import { chosenScenarios, readScenario } from './scenario-files.ts'
import { headingOf, rowOf } from './simulate-table.ts'

/** Seeds are numbers that people type. */
const MAX_SEED = 1_000_000

/** The exit code if a complete run was slower than its scenario expects: a failed check. */
const TOO_SLOW_EXIT_CODE = 1

interface SimulateFlags {
  scenario?: string[]
  seed: string
  seeds: string
  chunks?: string
  scheduler: string
  liars?: string
  list?: boolean
}

interface SimulateOptions {
  names: string[]
  firstSeed: number
  seeds: number
  fileChunks: number | undefined
  schedulers: SchedulerName[]
  /** How many gatherings with liars to run instead of scenarios. */
  liars: number | undefined
  list: boolean
}

/** Resolves with the exit code. @throws CommanderError, PotluckError */
export async function simulateCommand(argv: string[], output: Output): Promise<number> {
  const options = await readSimulateArguments(argv)
  if (options.list) {
    for (const name of options.names) {
      const { description } = await readScenario(name)
      output.screen.line(`${name}: ${description}`)
    }
    return EXIT_CODES.ok
  }
  if (options.liars !== undefined) {
    return runLiars(options.firstSeed, options.liars, output)
  }
  output.screen.line(...headingOf(options.names))
  let exitCode: number = EXIT_CODES.ok
  for (const name of options.names) {
    const scenario = await readScenario(name)
    for (const scheduler of options.schedulers) {
      exitCode = Math.max(exitCode, runScenario(name, scenario, scheduler, options, output))
    }
  }
  return exitCode
}

/** Runs gatherings of honest and lying peers. @returns the exit code; the first broken promise ends it */
function runLiars(firstSeed: number, count: number, output: Output): number {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const gathering = new Gathering(seed)
    try {
      gathering.run()
    } catch (error) {
      output.complain(`The gathering of seed ${seed} broke a promise: ${messageOf(error)}.`)
      return EXIT_CODES.incomplete
    }
    const { counts, lies, endedAtMs, falsehoods, bans } = gathering
    const gathered = { seed, ...counts, lies, falsehoods, bans }
    const event = { event: 'gathered', atMs: endedAtMs, peer: 'simulator', ...gathered }
    output.event(event)
    const { honest, late, restarted, liars } = counts
    output.screen.line(
      `seed ${seed}: ${countOf(honest, 'honest peer')} (${late} late, ${restarted} started again), ${countOf(liars, 'liar')} (${lies.join('; ')}): complete after ${(endedAtMs / 1000).toFixed(1)} s, ${countOf(falsehoods, 'false answer')}, ${countOf(bans, 'ban')}`
    )
  }
  output.screen.line(
    `${countOf(count, 'gathering')}: every honest peer got everything that an honest peer brought, and banned liars only.`
  )
  return EXIT_CODES.ok
}

/** Runs a scenario with every seed. @returns its exit code */
function runScenario(
  name: string,
  given: Scenario,
  scheduler: SchedulerName,
  { firstSeed, seeds, fileChunks, names }: SimulateOptions,
  output: Output
): number {
  const scenario = fileChunks === undefined ? given : { ...given, fileChunks }
  let exitCode: number = EXIT_CODES.ok
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const before = process.cpuUsage()
    const result = new Simulation({ scenario, seed, scheduler }).run()
    const { user, system } = process.cpuUsage(before)
    const cpuSeconds = (user + system) / 1e6
    const event = {
      event: 'simulated',
      atMs: result.makespanMs,
      peer: 'simulator',
      scenario: name,
      ...result,
      cpuSeconds
    }
    output.event(event)
    output.screen.line(rowOf(name, result, cpuSeconds, names))
    // The expectation applies to the peers' own scheduler and to files with the scenario's number of chunks.
    const promised =
      scheduler === 'potluck' && fileChunks === undefined ? scenario.expectedEfficiency : undefined
    exitCode = Math.max(exitCode, judge(name, result, promised, output))
  }
  return exitCode
}

function judge(
  name: string,
  { complete, efficiency, seed, scheduler }: SimulationResult,
  expectedEfficiency: number | undefined,
  output: Output
): number {
  if (!complete) {
    output.complain(
      `${name} (${scheduler}, seed ${seed}) came to a standstill before everybody had everything.`
    )
    return EXIT_CODES.incomplete
  }
  if (expectedEfficiency !== undefined && efficiency < expectedEfficiency) {
    output.complain(
      `${name} (seed ${seed}) came to an efficiency of ${efficiency.toFixed(3)}; its scenario expects ${expectedEfficiency}.`
    )
    return TOO_SLOW_EXIT_CODE
  }
  return EXIT_CODES.ok
}

/** @throws CommanderError, PotluckError CONFIGURATION */
async function readSimulateArguments(argv: string[]): Promise<SimulateOptions> {
  const { scenario, seed, seeds, chunks, scheduler, liars, list } = createProgram(
    'npm run simulate --',
    'Runs the scheduler of the peers on a virtual clock over modelled links, and compares the time with the lower bound.'
  )
    .option('--scenario <names...>', 'which of bench/scenarios to run (default: all of them)')
    .option('--seed <number>', 'decides what is left to chance; the same seed gives the same run', '1')
    .option('--seeds <number>', 'how many seeds to run, counted up from --seed', '1')
    .option('--chunks <number>', 'of each file, instead of what the scenario says')
    .option('--scheduler <name>', `${SCHEDULER_NAMES.join(', ')}, or all of them in turn`, 'potluck')
    .option('--liars <number>', 'run so many gatherings of honest and lying peers in place of scenarios')
    .option('--list', 'say what scenarios there are, and what each shows')
    .option('--json', 'write the results to standard output, one JSON object per line')
    .parse(argv, { from: 'user' })
    .opts<SimulateFlags>()
  return {
    names: await chosenScenarios(scenario),
    firstSeed: parseNumber(seed, '--seed', 0),
    seeds: parseNumber(seeds, '--seeds', 1),
    fileChunks: chunks === undefined ? undefined : parseNumber(chunks, '--chunks', 1),
    schedulers: parseSchedulers(scheduler),
    liars: liars === undefined ? undefined : parseNumber(liars, '--liars', 1),
    list: list === true
  }
}

function parseSchedulers(text: string): SchedulerName[] {
  const chosen = SCHEDULER_NAMES.filter((name) => text === 'all' || text === name)
  if (chosen.length === 0) {
    throw new PotluckError(
      'CONFIGURATION',
      `--scheduler cannot be "${printable(text)}": it must be one of ${SCHEDULER_NAMES.join(', ')}, or all.`
    )
  }
  return chosen
}

function parseNumber(text: string, flag: string, least: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= least && number <= MAX_SEED)) {
    throw new PotluckError(
      'CONFIGURATION',
      `${flag} cannot be "${printable(text)}": it must be a whole number from ${least} to ${MAX_SEED}.`
    )
  }
  return number
}
