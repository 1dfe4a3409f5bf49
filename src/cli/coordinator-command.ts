/** The coordinator's command line. */
import type { Command } from 'commander'
import type { CoordinatorConfig } from '../config/coordinator.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import { type CallOf, callOf } from './calls.ts'
import { collect, createManualProgram, duration, wholeNumber } from './command.ts'
import { coordinatorManual } from './manuals.ts'
import type { Output } from './output.ts'
import { addReportCommand, type ReportArguments, reportCommand } from './report-command.ts'
import type { Role } from './run.ts'

export interface CoordinatorArguments {
  config: CoordinatorConfig
  /** Whether an unfinished swarm of an earlier run is given up for a new one. */
  isNew: boolean
}

export type CreateCoordinator = (given: CoordinatorArguments, signal: AbortSignal) => Promise<InvitingRole>

/** A coordinator, as far as this command needs it. */
export interface InvitingRole extends Role<CoordinatorEvent> {
  readonly invitation: string
  readonly isOpen: boolean
  startNow(): void
  setExpectedPeers(count: number): void
}

/**
 * Help and wrong flags are answered before what a run needs is loaded.
 *
 * @returns the exit code @throws CommanderError, PotluckError CONFIGURATION
 */
export async function coordinatorCommand(
  argv: string[],
  output: Output,
  create: CreateCoordinator
): Promise<number> {
  const { program, report } = readArguments(argv)
  if (report !== undefined) {
    return await reportCommand(report, output)
  }
  const { runCoordinator } = await import('./coordinator-role.ts')
  return await runCoordinator(program, output, create)
}

/** @throws CommanderError */
function readArguments(argv: string[]): { program: Command; report: ReportArguments | undefined } {
  const program = coordinatorProgram()
  let report: ReportArguments | undefined
  addReportCommand(program, (given) => {
    report = given
  })
  program.parse(argv, { from: 'user' })
  return { program, report }
}

/** The program without the command `report`. */
export function coordinatorProgram(call: CallOf = callOf): Command {
  // Without an action, commander requires the name of a command.
  return createManualProgram(call('coordinator'), coordinatorManual(call('coordinator')))
    .optionsGroup('The swarm:')
    .option('--peers <number>', 'how many peers the swarm waits for (default: 4)', wholeNumber)
    .option(
      '--start-after <time>',
      'start with the peers who are here once the first of them has waited so long, such as 90s, 10m or 2h',
      duration
    )
    .option('--late <yes|no>', 'whether peers may join, and bring files, after the start (default: yes)')
    .option('--new', 'start a new swarm, and give up an unfinished one of an earlier run')
    .option('--name <name>', 'the name in events and of the log files (default: coordinator)')
    .optionsGroup('The network:')
    .option(
      '--listen <address>',
      'where to listen: a port of all addresses, such as 9000, HOST:PORT or a multiaddr; can be given more than once (default: 127.0.0.1:9000, this machine only)',
      collect
    )
    .option(
      '--announce <address>',
      'one more address to tell, HOST:PORT or a multiaddr; can be given more than once',
      collect
    )
    .option('--relay', 'carry the traffic of peers that cannot reach each other')
    .optionsGroup('Who may join:')
    .option('--secret-file <file>', "the file of the swarm's secret; or POTLUCK_SECRET in the environment")
    .option('--new-secret <file>', 'only write a new secret to a file that does not exist yet')
    .option('--open', 'let anyone join who can reach this coordinator')
    .option(
      '--invitation-file <file>',
      'also write the invitation to this file, readable by you only; it is removed at the end'
    )
    .optionsGroup('Files and output:')
    .option('--config <file>', 'configuration file; flags override what it says (default: coordinator.json)')
    .option('--logs <folder>', 'where the log files are written (default: logs)')
    .option(
      '--dashboard <address>',
      'where the dashboard and the metrics are served, HOST:PORT, or off (default: 127.0.0.1:9080, or a free port)'
    )
    .option('--no-report', 'write no report.html and report.json at the end')
    .option('--quiet', 'show nothing but warnings and errors')
    .option('--verbose', 'show addresses, MD5s and the efficiency as well')
    .option('--json', 'write the events to standard output, one JSON object per line')
    .action(() => undefined)
}
