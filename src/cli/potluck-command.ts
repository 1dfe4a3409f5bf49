/** The command line of `potluck`: finds the requested command, or lists the commands. */

import type { Command } from 'commander'
import { EXIT_CODES, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { type CallOf, type CommandName, callOf, programOf } from './calls.ts'
import { type CommandBody, createManualProgram } from './command.ts'
import { potluckManual } from './manuals.ts'

/** The purpose of each command. */
export const COMMANDS: Readonly<Record<CommandName, string>> = {
  host: 'starts a swarm, invites others to it, and shares files with them',
  join: 'joins a swarm by its invitation, shares files and collects those of all others',
  'start-now': 'has a host or coordinator on this machine start with those who are here',
  coordinator: 'introduces the peers of a swarm to one another, and takes no part itself',
  peer: 'joins a swarm by a configuration file, by an address and a secret, or by an invitation',
  start: 'runs a whole swarm on this machine, to see how it goes',
  completion: 'prints what has a shell complete these commands and their options'
}

export type ChosenCommand =
  /** The command, with its arguments. */
  | { entry: CommandName; argv: string[] }
  /** No command: the text that says what to run instead. */
  | { help: CommandBody }

/** `potluck help peer` means `potluck peer --help`, as in other programs. */
export function chosenCommand(name: string | undefined, rest: string[]): ChosenCommand {
  const [asked] = rest
  if (name === 'help' && asked !== undefined) {
    return chosenCommand(asked, ['--help'])
  }
  return isCommand(name) ? { entry: name, argv: rest } : { help: () => noCommand(name) }
}

function isCommand(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(COMMANDS, name)
}

/** @throws CommanderError, also when help was requested; PotluckError CONFIGURATION */
async function noCommand(name: string | undefined): Promise<number> {
  if (name !== undefined) {
    await refuseArgument(name)
  }
  const own = programOf(process.argv[1] ?? '', process.env) ?? 'potluck'
  const program = potluckProgram(own, callOf)
  program.parse(name === undefined || name === 'help' ? ['--help'] : [name], { from: 'user' })
  return EXIT_CODES.usage
}

/** All commands by name, without their arguments. @param own how `potluck` is called */
export function potluckProgram(own: string, call: CallOf): Command {
  const program = createManualProgram(own, potluckManual(own, call))
    .usage('<command> [options]')
    .helpCommand(false)
  for (const [command, summary] of Object.entries(COMMANDS)) {
    program.command(command).description(summary)
  }
  return program
}

/** Refuses an invitation or a path in the place of a command. @throws PotluckError CONFIGURATION */
async function refuseArgument(word: string): Promise<void> {
  const { isThere, looksLikeInvitation } = await import('./join-arguments.ts')
  if (looksLikeInvitation(word)) {
    throw new PotluckError(
      'CONFIGURATION',
      `This is an invitation, not a command. Run "${callOf('join')} potluck1…" with it, followed by what you share.`
    )
  }
  if (!word.startsWith('-') && isThere(word)) {
    const path = printable(word)
    throw new PotluckError(
      'CONFIGURATION',
      `${path} is a file or folder, not a command. To share it, run "${callOf('host')} ${path}", or "${callOf('join')} potluck1… ${path}" with an invitation.`
    )
  }
}
