/** The command line of `potluck completion`, which prints a script for a shell. */
import { Argument, type Command } from 'commander'
import { EXIT_CODES } from '../core/errors.ts'
import { type CallOf, callOf } from './calls.ts'
import { createManualProgram } from './command.ts'
import { COMPLETIONS } from './completion.ts'
import { completionManual } from './manuals.ts'
import type { Output } from './output.ts'

/** @param commands all that the script completes @returns the exit code @throws CommanderError */
export function completionCommand(
  argv: string[],
  output: Output,
  commands: () => ReadonlyMap<string, Command>
): number {
  const program = completionProgram().parse(argv, { from: 'user' })
  const [shell = ''] = program.args
  output.screen.line(COMPLETIONS.get(shell)?.(commands()) ?? '')
  return EXIT_CODES.ok
}

export function completionProgram(call: CallOf = callOf): Command {
  return createManualProgram(call('completion'), completionManual(call('completion'))).addArgument(
    new Argument('<shell>', 'the shell').choices([...COMPLETIONS.keys()])
  )
}
