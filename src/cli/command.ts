/** What all commands share: how they read arguments, how they fail, how they end. */
import { isatty } from 'node:tty'
import { debuglog } from 'node:util'
import { Command, CommanderError, Help, Option } from 'commander'
import { EXIT_CODES, messageOf, PotluckError } from '../core/errors.ts'
import { packageVersion } from '../package.ts'
import { streamOf, streamsWritten } from './descriptor.ts'
import { type Manual, manualText } from './manual.ts'
import { Output } from './output.ts'

/** The exit code after a bug of ours: none of the codes that a user can cause. */
const DEFECT_EXIT_CODE = 1

/**
 * A process has nothing open after its last output. If something is still open, it waits this long. libp2p always
 * leaves a timer of one second, that of its address manager.
 */
const LINGER_MS = 50

/** `NODE_DEBUG=potluck` prints stack traces of unexpected errors. */
const debug = debuglog('potluck')

export type CommandBody = (argv: string[], output: Output) => Promise<number>

/** Runs a command as the one task of this process, and sets its exit code. */
export async function runCommand(body: CommandBody): Promise<void> {
  const argv = process.argv.slice(2)
  const output = new Output({
    json: argv.includes('--json'),
    quiet: argv.includes('--quiet'),
    verbose: argv.includes('--verbose')
  })
  if (!debug.enabled) {
    // The decoders of libp2p throw for each incomplete message: stack traces would take 1 % of a busy peer.
    Error.stackTraceLimit = 0
  }
  process.on('uncaughtException', (error) => {
    process.exit(reportFailure(error, output))
  })
  process.exitCode = await exitCodeOf(body, argv, output)
  await Promise.all([output.end(), streamsWritten()])
  setTimeout(() => process.exit(), LINGER_MS).unref()
}

/** Runs the task and returns its exit code. An error that it throws is printed once, in one sentence. */
export async function exitCodeOf(body: CommandBody, argv: string[], output: Output): Promise<number> {
  try {
    return await body(argv, output)
  } catch (error) {
    return reportFailure(error, output)
  }
}

/** Prints the error for people and machines; returns its exit code. */
function reportFailure(error: unknown, output: Output): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) {
      return EXIT_CODES.ok
    }
    // Commander has printed it already.
    output.error('CONFIGURATION', error.message)
    return EXIT_CODES.usage
  }
  debug('%s', error instanceof Error ? error.stack : error)
  if (error instanceof PotluckError) {
    output.complain(error.message)
    output.error(error.code, error.message)
    return error.exitCode
  }
  const message = `Unexpected error: ${messageOf(error)}. This is a bug in Potluck: run it again with NODE_DEBUG=potluck in the environment, and report its output.`
  output.complain(message)
  output.error('DEFECT', message)
  return DEFECT_EXIT_CODE
}

/** Options of every command, at the end of the help. */
const COMMON_OPTIONS = 'Other options:'

/** Help is read on terminals, where lines as wide as some of these are hard to read. */
const MIN_HELP_COLUMNS = 80
const MAX_HELP_COLUMNS = 100

/** A commander program whose errors end with the right exit code, and which suggests the nearest flag. */
export function createProgram(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .optionsGroup(COMMON_OPTIONS)
    .version(packageVersion(), '--version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .optionsGroup('Options:')
    .showHelpAfterError(`See "${name} --help" for what it takes.`)
    .configureOutput({
      writeOut: (text) => streamOf(1).write(text),
      writeErr: (text) => streamOf(2).write(text)
    })
    .configureHelp({ helpWidth: helpColumns(), groupItems: commonLast })
    .exitOverride()
}

/** A program whose help is a manual page. */
export function createManualProgram(name: string, manual: Manual): Command {
  return createProgram(name, manual.description).addHelpText('after', manualText(manual, helpColumns()))
}

/**
 * Adds options of other programs, except those that it has already.
 *
 * @param describe returns the description of one
 */
export function withOptions(
  program: Command,
  options: readonly Option[],
  describe: (option: Option) => string
): Command {
  for (const option of options) {
    if (!program.options.some(({ long }) => long === option.long)) {
      program.addOption(Object.assign(new Option(option.flags), option, { description: describe(option) }))
    }
  }
  return program
}

function helpColumns(): number {
  const { columns = MAX_HELP_COLUMNS } = isatty(1) ? streamOf(1) : {}
  return Math.max(MIN_HELP_COLUMNS, Math.min(MAX_HELP_COLUMNS, columns))
}

/** @returns commander's groups of a help, in another order */
function commonLast<Item extends Command | Option>(
  unsorted: Item[],
  visible: Item[],
  groupOf: (item: Item) => string
): Map<string, Item[]> {
  const groups = new Help().groupItems(unsorted, visible, groupOf)
  return new Map([...groups].sort(([a], [b]) => Number(a === COMMON_OPTIONS) - Number(b === COMMON_OPTIONS)))
}

/** For options that can be repeated. */
export function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

/** The number in the text, or the text itself, for the schema to refuse. */
export function wholeNumber(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text
}

const MS_OF_UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 }

/** The milliseconds of `90s`, `10m` or `2h`, or the text itself, for the schema to refuse. */
export function duration(text: string): number | string {
  const [, digits = '', unit = ''] = /^(\d+)([smh])$/.exec(text) ?? []
  const unitMs = MS_OF_UNITS[unit]
  return unitMs === undefined ? text : Number(digits) * unitMs
}

/** As `wholeNumber`, with a fraction. */
export function decimalNumber(text: string): number | string {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text
}
