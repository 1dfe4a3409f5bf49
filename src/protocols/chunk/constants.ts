export const CHUNK_PROTOCOL = '/potluck/chunk/1.0.0'

/**
 * Streams that a getter opens to each provider: one answer need not wait for another's window. More keep more data on
 * its way than the processor's cache holds (docs/decisions/017).
 */
export const STREAMS_PER_PROVIDER = 2

/** And so many on a long path: 32 windows of 1 MiB carry 1.3 Gbit/s with a round trip of 200 ms. */
export const MAX_STREAMS_PER_PROVIDER = 32

/**
 * Below this round trip two windows carry 210 Mbit/s and more, and a queue of a slow link looks like a long path
 * (docs/decisions/017).
 */
export const LONG_ROUND_TRIP_MS = 80

/** What a provider accepts of one getter: room for a reconnect beside the streams in use. */
export const MAX_INBOUND_STREAMS = 2 * MAX_STREAMS_PER_PROVIDER

/** Asks of one getter that may wait at a provider: more than a getter with every stream full has. */
export const MAX_WAITING_ASKS = 256

/** Answers on a stream of which its getter may complain: the last ones. More are not on their way, or being verified. */
export const REMEMBERED_ANSWERS = MAX_WAITING_ASKS

/**
 * After a complaint that was wrong, the getter's next is looked into no earlier: a chunk of 4 MiB takes some 5 ms to read and
 * verify, so somebody who complains for ever costs less than a thousandth of a processor.
 */
export const COMPLAINT_INTERVAL_MS = 10_000

/** Complaints of one stream that may wait for an answer: the second false chunk is the last that is asked for. */
export const MAX_COMPLAINTS = 16

/** The header of a reply: five numbers of at most 6 bytes each, and a root of 34. */
export const MAX_HEADER_BYTE_LENGTH = 64
