/** The peer's command line. */
import { hostname, userInfo } from 'node:os'
import type { Command } from 'commander'
import { type PeerConfig, peerConfigSchema } from '../config/peer.ts'
import { PotluckError } from '../core/errors.ts'
import { peerNameOf } from '../core/names.ts'
import { type Invitation, InvitationError, readInvitation } from '../protocols/invitation.ts'
import { peerConsole } from '../view/console.ts'
import { peerText, spoken } from '../view/text.ts'
import { callOf } from './calls.ts'
import { collect, createManualProgram, decimalNumber } from './command.ts'
import { type ConfigRequest, flagsOf, loadConfig } from './config-file.ts'
import { type InvitationInput, readInvitationFrom } from './invitation-input.ts'
import { peerManual } from './manuals.ts'
import type { Output } from './output.ts'
import { type PeerRole, Reload } from './reload.ts'
import { runRole } from './run.ts'

/** Those that are more than settings. */
interface PeerFlags {
  config?: string
  join?: string
  coordinator?: string
  secretFile?: string
  open?: true
}

export type CreatePeer = (arguments_: PeerArguments, signal: AbortSignal) => Promise<PeerRole>

export interface PeerArguments {
  config: PeerConfig
  /** What it joins by, where it does so by an invitation; goes in the place of a secret. */
  invitation: string | undefined
}

/** Where else an invitation may come from than from the arguments, which others on the machine can read. */
export interface InvitationSources {
  /** As the environment has it. */
  line?: string | undefined
  /** What `--join -` reads. */
  input?: InvitationInput
}

export async function peerCommand(
  argv: string[],
  output: Output,
  sources: InvitationSources,
  create: CreatePeer
): Promise<number> {
  const { request, invitation } = await requestOf(argv, sources)
  const config = await loadConfig(peerConfigSchema, request)
  const reload = new Reload(request, config)
  return await runRole({
    name: config.name,
    logs: config.logs,
    output,
    create: async (signal) => reload.take(await create({ config, invitation }, signal)),
    reload: () => reload.run(),
    show: peerConsole(config.name, {
      screen: output.screen,
      complain: (message) => output.complain(spoken(config.name, message))
    }),
    text: peerText
  })
}

/** @throws CommanderError, PotluckError CONFIGURATION */
export async function readPeerArguments(
  argv: string[],
  sources: InvitationSources = {}
): Promise<PeerArguments> {
  const { request, invitation } = await requestOf(argv, sources)
  return { config: await loadConfig(peerConfigSchema, request), invitation }
}

/** @throws CommanderError, PotluckError CONFIGURATION */
async function requestOf(
  argv: string[],
  sources: InvitationSources
): Promise<{ request: ConfigRequest; invitation: string | undefined }> {
  const program = programOf(argv)
  const flags = program.opts<PeerFlags>()
  const invited = await invitedBy(flags, sources)
  if (invited === undefined && flags.config === undefined && flags.coordinator === undefined) {
    throw new PotluckError(
      'CONFIGURATION',
      `There is no coordinator to go to: give the invitation that it shows with --join, its address with --coordinator, or a configuration file with --config. See "${callOf('peer')} --help".`
    )
  }
  const given = flagsOf(program, peerConfigSchema, { into: 'collection' })
  const request: ConfigRequest = {
    file: flags.config,
    ...(invited && invitedDefaults(invited, flags.open === true)),
    flags: {
      ...given,
      coordinator: { flag: '--coordinator', value: flags.coordinator ?? invited?.addresses[0] }
    },
    pathKeys: ['share', 'collection', 'secretFile', 'identityFile', 'logs']
  }
  return { request, invitation: invited?.text }
}

