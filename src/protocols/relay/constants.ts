/** A peer asks the relay for a connection to another one. */
export const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'

/** The relay asks that other one whether it accepts the connection. */
export const STOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/stop'

/** From a request to the connection's first byte: one round trip to the peer that asks and one to the other peer. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

/** Relayed connections of one member at one time: one with each of its neighbours, and some that are being made. */
export const MAX_RELAYED_PER_MEMBER = 128

/**
 * A member may use the relay as long as it is a member; libp2p needs a time limit, and asks again before it is over.
 */
export const RESERVATION_SECONDS = 24 * 60 * 60
