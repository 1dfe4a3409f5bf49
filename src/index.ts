/**
 * The library's face: a coordinator and peers to run inside a process of one's own.
 *
 * Both are made from settings as they stand in a configuration file, do nothing before `start()`, tell what happens
 * by `events`, and leave nothing open after `stop()`.
 */
import './polyfill.ts'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2pOptions } from 'libp2p'
import type { z } from 'zod'
import { type CoordinatorSettings, coordinatorConfigSchema } from './coordinator/config.ts'
import { Coordinator } from './coordinator/coordinator.ts'
import { type PeerSettings, peerConfigSchema } from './node/config.ts'
import { createHost } from './node/host.ts'
import { loadIdentity } from './node/identity.ts'
import { Peer } from './node/peer.ts'
import { openThreadedStore } from './node/store/threaded-store.ts'
import { PotluckError } from './protocols/errors.ts'
import { descriptionOf } from './protocols/settings.ts'

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
  /** libp2p transports to use instead of TCP; the listening addresses have to fit. */
  transports?: Libp2pOptions['transports']
}

/** Makes a coordinator. @throws PotluckError CONFIGURATION */
export async function createCoordinator(
  settings: CoordinatorSettings = {},
  options: CreateOptions = {}
): Promise<Coordinator> {
  const config = parse(coordinatorConfigSchema, settings)
  const privateKey = await generateKeyPair('Ed25519')
  const host = await createHost({ ...config, ...transportsOf(options), privateKey })
  const coordinator = new Coordinator(config, { host, now })
  stopOn(options.signal, coordinator)
  return coordinator
}

/** Makes a peer. @throws PotluckError CONFIGURATION, or DISK when its identity cannot be kept in the collection */
export async function createPeer(settings: PeerSettings, options: CreateOptions = {}): Promise<Peer> {
  const config = parse(peerConfigSchema, settings)
  const privateKey = await loadIdentity(config.collection)
  const host = await createHost({ ...config, ...transportsOf(options), privateKey })
  const { name, collection, share: shares } = config
  const peer = new Peer(config, {
    host,
    privateKey,
    openStore: (listener) => openThreadedStore({ name, collection, shares, listener }),
    now,
    random: Math.random
  })
  stopOn(options.signal, peer)
  return peer
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