function programOf(argv: string[]): Command {
  return createManualProgram(callOf('peer'), peerManual(callOf('peer')))
    .optionsGroup('The swarm:')
    .option('--join <invitation>', 'what the coordinator shows at its start; - reads it from standard input')
    .option('--coordinator <multiaddr>', 'where the coordinator listens, instead of an invitation')
    .option('--secret-file <file>', "the file of the swarm's secret; or POTLUCK_SECRET in the environment")
    .option('--name <name>', "the name that the others see (with --join: this machine's)")
    .optionsGroup('What is brought and collected:')
    .option('--share <path>', 'a file or folder to share; can be given more than once', collect)
    .option('--into <folder>', "where the others' files are collected (with --join: potluck)")
    .option(
      '--verify',
      'read all files again, those received before too, instead of trusting their timestamps'
    )
    .optionsGroup('The network:')
    .option(
      '--listen <address>',
      'where to listen: a port of all addresses, such as 9001, or a multiaddr; can be given more than once (default: this machine only; with --join: all addresses, on free ports)',
      collect
    )
    .option(
      '--announce <multiaddr>',
      'one more address to tell the others; can be given more than once',
      collect
    )
    .option('--open', 'listen without a secret where others can reach this peer')
    .option('--uplink <Mbit/s>', 'upload capacity of this machine (default: measured)', decimalNumber)
    .option('--downlink <Mbit/s>', 'download capacity of this machine (default: measured)', decimalNumber)
    .option('--max-up <Mbit/s>', 'limit the upload rate of chunks, all connections together', decimalNumber)
    .option(
      '--max-down <Mbit/s>',
      'limit the download rate of chunks, all connections together',
      decimalNumber
    )
    .option('--metrics <address>', 'where metrics are served over HTTP, HOST:PORT; nowhere unless told')
    .optionsGroup('Files and output:')
    .option('--config <file>', 'configuration file; flags override what it says')
    .option('--logs <folder>', 'where the log files are written (default: logs)')
    .option('--quiet', 'show nothing but warnings and errors')
    .option('--json', 'write the events to standard output, one JSON object a line')
    .parse(argv, { from: 'user' })
}

interface Invited extends Invitation {
  text: string
  /** What it was given by, for people. */
  source: string
}

/** @throws PotluckError CONFIGURATION, which never shows the invitation */
async function invitedBy(flags: PeerFlags, { line, input }: InvitationSources): Promise<Invited | undefined> {
  const { join, coordinator, secretFile } = flags
  const source = join === undefined ? 'POTLUCK_INVITATION' : '--join'
  const text = join ?? (coordinator === undefined ? line : undefined)
  if (text === undefined) {
    return undefined
  }
  const double =
    coordinator !== undefined ? '--coordinator' : secretFile !== undefined ? '--secret-file' : undefined
  if (double !== undefined) {
    throw new PotluckError('CONFIGURATION', `${double} ${exclusion(source)}`)
  }
  const isRead = join === '-' && input !== undefined
  const whole = isRead ? await readInvitationFrom(input) : text
  try {
    return { ...readInvitation(whole), text: whole, source }
  } catch (error) {
    const place = isRead ? 'standard input' : source
    throw error instanceof InvitationError
      ? new PotluckError('CONFIGURATION', `${place}: ${error.message}.`)
      : error
  }
}

function exclusion(source: string): string {
  return `is not for who comes with an invitation (${source}), which says where the coordinator is and has a key of its own: leave out one of them.`
}

/** What goes without saying for who was invited. */
function invitedDefaults(
  { key, source }: Invited,
  open: boolean
): Pick<ConfigRequest, 'defaults' | 'excluded'> {
  // With a key nobody else gets in.
  const listen = key !== undefined || open ? { listen: ['0'] } : {}
  return {
    defaults: { name: ownName(), collection: 'potluck', ...listen },
    excluded: { coordinator: exclusion(source), secretFile: exclusion(source) }
  }
}

/** What this machine is called, or whoever is at it. */
function ownName(): string {
  const [host = ''] = hostname().split('.')
  return peerNameOf([host === 'localhost' ? '' : host, userName(), 'peer'])
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A user without an entry in the system's list, as in some containers.
    return ''
  }
}
