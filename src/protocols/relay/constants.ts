/** A peer asks the relay for a way to another one. */
export const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'

/** The relay asks that other one whether it takes the connection. */
export const STOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/stop'

/** From a request to the connection's first byte: a round trip to the asker and one to the other peer. */
export const HANDSHAKE_TIMEOUT_MS = 10_000

/** Relayed connections of one member at a time: one with each of its neighbours, and some in the making. */
export const MAX_RELAYED_PER_MEMBER = 128

/** A member may use the relay as long as it is one; libp2p wants a time, and asks again before it is over. */
export const RESERVATION_SECONDS = 24 * 60 * 60
