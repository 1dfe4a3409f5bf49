/** The command line of `potluck join`: a peer's, with an invitation and paths that need no flags. */
import type { Command, Option } from 'commander'
import { PotluckError } from '../core/errors.ts'
import { type CallOf, callOf } from './calls.ts'
import { createManualProgram, withOptions } from './command.ts'
import { joinManual } from './manuals.ts'
import type { Output } from './output.ts'
import { type CreatePeer, type InvitationSources, peerProgram } from './peer-command.ts'

/** Other ways to a coordinator than an invitation, and the flag for an option that needs none here. */
const LEFT_OUT: ReadonlySet<string | undefined> = new Set(['--join', '--coordinator', '--secret-file'])

interface JoinFlags {
  invitationFile?: string
  share?: string[]
}

/** @returns the exit code @throws CommanderError, PotluckError CONFIGURATION */
export async function joinCommand(
  argv: string[],
  output: Output,
  sources: InvitationSources,
  create: CreatePeer
): Promise<number> {
  const program = joinProgram().parse(argv, { from: 'user' })
  await takeArguments(program, sources)
  const { runPeer } = await import('./peer-role.ts')
  return await runPeer(program, output, { ...sources, joinedBy: 'join' }, create)
}

export function joinProgram(call: CallOf = callOf): Command {
  const program = createManualProgram(call('join'), joinManual(call('join')))
    .usage('[options] <invitation> [paths...]')
    .argument('[invitation]', 'what the host sent; - reads it from standard input')
    .argument('[paths...]', 'files and folders to share')
  const options = peerProgram().options.filter(({ long }) => !LEFT_OUT.has(long))
  return withOptions(program, options, describedToInvited)
}

/** Defaults of a peer that differ for an invited one. */
export function describedToInvited({ description }: Option): string {
  return description.replace(/\((?:default: [^;)]*; )?with --join: /, '(default: ')
}

/** Moves arguments without a flag to where a peer's flags put them. @throws PotluckError CONFIGURATION */
async function takeArguments(program: Command, { line, input }: InvitationSources): Promise<void> {
  const { checkPaths, howToJoin, joinArguments } = await import('./join-arguments.ts')
  const { invitationFile, share = [] } = program.opts<JoinFlags>()
  const isInvited = invitationFile !== undefined || line !== undefined
  const { invitation, paths } = joinArguments(program.args, isInvited)
  const shares = [...share, ...paths]
  checkPaths(shares)
  if (shares.length > 0) {
    program.setOptionValueWithSource('share', shares, 'cli')
  }
  if (invitation !== undefined) {
    program.setOptionValueWithSource('join', invitation, 'cli')
  } else if (!isInvited) {
    // At a terminal the invitation can be pasted, where other users of the machine do not see it.
    if (input?.isTTY !== true) {
      throw new PotluckError('CONFIGURATION', `There is no invitation. ${howToJoin()}`)
    }
    program.setOptionValueWithSource('join', '-', 'cli')
  }
}
