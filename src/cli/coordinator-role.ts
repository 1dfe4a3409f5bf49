/** Runs a coordinator from its flags and its configuration file. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { type CoordinatorConfig, coordinatorConfigSchema } from '../config/coordinator.ts'
import { EXIT_CODES, messageOf, PotluckError } from '../core/errors.ts'
import { exposedAddresses } from '../core/exposure.ts'
import { printable } from '../core/names.ts'
import type { CoordinatorEvent } from '../events/coordinator.ts'
import { makeSecretFile } from '../keys/secret.ts'
import { coordinatorConsole } from '../view/console.ts'
import type { Draw } from '../view/live.ts'
import { SwarmPicture } from '../view/swarm-picture.ts'
import { coordinatorText, spoken } from '../view/text.ts'
import { callOf } from './calls.ts'
import { flagsOf, loadConfig } from './config-file.ts'
import { type ControlRequest, ControlSocket, type CoordinatorStatus } from './control-socket.ts'
import type { CreateCoordinator, InvitingRole } from './coordinator-command.ts'
import { InvitationFile } from './invitation-file.ts'
import type { Output } from './output.ts'
import { LiveReport } from './report-command.ts'
import { runRole } from './run.ts'
import { COORDINATOR_SETTINGS } from './setting-flags.ts'
import { canBeTypedTo, watchTypedLines } from './typed-lines.ts'
import { absolute, checkRelative } from './working-folder.ts'

interface CoordinatorFlags {
  config?: string
  newSecret?: string
  invitationFile?: string
  new?: true
}

/** The coordinator's state file stays. */
const GO_ON = 'Run the same command to continue this swarm: its invitation stays the same.'

const NO_SOCKET =
  '"potluck start-now" cannot reach this coordinator: it could not make a socket in a folder of this user alone. The signal SIGUSR2 does the same.'

/** @returns the exit code @throws PotluckError CONFIGURATION */
export async function runCoordinator(
  program: Command,
  output: Output,
  create: CreateCoordinator
): Promise<number> {
  const { newSecret, invitationFile, new: isNew = false } = program.opts<CoordinatorFlags>()
  if (newSecret !== undefined) {
    checkRelative([newSecret])
    await makeSecretFile(newSecret)
    output.screen.line(...nextSteps(newSecret))
    return EXIT_CODES.ok
  }
  const config = await configOf(program)
  return await runConfiguredCoordinator({ config, isNew, invitationFile, output, create })
}

export interface CoordinatorRun {
  config: CoordinatorConfig
  /** Whether an unfinished swarm of an earlier run is given up for a new one. */
  isNew: boolean
  /** A file for the invitation, which the screen shows in any case. */
  invitationFile: string | undefined
  output: Output
  create: CreateCoordinator
  /** Set if a peer runs in the same process. */
  host?: {
    /** Lines below the live view. */
    below: Draw
    /** The coordinator listens. */
    onInvitation(invitation: string): void
    /** Ends the coordinator as an error of its own would. */
    end: AbortSignal
  }
}

/** @returns the exit code @throws PotluckError CONFIGURATION */
export async function runConfiguredCoordinator({
  config: given,
  isNew,
  invitationFile,
  output,
  create,
  host
}: CoordinatorRun): Promise<number> {
  const config = withDashboard(withStateFile(given))
  const file = invitationFile === undefined ? undefined : await InvitationFile.at(invitationFile)
  const canType = canBeTypedTo()
  const show = coordinatorConsole({
    canType,
    screen: output.screen,
    complain: (message) => output.complain(spoken(config.name, message)),
    table: true,
    below: host?.below
  })
  const report = config.report ? new LiveReport(config.logs, output) : undefined
  let coordinator: InvitingRole | undefined
  let isUnfinished = false
  const unwatch = canType ? watchTypedLines((line) => typed(line, coordinator, output)) : undefined
  const picture = new SwarmPicture()
  const control = await ControlSocket.listen((asked) => controlled(asked, coordinator, picture))
  return await runRole({
    name: config.name,
    logs: config.logs,
    output,
    ...(host && { role: 'coordinator', end: host.end }),
    create: async (signal) => {
      coordinator = await create({ config, isNew }, signal)
      return file?.of(coordinator) ?? coordinator
    },
    show: (event) => {
      isUnfinished = isUnfinishedAfter(event, isUnfinished)
      if (picture.phase === 'starting' || picture.phase === 'joining') {
        picture.note(event)
      }
      report?.note(event)
      show(event)
      if (event.event === 'started' && coordinator !== undefined) {
        // Only on the screen: events go to log files, which people keep and pass on.
        output.screen.line(...inviting(config, coordinator, host === undefined ? 'peer' : 'join'))
        host?.onInvitation(coordinator.invitation)
      }
    },
    text: coordinatorText,
    warning: control === undefined && process.platform !== 'win32' ? NO_SOCKET : undefined,
    startNow: () => coordinator?.startNow(),
    isLogged: ({ event }) => event !== 'activity',
    afterInterrupt: () => (isUnfinished && config.stateFile !== undefined ? GO_ON : undefined),
    afterwards: async () => {
      unwatch?.()
      control?.close()
      await report?.write()
    }
  })
}

