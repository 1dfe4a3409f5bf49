/** The command line of `potluck host`: a coordinator's and a peer's, for both in one process. */
import type { Command, Option } from 'commander'
import { type CallOf, callOf } from './calls.ts'
import { createManualProgram, withOptions } from './command.ts'
import { type CreateCoordinator, coordinatorProgram } from './coordinator-command.ts'
import { describedToInvited } from './join-command.ts'
import { hostManual } from './manuals.ts'
import type { Output } from './output.ts'
import { type CreatePeer, peerProgram } from './peer-command.ts'

/** The parsed settings of both roles. */
export interface MakeRoles {
  coordinator: CreateCoordinator
  peer: CreatePeer
}

/** A host has no configuration file: its two roles would need one each. The coordinator's command makes secrets. */
const LEFT_OUT_OF_COORDINATOR: ReadonlySet<string | undefined> = new Set([
  '--config',
  '--new-secret',
  '--version',
  '--name'
])

/** The peer of a host joins with the invitation of its own coordinator. */
const LEFT_OUT_OF_PEER: ReadonlySet<string | undefined> = new Set([
  '--config',
  '--join',
  '--coordinator',
  '--invitation-file',
  '--secret-file',
  '--dry-run',
  '--ask-above',
  '--yes'
])

/** Both roles have these options, and the host has them once; the peer follows the coordinator. */
export const OPTIONS_OF_BOTH: readonly string[] = [
  '--listen',
  '--announce',
  '--open',
  '--logs',
  '--quiet',
  '--json'
]

/** Options that mean something else for a host. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  '--peers': 'how many peers the swarm waits for, this one included (default: 4)',
  '--listen':
    'where to listen: a port of all addresses, such as 9000, HOST:PORT or a multiaddr; this peer takes the next port; can be given more than once (default: 9000, or another one where that is taken)',
  '--announce':
    'one more address to tell, HOST:PORT or a multiaddr, and with the next port for this peer; can be given more than once'
}

/** @returns the exit code @throws CommanderError, PotluckError CONFIGURATION */
export async function hostCommand(argv: string[], output: Output, make: MakeRoles): Promise<number> {
  const program = hostProgram().parse(argv, { from: 'user' })
  const { runHost } = await import('./host-role.ts')
  return await runHost(program, output, make)
}

export function hostProgram(call: CallOf = callOf): Command {
  const program = createManualProgram(call('host'), hostManual(call('host'))).argument(
    '[paths...]',
    'files and folders to share'
  )
  const describe = (option: Option): string => DESCRIPTIONS[option.long ?? ''] ?? describedToInvited(option)
  const coordinator = coordinatorProgram().options.filter(({ long }) => !LEFT_OUT_OF_COORDINATOR.has(long))
  const flags = new Set(coordinator.map(({ long }) => long))
  const peer = peerProgram().options.filter(({ long }) => !LEFT_OUT_OF_PEER.has(long) && !flags.has(long))
  const [first, ...others] = coordinator.map(groupOf)
  // The shares come second, as on the peer's page.
  for (const group of new Set([
    first,
    ...peer.map(groupOf).filter((group) => !others.includes(group)),
    ...others
  ])) {
    const options = [...coordinator, ...peer].filter((option) => groupOf(option) === group)
    withOptions(program, options, describe)
  }
  return program
}

function groupOf({ helpGroupHeading }: Option): string | undefined {
  return helpGroupHeading
}
