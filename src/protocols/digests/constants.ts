export const DIGESTS_PROTOCOL = '/potluck/digests/1.0.0'

/** One stream per getter; a second one for the moment of a reconnect. */
export const MAX_INBOUND_STREAMS = 2

/** Digests in one reply: 256 KiB, about the size of a chunk. */
export const MAX_DIGESTS_PER_REPLY = 8192
