/**
 * The uplink test: a peer sends meaningless bytes, and observes at its sockets how fast they leave.
 *
 * Participants: a peer opens one stream to the coordinator, before it joins. There are no messages:
 *
 * 1. The peer sends arbitrary bytes, for at most 3 s and 64 MiB, and resets the stream.
 * 2. The coordinator discards them and answers nothing. It resets a stream that goes on for longer.
 *
 * Goals: the capacity of a peer's uplink is known before the first chunk leaves, so that no first copy goes to a peer
 * that spreads it slowly. Non-goals: measuring anything here, which the observer of the sockets does; the downlink;
 * exactness. A coordinator whose own downlink is narrower shows less.
 *
 * @example
 * ```ts
 * // The coordinator.
 * const service = new UplinkTestService(host)
 * await service.start()
 *
 * // The peer: a MiB.
 * await fillUplink(connection, (sentByteLength) => sentByteLength < 1024 * 1024, AbortSignal.timeout(3000))
 * ```
 */
export { fillUplink } from './client.ts'
export { UPLINK_TEST_PROTOCOL } from './constants.ts'
export { UplinkTestService } from './service.ts'
