/**
 * The library's face: a coordinator and peers to run inside a process of one's own.
 *
 * Both are made from settings as they stand in a configuration file, do nothing before `start()`, tell what happens
 * by `events`, and leave nothing open after `stop()`.
 */
import './polyfill.ts'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Libp2pOptions } from 'libp2p'
import type { z } from 'zod'
import {
  type CoordinatorConfig,
  type CoordinatorSettings,
  coordinatorConfigSchema
} from './coordinator/config.ts'
import { Coordinator } from './coordinator/coordinator.ts'
import type { SavedSwarm } from './coordinator/saved-swarm.ts'
import { StateFile } from './coordinator/state-file.ts'
import { loadIdentity, loadIdentityOf, type OwnIdentity } from './keys/identity.ts'
import { loadSecret, makeSecretBytes, secretOf } from './keys/secret.ts'
import { type PeerConfig, type PeerSettings, peerConfigSchema } from './node/config.ts'
import { PeerDoor } from './node/door.ts'
import { createHost } from './node/host.ts'
import { Peer } from './node/peer.ts'
import type { RunFiles } from './node/store/file-look.ts'
import { openThreadedStore } from './node/store/threaded-store.ts'
import { AdmissionService, type SwarmSecret } from './protocols/admission/index.ts'
import { messageOf, PotluckError } from './protocols/errors.ts'
import { exposedAddresses } from './protocols/exposure.ts'
import { type Invitation, InvitationError, readInvitation } from './protocols/invitation.ts'
import { newSwarmId } from './protocols/manifest/index.ts'
import { printable } from './protocols/names.ts'
import { descriptionOf } from './protocols/settings.ts'
import { systemCodeOf } from './protocols/system-errors.ts'
import { coordinatorSite } from './web/coordinator-site.ts'
import { peerSite } from './web/peer-site.ts'

export type { CoordinatorSettings } from './coordinator/config.ts'
export type { Coordinator } from './coordinator/coordinator.ts'
export type { CoordinatorEvent } from './events/coordinator.ts'
export type { PeerEvent, PeerResult, SwarmOutcome } from './events/peer.ts'
export type { EventStream, Listener } from './events/stream.ts'
export type { PeerLimits, PeerSettings } from './node/config.ts'
export type { Peer } from './node/peer.ts'
export { type ErrorCode, PotluckError } from './protocols/errors.ts'

export interface CreateOptions {
  /** Stops the node when it aborts. */
  signal?: AbortSignal
  /** The swarm's secret, as the line that a secret file holds; `secretFile` of the settings goes before it. */
  secret?: string | undefined
  /** libp2p transports to use instead of TCP; the listening addresses have to fit. */
  transports?: Libp2pOptions['transports']
}

export interface PeerOptions extends CreateOptions {
  /** What the coordinator's `invitation` is: says where it is, and goes in the place of the secret. */
  invitation?: string | undefined
}

/** Makes a coordinator. @throws PotluckError CONFIGURATION, or DISK when its identity cannot be kept */
export async function createCoordinator(
  settings: CoordinatorSettings = {},
  options: CreateOptions = {}
): Promise<Coordinator> {
  const config = parse(coordinatorConfigSchema, settings)
  const { secretFile, identityFile, allow } = config
  const given = await loadSecret({ secretFile, line: options.secret })
  const stateFile = config.stateFile === undefined ? undefined : await StateFile.at(config.stateFile)
  const carriedOn = await loadSwarm(config, stateFile)
  const privateKey = identityFile === undefined ? await keyOf(carriedOn) : await loadIdentity(identityFile)
  const swarmId = carriedOn?.swarmId ?? newSwarmId()
  const runSecret = carriedOn?.runSecret ?? makeSecretBytes()
  // Without a secret, who can be reached has one made for this run: whom it invites gets in, and nobody else.
  const secret = given ?? (isExposed(config) && !config.open ? secretOf(runSecret) : undefined)
  const coordinatorId = peerIdFromPrivateKey(privateKey).toString()
  const invitationKey = secret?.invitationKey({ coordinatorId, swarmId })
  const admission = new AdmissionService({
    secret,
    invitation: invitationKey && secretOf(invitationKey),
    allow
  })
  const site = await coordinatorSite(config)
  const host = await createHost({
    ...config,
    ...transportsOf(options),
    privateKey,
    door: admission,
    metrics: site?.ofLibp2p
  })
  const keeping =
    stateFile === undefined
      ? undefined
      : {
          file: stateFile,
          carriedOn,
          privateKey: privateKeyToProtobuf(privateKey),
          runSecret
        }
  const coordinator = new Coordinator(config, {
    host,
    admission,
    isOpen: isOpen(config, secret),
    swarmId,
    invitationKey,
    keeping,
    onlooker: site,
    now,
    unixMs: Date.now
  })
  stopOn(options.signal, coordinator)
  return coordinator
}

