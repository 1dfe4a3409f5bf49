/**
 * The coordination protocol: a peer's session with the coordinator, from its join to the end of the swarm.
 *
 * Participants: a peer opens one stream to the coordinator, on a connection that the coordinator has admitted
 * (admission). Both send when they have something to say, each message with exactly one field set. In order:
 *
 * 1. `clockProbe` and `clockReply`: 4 times before the join, then every 10 s. They set the peer's clock, and show each
 *    side that the other is alive.
 * 2. `join`, answered by `joined` or `refusal`.
 *    An observer gets `arrivals` and `catalog`, of what is published so far, and nothing else.
 * 3. `manifests`, in pages: the peer's list of files.
 * 4. `arrivals` while some have not joined yet, `roster` once all have, `catalog` in pages once all have published. When
 *    a late peer joins, `roster` follows again. When it publishes, a `catalog` follows that has its entries alone.
 * 5. `choice` from the peer, then `progress`, `fileCompletion`, `activity` and `capacities`; `bound` from the coordinator.
 * 6. `peerCompletion` or `peerShortfall` when the peer expects no more data.
 * 7. `swarmEnd`. Either side sends `leave` before it closes in good order.
 *
 * Units: bytes, bytes per second, and milliseconds of the swarm clock, which starts with the coordinator.
 *
 * Goals: roster, catalog, clock, progress and the end on one stream that lives as long as both do. Non-goals: file
 * bytes; the rules of a swarm, which are the coordinator's. docs/protocol.md has all of it.
 *
 * @example
 * ```ts
 * // The coordinator.
 * await new CoordinationService({ host }).start(async (session) => {
 *   for await (const { join } of session.received()) {
 *     if (join !== undefined) {
 *       await session.send({ joined: { expectedPeers: 3, chunkByteLength: 262_144, relay: false, swarmId } })
 *     }
 *   }
 * })
 *
 * // The peer.
 * const session = await openSession(connection, AbortSignal.timeout(JOIN_TIMEOUT_MS))
 * await session.send({ join: { version: COORDINATION_VERSION, name: 'ann', multiaddrs: [] } })
 * for await (const message of session.received()) console.log(message)
 * ```
 */
export {
  ACTIVITY_INTERVAL_MS,
  CLOCK_PROBE_INTERVAL_MS,
  CLOCK_PROBES,
  COORDINATION_PROTOCOL,
  COORDINATION_VERSION,
  JOIN_TIMEOUT_MS,
  MAX_ARRIVALS_NAMED,
  MAX_CELLS,
  MAX_CONTENTS_TOLD,
  MAX_MANIFESTS,
  MAX_MULTIADDRS_LENGTH,
  MAX_SHORTFALL_LENGTH,
  MAX_WAITING_FOR,
  OBSERVER_TIMEOUT_MS,
  PROGRESS_INTERVAL_MS,
  SILENCE_TIMEOUT_MS
} from './constants.ts'
export {
  manifestPages,
  openBound,
  openSwarmEnd,
  type ReportedCapacities,
  reportedCapacities
} from './parts.ts'
export type {
  Activity,
  Arrivals,
  Choice,
  CoordinatorMessage,
  FileCompletion,
  Join,
  Joined,
  Member,
  PeerMessage,
  Progress,
  SwarmEnd
} from './pb/messages.ts'
export {
  CoordinationService,
  type CoordinatorSession,
  openSession,
  type PeerSession,
  Session
} from './session.ts'
