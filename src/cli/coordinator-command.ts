/** The coordinator's command line. */
import { type CoordinatorConfig, coordinatorConfigSchema } from '../coordinator/config.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import { coordinatorConsole } from '../view/console.ts'
import { coordinatorText, spoken } from '../view/text.ts'
import { collect, createProgram, wholeNumber } from './command.ts'
import { loadConfig } from './config-file.ts'
import type { Output } from './output.ts'
import { type Role, runRole } from './run.ts'

interface CoordinatorFlags {
  config: string
  listen?: string[]
  peers?: number | string
  relay?: true
  name?: string
  logs?: string
}

export type CreateCoordinator = (
  config: CoordinatorConfig,
  signal: AbortSignal
) => Promise<Role<CoordinatorEvent>>

export async function coordinatorCommand(
  argv: string[],
  output: Output,
  create: CreateCoordinator
): Promise<number> {
  const config = await readCoordinatorArguments(argv)
  return await runRole({
    name: config.name,
    logs: config.logs,
    output,
    create: (signal) => create(config, signal),
    show: coordinatorConsole({
      screen: output.screen,
      complain: (message) => output.complain(spoken(config.name, message)),
      table: true
    }),
    text: coordinatorText
  })
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export async function readCoordinatorArguments(argv: string[]): Promise<CoordinatorConfig> {
  const program = createProgram(
    'node dist/coordinator.js',
    'Introduces the peers of a swarm to one another, keeps its clock and ends when all have every file.'
  )
    .option('--config <file>', 'configuration file', 'coordinator.json')
    .option('--listen <multiaddr>', 'where to listen; can be given more than once', collect)
    .option('--peers <number>', 'how many peers the swarm has', wholeNumber)
    .option('--relay', 'carry the traffic of peers that cannot reach each other')
    .option('--name <name>', 'the name in events and of the log files')
    .option('--logs <folder>', 'where the log files are written')
    .option('--json', 'write the events to standard output, one JSON object a line')
    .parse(argv, { from: 'user' })
  const { config, listen, peers, relay, name, logs } = program.opts<CoordinatorFlags>()
  return await loadConfig(coordinatorConfigSchema, {
    file: config,
    flags: {
      listen: { flag: '--listen', value: listen },
      expectedPeers: { flag: '--peers', value: peers },
      relay: { flag: '--relay', value: relay },
      name: { flag: '--name', value: name },
      logs: { flag: '--logs', value: logs }
    },
    pathKeys: ['logs']
  })
}
