/**
 * The library: a coordinator and peers to run inside a process of your own.
 *
 * Both are made from settings as a configuration file has them, do nothing before `start()`, report what happens
 * through `events`, and leave nothing open after `stop()`.
 *
 * ```ts
 * const coordinator = await createCoordinator({ expectedPeers: 2, listen: ['/ip4/127.0.0.1/tcp/0'] })
 * await coordinator.start()
 * const peer = await createPeer({
 *   name: 'ann',
 *   coordinator: coordinator.multiaddrs[0],
 *   share: ['holiday.mov'],
 *   collection: 'collection'
 * })
 * await peer.start()
 * await peer.completed()
 * ```
 */
export { type CoordinatorOptions, createCoordinator } from './compose/coordinator.ts'
export type { CreateOptions } from './compose/options.ts'
export { createDryRun, createPeer, type InvitedPeerSettings, type PeerOptions } from './compose/peer.ts'
export type { CoordinatorSettings } from './config/coordinator.ts'
export type { PeerLimits, PeerSettings } from './config/peer.ts'
export type { Coordinator } from './coordinator/coordinator.ts'
export { type ErrorCode, PotluckError } from './core/errors.ts'
export type { CoordinatorEvent } from './events/coordinator.ts'
export type { PeerEvent, PeerResult, SwarmOutcome } from './events/peer.ts'
export type { EventStream, Listener } from './events/stream.ts'
export type { DryRun } from './node/dry-run.ts'
export type { Peer } from './node/peer.ts'