/** Whether there is a swarm to continue after Ctrl-C. */
function isUnfinishedAfter({ event }: CoordinatorEvent, isUnfinished: boolean): boolean {
  return event === 'started' || (isUnfinished && event !== 'swarm-complete' && event !== 'swarm-incomplete')
}

/**
 * Handles a line typed while it waits for people: an empty line starts the swarm, a number changes how many it waits
 * for.
 */
function typed(line: string, coordinator: InvitingRole | undefined, { screen }: Output): void {
  screen.typed()
  try {
    if (line === '') {
      coordinator?.startNow()
    } else {
      coordinator?.setExpectedPeers(Number(line))
    }
  } catch (error) {
    screen.line(messageOf(error))
  }
}

/** Handles a request from another process of this user. @throws PotluckError */
function controlled(
  asked: ControlRequest,
  coordinator: InvitingRole | undefined,
  picture: SwarmPicture
): CoordinatorStatus {
  if (picture.phase === 'starting') {
    throw new PotluckError('REFUSED', 'The coordinator does not listen yet. Try again in a moment.')
  }
  if (asked.ask === 'start') {
    coordinator?.startNow()
  } else if (asked.ask === 'wait') {
    coordinator?.setExpectedPeers(asked.expectedPeers)
  }
  const { coordinator: name, multiaddrs, phase, expectedPeers } = picture
  return {
    name,
    addresses: multiaddrs.map((address) => address.replace(/\/p2p\/.*/, '')),
    isWaiting: phase === 'joining',
    expectedPeers,
    names: picture.peers().map((peer) => peer.name)
  }
}

/** The invitation, and the command to join with it. */
function inviting(
  { listen, late }: CoordinatorConfig,
  { invitation, isOpen }: InvitingRole,
  by: 'peer' | 'join'
): string[] {
  const call = by === 'peer' ? `--join ${invitation} --share FILE --into FOLDER` : `${invitation} FILES`
  const command = `${callOf(by)} ${call}${isOpen ? ' --open' : ''}`
  const until = late === 'yes' ? 'until the end' : 'until it starts'
  const what =
    exposedAddresses(listen).length > 0
      ? `Invite the others: send them this line. Anyone with this invitation can join ${until}.`
      : 'Only this machine can reach this coordinator (--listen 9000: all can). To join here:'
  return ['', what, '', command, '']
}

/** @throws PotluckError CONFIGURATION */
async function configOf(program: Command): Promise<CoordinatorConfig> {
  return await loadConfig(coordinatorConfigSchema, {
    file: program.opts<CoordinatorFlags>().config,
    defaultFile: 'coordinator.json',
    flags: flagsOf(program, coordinatorConfigSchema, COORDINATOR_SETTINGS),
    pathKeys: ['secretFile', 'identityFile', 'stateFile', 'logs']
  })
}

/**
 * By default the swarm is saved beside the logs, by port, because several coordinators may share a folder. With any
 * free port, nobody would find the coordinator after a restart.
 */
function withStateFile(config: CoordinatorConfig): CoordinatorConfig {
  const { stateFile, listen } = config
  const port = /\/tcp\/([1-9]\d*)/.exec(listen[0] ?? '')?.[1]
  return stateFile !== undefined || port === undefined
    ? config
    : { ...config, stateFile: stateFileOf(config, Number(port)) }
}

/** The file in which a coordinator on this port saves its swarm. */
export function stateFileOf({ logs, name }: Pick<CoordinatorConfig, 'logs' | 'name'>, port: number): string {
  return join(absolute(logs), `${name}-${port}.state`)
}

/** The command serves a dashboard by default. */
function withDashboard(config: CoordinatorConfig): CoordinatorConfig {
  return { ...config, dashboard: config.dashboard ?? 'auto' }
}

/** How to use a new secret. */
function nextSteps(file: string): string[] {
  const shown = printable(file)
  return [
    `A new secret is in ${shown}; only you can read it.`,
    'Copy that file to every machine of the swarm over a private channel, such as scp.',
    `Then start the coordinator and each peer with --secret-file ${shown}, or name it as "secretFile" in their configurations.`
  ]
}
