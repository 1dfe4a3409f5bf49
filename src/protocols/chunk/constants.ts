export const CHUNK_PROTOCOL = '/potluck/chunk/1.0.0'

/** Streams that a getter opens to each provider: a stream fills a path only up to its window per round trip. */
export const STREAMS_PER_PROVIDER = 2

/** What a provider accepts of one getter: room for a reconnect beside the streams in use. */
export const MAX_INBOUND_STREAMS = 2 * STREAMS_PER_PROVIDER

/** The header of a reply: three fields of at most 6 bytes each. */
export const MAX_HEADER_BYTE_LENGTH = 32
