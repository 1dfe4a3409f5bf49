/**
 * The library's face: a coordinator and peers to run inside a process of one's own.
 *
 * Both are made from settings as they stand in a configuration file, do nothing before `start()`, tell what happens
 * by `events`, and leave nothing open after `stop()`.
 */
import './polyfill.ts'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
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
import { identityFileIn, loadIdentity } from './keys/identity.ts'
import { loadSecret } from './keys/secret.ts'
import { type PeerSettings, peerConfigSchema } from './node/config.ts'
import { PeerDoor } from './node/door.ts'
import { createHost } from './node/host.ts'
import { Peer } from './node/peer.ts'
import { openThreadedStore } from './node/store/threaded-store.ts'
import { AdmissionService, type SwarmSecret } from './protocols/admission/index.ts'
import { PotluckError } from './protocols/errors.ts'
import { exposedAddresses } from './protocols/exposure.ts'
import { printable } from './protocols/names.ts'
import { descriptionOf } from './protocols/settings.ts'
import { coordinatorSite } from './web/coordinator-site.ts'
import { peerSite } from './web/peer-site.ts'

export type { CoordinatorSettings } from './coordinator/config.ts'
export type { Coordinator } from './coordinator/coordinator.ts'
export type { CoordinatorEvent } from './events/coordinator.ts'
export type { PeerEvent, PeerResult, SwarmOutcome } from './events/peer.ts'
export type { EventStream, Listener } from './events/stream.ts'
export type { PeerSettings } from './node/config.ts'
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

/** Makes a coordinator. @throws PotluckError CONFIGURATION, or DISK when its identity cannot be kept */
export async function createCoordinator(
  settings: CoordinatorSettings = {},
  options: CreateOptions = {}
): Promise<Coordinator> {
  const config = parse(coordinatorConfigSchema, settings)
  const { secretFile, identityFile, allow } = config
  const secret = await loadSecret({ secretFile, line: options.secret })
  refuseExposure(config, secret)
  const carriedOn = await loadSwarm(config)
  const privateKey = identityFile === undefined ? await keyOf(carriedOn) : await loadIdentity(identityFile)
  const admission = new AdmissionService({ secret, allow })
  const site = await coordinatorSite(config)
  const host = await createHost({
    ...config,
    ...transportsOf(options),
    privateKey,
    door: admission,
    metrics: site?.ofLibp2p
  })
  const keeping =
    config.stateFile === undefined
      ? undefined
      : {
          file: new StateFile(config.stateFile),
          carriedOn,
          privateKey: privateKeyToProtobuf(privateKey)
        }
  const coordinator = new Coordinator(config, {
    host,
    admission,
    isOpen: isOpen(config, secret),
    keeping,
    onlooker: site,
    now,
    unixMs: Date.now
  })
  stopOn(options.signal, coordinator)
  return coordinator
}

/** Makes a peer. @throws PotluckError CONFIGURATION, or DISK when its identity cannot be kept */
export async function createPeer(settings: PeerSettings, options: CreateOptions = {}): Promise<Peer> {
  const config = parse(peerConfigSchema, settings)
  const { name, collection, share: shares, secretFile, identityFile } = config
  const secret = await loadSecret({ secretFile, line: options.secret })
  refuseExposure(config, secret)
  const privateKey = await loadIdentity(identityFile ?? identityFileIn(collection))
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
    isOpen: isOpen(config, secret),
    privateKey,
    openStore: (listener) => openThreadedStore({ name, collection, shares, listener }),
    onlooker: site,
    now,
    random: Math.random
  })
  stopOn(options.signal, peer)
  return peer
}

/** The swarm that an earlier run was cut off from. @throws PotluckError CONFIGURATION when it is another kind of swarm */
async function loadSwarm(config: CoordinatorConfig): Promise<SavedSwarm | undefined> {
  const { stateFile, expectedPeers, chunkByteLength } = config
  const saved = stateFile === undefined ? undefined : await new StateFile(stateFile).load(Date.now)
  if (saved === undefined || stateFile === undefined) {
    return undefined
  }
  if (saved.expectedPeers !== expectedPeers || saved.chunkByteLength !== chunkByteLength) {
    throw new PotluckError(
      'CONFIGURATION',
      `${printable(stateFile)} keeps an unfinished swarm of ${saved.expectedPeers} peers with chunks of ${saved.chunkByteLength} bytes; start this coordinator for the same, or remove the file to start a new swarm`
    )
  }
  return saved
}

async function keyOf(saved: SavedSwarm | undefined): Promise<PrivateKey> {
  return saved === undefined ? await generateKeyPair('Ed25519') : privateKeyFromProtobuf(saved.privateKey)
}

/** What others can reach needs a secret, or somebody who says that it does not. */
function refuseExposure(config: Exposure, secret: SwarmSecret | undefined): void {
  if (isOpen(config, secret) && !config.open) {
    throw new PotluckError(
      'CONFIGURATION',
      `without a secret, whoever can reach ${exposedAddresses(config.listen).join(', ')} could take part and receive all files; make a secret with "node dist/coordinator.js --new-secret <file>" and give it to all with --secret-file <file>, or write "open": true (--open) if everybody may`
    )
  }
}

type Exposure = Pick<CoordinatorConfig, 'listen' | 'open'>

/** Whether everybody who can reach the node may take part. */
function isOpen({ listen }: Exposure, secret: SwarmSecret | undefined): boolean {
  return secret === undefined && exposedAddresses(listen).length > 0
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
