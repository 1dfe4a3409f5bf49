export const CHUNK_PROTOCOL = '/potluck/chunk/1.0.0'

/**
 * Streams that a getter opens to each provider: one answer need not wait for another's window. Two windows of 1 MiB carry
 * 420 Mbit/s on a path of 40 ms. More keep more data on its way than the processor's cache holds: measured on one
 * machine, up to 16 took a fifth more time for the same swarm.
 */
export const STREAMS_PER_PROVIDER = 2

/** What a provider accepts of one getter: room for a reconnect beside the streams in use. */
export const MAX_INBOUND_STREAMS = 2 * STREAMS_PER_PROVIDER

/** Asks of one getter that may wait at a provider: more than a getter with every stream full has. */
export const MAX_WAITING_ASKS = 256

/** The header of a reply: five numbers of at most 6 bytes each, and a root of 34. */
export const MAX_HEADER_BYTE_LENGTH = 64
