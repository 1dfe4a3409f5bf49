/** Assembles a peer. */
import '../polyfill.ts'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type PeerConfig, type PeerSettings, peerConfigSchema } from '../config/peer.ts'
import { messageOf, PotluckError } from '../core/errors.ts'
import { exposedAddresses } from '../core/exposure.ts'
import { printable } from '../core/names.ts'
import { systemCodeOf } from '../core/system-errors.ts'
import type { FetchQuestion } from '../events/peer.ts'
import { loadIdentity, loadIdentityOf, type OwnIdentity, passingIdentity } from '../keys/identity.ts'
import { loadSecret, secretOf } from '../keys/secret.ts'
import { DryRun } from '../node/dry-run.ts'
import { createHost } from '../node/host/host.ts'
import { PeerDoor } from '../node/host/peer-door.ts'
import { Peer } from '../node/peer.ts'
import type { SwarmSecret } from '../protocols/admission/index.ts'
import { type Invitation, InvitationError, readInvitation } from '../protocols/invitation.ts'
import type { RunFiles } from '../store/file-look.ts'
import { LookAhead } from '../store/look-ahead.ts'
import { openThreadedStore } from '../store/threaded-store.ts'
import { type CreateOptions, type Exposure, isOpen, now, parse, stopOn, transportsOf } from './options.ts'
import { peerSite } from './sites.ts'

export interface PeerOptions extends CreateOptions {
  /** The coordinator's `invitation`: it has the coordinator's address, and replaces the secret. */
  invitation?: string | undefined
  /**
   * Asks a person whether to fetch, if that is more than `askAbove` or than the free space of the disk. Until it
   * resolves the peer serves and fetches nothing; false ends it with INTERRUPTED. Without it, no one is asked.
   */
  askToFetch?: ((question: FetchQuestion, signal: AbortSignal) => Promise<boolean>) | undefined
}

/** A peer's settings; with an invitation it does not need the coordinator's address. */
export type InvitedPeerSettings = Omit<PeerSettings, 'coordinator'> &
  Partial<Pick<PeerSettings, 'coordinator'>>

/** Makes a peer. @throws PotluckError CONFIGURATION, or DISK when its identity cannot be kept */
export async function createPeer(
  settings: PeerSettings | InvitedPeerSettings,
  options: PeerOptions = {}
): Promise<Peer> {
  const { config, invitation, secret } = await entryOf(settings, options)
  const { name, collection, share: shares, identityFile, verify } = config
  const { exclude, portableNames } = config
  refuseExposure(config, secret)
  await makeCollection(collection)
  const { privateKey, note }: OwnIdentity =
    identityFile === undefined
      ? await loadIdentityOf(collection)
      : { privateKey: await loadIdentity(identityFile), note: undefined }
  const door = new PeerDoor()
  const site = await peerSite(config)
  const host = await createHost({
    ...config,
    ...transportsOf(options),
    privateKey,
    door,
    metrics: site?.ofLibp2p
  })
  const peer = new Peer(config, {
    host,
    door,
    secret,
    invitedTo: invitation?.addresses,
    isOpen: isOpen(config, secret),
    privateKey,
    openStore: (listener) =>
      openThreadedStore({
        name,
        collection,
        shares,
        exclude,
        portableNames,
        verify,
        runFiles: runFilesOf(config),
        identityNote: note,
        listener
      }),
    asking: options.askToFetch && {
      freeBytes: () => new LookAhead(collection).freeBytes(),
      ask: options.askToFetch
    },
    onlooker: site,
    now,
    random: Math.random
  })
  stopOn(options.signal, peer)
  return peer
}

/**
 * Makes a dry run: it looks at what is published so far, reports what a peer with these settings would fetch, and
 * leaves. Its identity is not saved.
 *
 * @throws PotluckError CONFIGURATION
 */
export async function createDryRun(
  settings: PeerSettings | InvitedPeerSettings,
  options: PeerOptions = {}
): Promise<DryRun> {
  const { config, invitation, secret } = await entryOf(settings, options)
  const host = await createHost({
    ...config,
    // No one should reach it.
    listen: [],
    announce: [],
    ...transportsOf(options),
    privateKey: await passingIdentity(),
    door: new PeerDoor(),
    metrics: undefined
  })
  const dryRun = new DryRun(config, {
    host,
    secret,
    invitedTo: invitation?.addresses,
    lookAhead: new LookAhead(config.collection),
    now,
    random: Math.random
  })
  stopOn(options.signal, dryRun)
  return dryRun
}

interface PeerEntry {
  config: PeerConfig
  invitation: Invitation | undefined
  secret: SwarmSecret | undefined
}

/** The way to its coordinator. @throws PotluckError CONFIGURATION */
async function entryOf(
  settings: PeerSettings | InvitedPeerSettings,
  options: PeerOptions
): Promise<PeerEntry> {
  const invitation = options.invitation === undefined ? undefined : opened(options.invitation)
  const config = parse(peerConfigSchema, {
    ...settings,
    ...(invitation && { coordinator: invitation.addresses[0] })
  })
  const { secretFile } = config
  if (invitation !== undefined && secretFile !== undefined) {
    throw new PotluckError('CONFIGURATION', 'an invitation replaces a secret file; leave out one of them')
  }
  const secret =
    invitation === undefined
      ? await loadSecret({ secretFile, line: options.secret })
      : invitation.key && secretOf(invitation.key)
  return { config, invitation, secret }
}

/** Files that must not be shared even if they do not exist yet. */
function runFilesOf({ name, logs, secretFile, identityFile }: PeerConfig): RunFiles {
  return {
    keys: [secretFile, identityFile].filter((path) => path !== undefined),
    logs: ['log', 'jsonl'].map((extension) => join(logs, `${name}.${extension}`))
  }
}

function opened(text: string): Invitation {
  try {
    return readInvitation(text)
  } catch (error) {
    throw error instanceof InvitationError ? new PotluckError('CONFIGURATION', error.message) : error
  }
}

/** A folder that its user cannot make has a wrong name in the settings; a full or broken disk is another matter. */
async function makeCollection(collection: string): Promise<void> {
  try {
    await mkdir(collection, { recursive: true })
  } catch (error) {
    const isDisk = ['ENOSPC', 'EIO', 'EDQUOT'].includes(systemCodeOf(error) ?? '')
    throw new PotluckError(
      isDisk ? 'DISK' : 'CONFIGURATION',
      `the collection folder ${printable(collection)} cannot be created (${messageOf(error)}); choose another one with --into`,
      { cause: error }
    )
  }
}

/** A peer that others can reach needs a secret, or an explicit setting to do without. */
function refuseExposure(config: Exposure, secret: SwarmSecret | undefined): void {
  if (isOpen(config, secret) && !config.open) {
    throw new PotluckError(
      'CONFIGURATION',
      `without a secret, anyone who can reach ${exposedAddresses(config.listen).join(', ')} could join and receive all files; join by the coordinator's invitation (--join), make a secret with --new-secret <file> of the coordinator and give it to all with --secret-file <file>, or write "open": true (--open) if everyone may`
    )
  }
}
