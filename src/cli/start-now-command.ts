/** The command line of `potluck start-now`, which has a running coordinator start with those who are here. */
import type { Command } from 'commander'
import { type CallOf, callOf } from './calls.ts'
import { createManualProgram, wholeNumber } from './command.ts'
import { startNowManual } from './manuals.ts'
import type { Output } from './output.ts'

/** @returns the exit code @throws CommanderError, PotluckError */
export async function startNowCommand(argv: string[], output: Output): Promise<number> {
  const program = startNowProgram().parse(argv, { from: 'user' })
  const { runStartNow } = await import('./start-now-role.ts')
  return await runStartNow(program, output)
}

export function startNowProgram(call: CallOf = callOf): Command {
  return createManualProgram(call('start-now'), startNowManual(call('start-now')))
    .argument('[coordinator]', 'its port or its name, if several wait on this machine')
    .option('--peers <number>', 'wait for this many people instead', wholeNumber)
    .option('--json', 'write errors as JSON as well')
    .action(() => undefined)
}
