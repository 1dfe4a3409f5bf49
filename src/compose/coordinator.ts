/** Assembles a coordinator. */
import '../polyfill.ts'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import {
  type CoordinatorConfig,
  type CoordinatorSettings,
  coordinatorConfigSchema
} from '../config/coordinator.ts'
import { Coordinator } from '../coordinator/coordinator.ts'
import type { SavedSwarm } from '../coordinator/saved-swarm.ts'
import { StateFile } from '../coordinator/state-file.ts'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { loadIdentity } from '../keys/identity.ts'
import { loadSecret, makeSecretBytes, secretOf } from '../keys/secret.ts'
import { createHost } from '../node/host/host.ts'
import { AdmissionService } from '../protocols/admission/index.ts'
import { newSwarmId } from '../protocols/manifest/index.ts'
import { type CreateOptions, isExposed, isOpen, now, parse, stopOn, transportsOf } from './options.ts'
import { coordinatorSite } from './sites.ts'

export interface CoordinatorOptions extends CreateOptions {
  /** Whether to start a new swarm even if its state file has an unfinished one, which is lost. */
  isNew?: boolean
}

/** Makes a coordinator. @throws PotluckError CONFIGURATION, or DISK when its identity cannot be kept */
export async function createCoordinator(
  settings: CoordinatorSettings = {},
  options: CoordinatorOptions = {}
): Promise<Coordinator> {
  const config = parse(coordinatorConfigSchema, settings)
  const { secretFile, identityFile, allow } = config
  const given = await loadSecret({ secretFile, line: options.secret })
  const stateFile = config.stateFile === undefined ? undefined : await StateFile.at(config.stateFile)
  const carriedOn = options.isNew === true ? undefined : await loadSwarm(config, stateFile)
  const privateKey = identityFile === undefined ? await keyOf(carriedOn) : await loadIdentity(identityFile)
  const swarmId = carriedOn?.swarmId ?? newSwarmId()
  const runSecret = carriedOn?.runSecret ?? makeSecretBytes()
  // Without a configured secret, a reachable coordinator makes one for this run: only people it invites can join.
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
      : { file: stateFile, carriedOn, privateKey: privateKeyToProtobuf(privateKey), runSecret }
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

/** The unfinished swarm of an earlier run. @throws PotluckError CONFIGURATION when it is another kind of swarm */
async function loadSwarm(
  { chunkByteLength }: CoordinatorConfig,
  stateFile: StateFile | undefined
): Promise<SavedSwarm | undefined> {
  const saved = await stateFile?.load(Date.now)
  if (saved === undefined || stateFile === undefined) {
    return undefined
  }
  if (saved.members.length > 0 && saved.chunkByteLength !== chunkByteLength) {
    throw new PotluckError(
      'CONFIGURATION',
      `${printable(stateFile.path)} keeps an unfinished swarm with chunks of ${saved.chunkByteLength} bytes; start this coordinator with the same "chunkByteLength", or with --new to start a new swarm`
    )
  }
  return saved
}

async function keyOf(saved: SavedSwarm | undefined): Promise<PrivateKey> {
  return saved === undefined ? await generateKeyPair('Ed25519') : privateKeyFromProtobuf(saved.privateKey)
}
