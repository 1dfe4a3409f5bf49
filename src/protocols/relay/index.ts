/**
 * The relay's end of libp2p's circuit relay v2: the coordinator forwards between two peers without a direct connection.
 *
 * Participants: the peer that dials, the relay, the peer that is dialled. Both peers have a connection with the relay;
 * their end is @libp2p/circuit-relay-v2, so there is no client here. Messages, in order:
 *
 * 1. The dialling peer opens a `hop` stream to the relay and sends `HopMessage {type: CONNECT, peer}`.
 * 2. The relay opens a `stop` stream to the other peer and sends `StopMessage {type: CONNECT, peer}`, which that one
 *    answers with a status.
 * 3. The relay answers the first with `HopMessage {type: STATUS, status}`. After `OK` both streams carry raw bytes,
 *    until either end is through.
 *
 * `HopMessage {type: RESERVE}` of a member is answered with `OK`: its place in the roster is the reservation.
 *
 * Units: bytes; the reservation's end in seconds of Unix time.
 *
 * Goals: bulk without limits of time and bytes; memory bounded by one stream's window in each direction; every byte
 * counted; the caller decides who may use it. Non-goals: vouchers, announcing itself, relaying over relays. Why it is
 * not the package's own server: docs/decisions/016.
 *
 * @example
 * ```ts
 * const relay = new RelayService({ host, isMember: (peerId) => roster.has(peerId), unixSeconds: () => Date.now() / 1000 })
 * await relay.start()
 * console.log(relay.connections, relay.relayedBytes)
 * await relay.stop()
 * ```
 */
export { HOP_PROTOCOL, STOP_PROTOCOL } from './constants.ts'
export { RelayService } from './service.ts'
