/** The command line of `potluck`: which command is meant, or what there is to choose from. */
import { EXIT_CODES } from '../core/errors.ts'
import { type CommandName, programOf } from './calls.ts'
import { type CommandBody, createManualProgram } from './command.ts'
import { potluckManual } from './manuals.ts'

const COMMANDS: Readonly<Record<CommandName, string>> = {
  coordinator: 'introduces the peers of a swarm to one another, and shows the invitation to it',
  peer: 'shares files with a swarm, and collects those of all others',
  start: 'runs a whole swarm on this machine, to see how it goes'
}

export type ChosenCommand =
  /** The arguments are those of that command. */
  | { entry: CommandName; argv: string[] }
  /** There is none: what to run instead. */
  | { help: CommandBody }

/** `potluck help peer` is `potluck peer --help`, as it is elsewhere. */
export function chosenCommand(name: string | undefined, rest: string[]): ChosenCommand {
  const [asked] = rest
  if (name === 'help' && asked !== undefined) {
    return chosenCommand(asked, ['--help'])
  }
  return isCommand(name) ? { entry: name, argv: rest } : { help: async () => noCommand(name) }
}

function isCommand(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(COMMANDS, name)
}

/** @throws CommanderError, also where it was help that was asked for */
function noCommand(name: string | undefined): number {
  const own = programOf(process.argv[1] ?? '', process.env) ?? 'potluck'
  const program = createManualProgram(own, potluckManual(own)).usage('<command> [options]').helpCommand(false)
  for (const [command, summary] of Object.entries(COMMANDS)) {
    program.command(command).description(summary)
  }
  program.parse(name === undefined || name === 'help' ? ['--help'] : [name], { from: 'user' })
  return EXIT_CODES.usage
}
