/** Runs a peer for its command, with its flags, an invitation, and its configuration file. */
import { hostname, userInfo } from 'node:os'
import type { Command } from 'commander'
import { peerConfigSchema } from '../config/peer.ts'
import { PotluckError } from '../core/errors.ts'
import { peerNameOf, printable } from '../core/names.ts'
import type { PeerEvent } from '../events/peer.ts'
import { type Invitation, InvitationError, readInvitation } from '../protocols/invitation.ts'
import { peerConsole } from '../view/console.ts'
import { peerText, spoken } from '../view/text.ts'
import { asker } from './ask-to-fetch.ts'
import { callOf } from './calls.ts'
import { type ConfigRequest, flagsOf, loadConfig } from './config-file.ts'
import { readInvitationFile } from './invitation-file.ts'
import { readInvitationFrom } from './invitation-input.ts'
import type { Output } from './output.ts'
import type { CreatePeer, InvitationSources, PeerArguments } from './peer-command.ts'
import { Reload } from './reload.ts'
import { runRole } from './run.ts'
import { PEER_SETTINGS } from './setting-flags.ts'
import { shownPath } from './working-folder.ts'

/** Flags that are no settings. */
interface PeerFlags {
  config?: string
  join?: string
  invitationFile?: string
  coordinator?: string
  secretFile?: string
  open?: true
  dryRun?: true
  yes?: true
}

/** Complete files stay, and so do the received chunks of the others. */
const GO_ON = 'Run the same command to resume. Received data is kept.'

/** @returns the exit code @throws PotluckError CONFIGURATION */
export async function runPeer(
  program: Command,
  output: Output,
  sources: InvitationSources,
  create: CreatePeer
): Promise<number> {
  const { request, invitation } = await requestOf(program, sources)
  const config = await loadConfig(peerConfigSchema, request)
  const reload = new Reload(request, config)
  const { dryRun, yes } = program.opts<PeerFlags>()
  const isDryRun = dryRun === true
  const askToFetch = yes === true ? undefined : asker(output)
  let isComplete = false
  const show = peerConsole(config.name, {
    screen: output.screen,
    complain: (message) => output.complain(spoken(config.name, message)),
    collection: shownPath(config.collection)
  })
  return await runRole({
    name: config.name,
    // A dry run changes nothing, so it writes no logs either.
    logs: isDryRun ? undefined : config.logs,
    output,
    create: async (signal) => reload.take(await create({ config, invitation, isDryRun, askToFetch }, signal)),
    reload: () => reload.run(),
    show: (event) => {
      isComplete = event.event === 'peer-complete' || (isComplete && !isMissing(event))
      show(event)
    },
    afterInterrupt: () => (isComplete || isDryRun ? undefined : GO_ON),
    text: peerText
  })
}

/** A late peer may bring files when this one has all others. */
function isMissing(event: PeerEvent): boolean {
  return event.event === 'catalog' && event.missingFiles > 0
}

/** @throws PotluckError CONFIGURATION */
export async function peerArguments(program: Command, sources: InvitationSources): Promise<PeerArguments> {
  const { request, invitation } = await requestOf(program, sources)
  return { config: await loadConfig(peerConfigSchema, request), invitation }
}

/** @throws PotluckError CONFIGURATION */
async function requestOf(
  program: Command,
  sources: InvitationSources
): Promise<{ request: ConfigRequest; invitation: string | undefined }> {
  const flags = program.opts<PeerFlags>()
  const invited = await invitedBy(flags, sources)
  if (invited === undefined && flags.config === undefined && flags.coordinator === undefined) {
    throw new PotluckError(
      'CONFIGURATION',
      `No coordinator is configured. Give its invitation with --join or --invitation-file, its address with --coordinator, or a configuration file with --config. See "${callOf('peer')} --help".`
    )
  }
  const given = flagsOf(program, peerConfigSchema, PEER_SETTINGS)
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

interface Invited extends Invitation {
  text: string
  /** The source, in words for people. */
  source: string
}

/** @throws PotluckError CONFIGURATION, which never shows the invitation */
async function invitedBy(flags: PeerFlags, sources: InvitationSources): Promise<Invited | undefined> {
  const { coordinator, secretFile } = flags
  const given = givenInvitation(flags, sources)
  if (given === undefined) {
    return undefined
  }
  const { source, place, read } = given
  const double =
    coordinator !== undefined ? '--coordinator' : secretFile !== undefined ? '--secret-file' : undefined
  if (double !== undefined) {
    throw new PotluckError('CONFIGURATION', `${double} ${exclusion(source)}`)
  }
  const text = await read()
  try {
    return { ...readInvitation(text), text, source }
  } catch (error) {
    throw error instanceof InvitationError
      ? new PotluckError('CONFIGURATION', `${place}: ${error.message}.`)
      : error
  }
}

interface GivenInvitation {
  /** The source, in words for people. */
  source: string
  place: string
  read(): Promise<string>
}

/** The source of the invitation, before it is read. @throws PotluckError CONFIGURATION */
function givenInvitation(
  { join, invitationFile, coordinator }: PeerFlags,
  { line, input, joinedBy = '--join' }: InvitationSources
): GivenInvitation | undefined {
  if (join !== undefined && invitationFile !== undefined) {
    throw new PotluckError(
      'CONFIGURATION',
      `Both ${joinedBy} and --invitation-file give an invitation: leave out one of them.`
    )
  }
  if (join === '-' && input !== undefined) {
    return { source: joinedBy, place: 'standard input', read: () => readInvitationFrom(input) }
  }
  if (join !== undefined) {
    return { source: joinedBy, place: joinedBy, read: async () => join }
  }
  if (invitationFile !== undefined) {
    const place = printable(invitationFile)
    return { source: '--invitation-file', place, read: () => readInvitationFile(invitationFile) }
  }
  const source = 'POTLUCK_INVITATION'
  return coordinator === undefined && line !== undefined
    ? { source, place: source, read: async () => line }
    : undefined
}

function exclusion(source: string): string {
  return `cannot be combined with an invitation (${source}), which says where the coordinator is and has a key of its own: leave out one of them.`
}

/** Defaults for an invited peer. */
function invitedDefaults(
  { key, source }: Invited,
  open: boolean
): Pick<ConfigRequest, 'defaults' | 'excluded'> {
  // Without the key no one else can join.
  const listen = key !== undefined || open ? { listen: ['0'] } : {}
  return {
    defaults: { name: ownName(), collection: 'potluck', ...listen },
    excluded: { coordinator: exclusion(source), secretFile: exclusion(source) }
  }
}

/** The name of this machine, or of its user. */
export function ownName(): string {
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