/** A peer's settings; one with an invitation has no need of the coordinator's address. */
export type InvitedPeerSettings = Omit<PeerSettings, 'coordinator'> &
  Partial<Pick<PeerSettings, 'coordinator'>>

/** Makes a peer. @throws PotluckError CONFIGURATION, or DISK when its identity cannot be kept */
export async function createPeer(
  settings: PeerSettings | InvitedPeerSettings,
  options: PeerOptions = {}
): Promise<Peer> {
  const invitation = options.invitation === undefined ? undefined : opened(options.invitation)
  const config = parse(peerConfigSchema, {
    ...settings,
    ...(invitation && { coordinator: invitation.addresses[0] })
  })
  const { name, collection, share: shares, secretFile, identityFile, verify } = config
  if (invitation !== undefined && secretFile !== undefined) {
    throw new PotluckError(
      'CONFIGURATION',
      'an invitation goes in the place of a secret file; leave out one of them'
    )
  }
  const secret =
    invitation === undefined
      ? await loadSecret({ secretFile, line: options.secret })
      : invitation.key && secretOf(invitation.key)
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
        verify,
        runFiles: runFilesOf(config),
        identityNote: note,
        listener
      }),
    onlooker: site,
    now,
    random: Math.random
  })
  stopOn(options.signal, peer)
  return peer
}

/** What must not be shared even where it is not written yet. */
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

/** A folder that its user cannot make is named wrong; a disk that is full or broken is another matter. */
async function makeCollection(collection: string): Promise<void> {
  try {
    await mkdir(collection, { recursive: true })
  } catch (error) {
    const isDisk = ['ENOSPC', 'EIO', 'EDQUOT'].includes(systemCodeOf(error) ?? '')
    throw new PotluckError(
      isDisk ? 'DISK' : 'CONFIGURATION',
      `the folder ${printable(collection)} for what is collected cannot be made (${messageOf(error)}); name one that can be with --into`,
      { cause: error }
    )
  }
}

/** The swarm that an earlier run was cut off from. @throws PotluckError CONFIGURATION when it is another kind of swarm */
async function loadSwarm(
  { expectedPeers, chunkByteLength }: CoordinatorConfig,
  stateFile: StateFile | undefined
): Promise<SavedSwarm | undefined> {
  const saved = await stateFile?.load(Date.now)
  if (saved === undefined || stateFile === undefined) {
    return undefined
  }
  const isSame = saved.expectedPeers === expectedPeers && saved.chunkByteLength === chunkByteLength
  if (saved.members.length > 0 && !isSame) {
    throw new PotluckError(
      'CONFIGURATION',
      `${printable(stateFile.path)} keeps an unfinished swarm of ${saved.expectedPeers} peers with chunks of ${saved.chunkByteLength} bytes; start this coordinator for the same, or remove the file to start a new swarm`
    )
  }
  return saved
}

async function keyOf(saved: SavedSwarm | undefined): Promise<PrivateKey> {
  return saved === undefined ? await generateKeyPair('Ed25519') : privateKeyFromProtobuf(saved.privateKey)
}

/** A peer that others can reach needs a secret, or somebody who says that it does not. */
function refuseExposure(config: Exposure, secret: SwarmSecret | undefined): void {
  if (isOpen(config, secret) && !config.open) {
    throw new PotluckError(
      'CONFIGURATION',
      `without a secret, whoever can reach ${exposedAddresses(config.listen).join(', ')} could take part and receive all files; join by the invitation that the coordinator shows (--join), make a secret with --new-secret <file> of the coordinator and give it to all with --secret-file <file>, or write "open": true (--open) if everybody may`
    )
  }
}

type Exposure = Pick<CoordinatorConfig, 'listen' | 'open'>

/** Whether everybody who can reach the node may take part. */
function isOpen({ listen }: Exposure, secret: SwarmSecret | undefined): boolean {
  return secret === undefined && isExposed({ listen })
}

function isExposed({ listen }: Pick<Exposure, 'listen'>): boolean {
  return exposedAddresses(listen).length > 0
}

function now(): number {
  return performance.now()
}

function transportsOf({ transports }: CreateOptions): Pick<CreateOptions, 'transports'> {
  return transports === undefined ? {} : { transports }
}

function stopOn(signal: AbortSignal | undefined, node: { stop(reason?: string): Promise<void> }): void {
  const stop = (): void => {
    // What goes wrong in stopping is told to whoever calls stop() for it.
    node.stop().catch(() => undefined)
  }
  if (signal?.aborted === true) {
    stop()
  }
  signal?.addEventListener('abort', stop, { once: true })
}

function parse<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape, z.core.$strict>,
  settings: unknown
): z.output<z.ZodObject<Shape, z.core.$strict>> {
  const result = schema.safeParse(settings)
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => {
      const [key] = path
      return key === undefined
        ? message
        : `${path.join('.')}: ${message}; it has to be ${descriptionOf(schema.shape[String(key)])}`
    })
    throw new PotluckError('CONFIGURATION', `the settings cannot be used: ${problems.join('. ')}`)
  }
  return result.data
}
