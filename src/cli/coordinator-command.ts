/** The coordinator's command line. */
import { join } from 'node:path'
import { type CoordinatorConfig, coordinatorConfigSchema } from '../coordinator/config.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import { makeSecretFile } from '../keys/secret.ts'
import { EXIT_CODES } from '../protocols/errors.ts'
import { printable } from '../protocols/names.ts'
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
  secretFile?: string
  newSecret?: string
  open?: true
  name?: string
  logs?: string
  dashboard?: string
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
  const flags = readFlags(argv)
  if (flags.newSecret !== undefined) {
    await makeSecretFile(flags.newSecret)
    output.screen.line(...nextSteps(flags.newSecret))
    return EXIT_CODES.ok
  }
  const config = withDashboard(withStateFile(await configOf(flags)))
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
    text: coordinatorText,
    isLogged: ({ event }) => event !== 'activity'
  })
}

/** @throws CommanderError */
function readFlags(argv: string[]): CoordinatorFlags {
  return createProgram(
    'node dist/coordinator.js',
    'Introduces the peers of a swarm to one another, keeps its clock and ends when all have every file.'
  )
    .option('--config <file>', 'configuration file', 'coordinator.json')
    .option('--listen <multiaddr>', 'where to listen; can be given more than once', collect)
    .option('--peers <number>', 'how many peers the swarm has', wholeNumber)
    .option('--relay', 'carry the traffic of peers that cannot reach each other')
    .option('--secret-file <file>', "the file of the swarm's secret; or POTLUCK_SECRET in the environment")
    .option('--new-secret <file>', 'only write a new secret to a file that does not exist yet')
    .option('--open', 'listen without a secret where others can reach this coordinator')
    .option('--name <name>', 'the name in events and of the log files')
    .option('--logs <folder>', 'where the log files are written')
    .option(
      '--dashboard <address>',
      'where the dashboard and the metrics are served, HOST:PORT, or off (default: 127.0.0.1:9080, or a free port)'
    )
    .option('--json', 'write the events to standard output, one JSON object a line')
    .parse(argv, { from: 'user' })
    .opts<CoordinatorFlags>()
}

/** @throws PotluckError CONFIGURATION */
async function configOf(given: CoordinatorFlags): Promise<CoordinatorConfig> {
  const { config, listen, peers, relay, secretFile, open, name, logs, dashboard } = given
  return await loadConfig(coordinatorConfigSchema, {
    file: config,
    flags: {
      listen: { flag: '--listen', value: listen },
      expectedPeers: { flag: '--peers', value: peers },
      relay: { flag: '--relay', value: relay },
      secretFile: { flag: '--secret-file', value: secretFile },
      open: { flag: '--open', value: open },
      name: { flag: '--name', value: name },
      logs: { flag: '--logs', value: logs },
      dashboard: { flag: '--dashboard', value: dashboard }
    },
    pathKeys: ['secretFile', 'identityFile', 'stateFile', 'logs']
  })
}

/**
 * A command keeps its swarm beside its logs unless it is told another place: by port, since several may share a folder.
 * Where that is any free one, nobody would find a coordinator that comes back.
 */
function withStateFile(config: CoordinatorConfig): CoordinatorConfig {
  const { stateFile, listen, logs, name } = config
  const port = /\/tcp\/([1-9]\d*)/.exec(listen[0] ?? '')?.[1]
  return stateFile !== undefined || port === undefined
    ? config
    : { ...config, stateFile: join(logs, `${name}-${port}.state`) }
}

/** A command has a dashboard unless it is told otherwise. */
function withDashboard(config: CoordinatorConfig): CoordinatorConfig {
  return { ...config, dashboard: config.dashboard ?? 'auto' }
}

/** What to do with a new secret. */
function nextSteps(file: string): string[] {
  const shown = printable(file)
  return [
    `A new secret is in ${shown}; only you can read it.`,
    'Copy that file to every machine of the swarm on a way that nobody else can read, such as scp.',
    `Then start the coordinator and each peer with --secret-file ${shown}, or name it as "secretFile" in their configurations.`
  ]
}
