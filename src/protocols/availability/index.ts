/**
 * The availability protocol: each peer announces to each other peer what it has, and its status.
 *
 * Participants: each peer opens one stream to each other peer, on which it announces and the other one listens. The
 * listener sends nothing back. Messages, in order; each is an `Availability`:
 *
 * 1. `holdings`: a bitfield of each content, or that it is complete, or that the sender does without the rest of it; as
 *    many messages as that takes. Later holdings of a content replace the earlier ones.
 * 2. `haves`: the chunks of a content that were stored since, in batches.
 * 3. `status`, with the haves or by itself: the sender's uplink, and what it can serve.
 * 4. `asksHoldings`, when the sender's catalog has grown: it asks the receiver to announce its holdings again, on the
 *    receiver's own stream.
 *
 * Units: chunk indices; rates in bytes per second.
 *
 * Goals: the whole picture once, then only news; news never overtakes the picture. Non-goals: asking for anything;
 * trust. A receiver checks each claim against the catalog, and a false claim only makes its sender refuse an ask.
 *
 * @example
 * ```ts
 * // The listener.
 * const listener: AvailabilityListener = {
 *   ready: () => catalogIsKnown,
 *   onHoldings: (remote, claims) => console.log(remote, claims),
 *   onHaves: (remote, root, chunkIndices) => console.log(remote, root, chunkIndices),
 *   onStatus: (remote, status) => console.log(remote, status),
 *   onHoldingsAsked: (remote) => announcerTo(remote).tellAll(() => holdings)
 * }
 * await new AvailabilityService({ host, listener }).start()
 *
 * // The announcer.
 * const init = { onClose: () => undefined }
 * const announcer = await Announcer.open(connection, init, AbortSignal.timeout(10_000))
 * announcer.tellAll(() => [{ root, held: Bitfield.full(12) }])
 * announcer.tellNews([{ root: otherRoot, chunkIndices: [3, 4] }], undefined)
 * await announcer.close()
 * ```
 */
export { Announcer, type NewChunks } from './client.ts'
export { AVAILABILITY_PROTOCOL } from './constants.ts'
export type { PeerStatus } from './pb/messages.ts'
export { type AvailabilityListener, AvailabilityService, type Claim } from './service.ts'
