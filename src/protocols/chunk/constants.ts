export const CHUNK_PROTOCOL = '/potluck/chunk/1.0.0'

/**
 * Streams that a getter opens to each provider, so that one answer need not wait for another's window. More streams
 * keep more data in flight than the processor's cache holds (docs/decisions/017).
 */
export const STREAMS_PER_PROVIDER = 2

/** The number on a long path: 32 windows of 1 MiB carry 1.3 Gbit/s with a round trip of 200 ms. */
export const MAX_STREAMS_PER_PROVIDER = 32

/**
 * Below this round trip two windows carry 210 Mbit/s and more, and the queue of a slow link looks like a long path
 * (docs/decisions/017).
 */
export const LONG_ROUND_TRIP_MS = 80

/** What a provider accepts from one getter: room for a reconnect besides the streams in use. */
export const MAX_INBOUND_STREAMS = 2 * MAX_STREAMS_PER_PROVIDER

/** Asks of one getter that may wait at a provider: more than a getter with every stream full has. */
export const MAX_WAITING_ASKS = 256

/**
 * The latest answers on a stream, about which its getter may complain. Older ones are neither in flight nor being
 * verified.
 */
export const REMEMBERED_ANSWERS = MAX_WAITING_ASKS

/**
 * After a wrong complaint, how long the getter's next ones are ignored. A chunk of 4 MiB takes about 5 ms to read and
 * verify, so a getter that complains for ever costs less than a thousandth of a processor.
 */
export const COMPLAINT_INTERVAL_MS = 10_000

/** Complaints of one stream that may wait for an answer: the second corrupt chunk is the last one asked for. */
export const MAX_COMPLAINTS = 16

/** The header of a reply: five numbers of at most 6 bytes each, and a root of 34. */
export const MAX_HEADER_BYTE_LENGTH = 64
