export const AVAILABILITY_PROTOCOL = '/potluck/availability/1.0.0'

/** One stream a direction; a second one for the moment of a reconnect. */
export const MAX_INBOUND_STREAMS = 2

/** News waits this long for more of it: one message for many chunks, and still no chunk unknown for long. */
export const HAVE_BATCH_MS = 50

/** Or until this many chunks are news: 4 MiB of data at the default chunk. */
export const HAVE_BATCH_CHUNKS = 16

/** Holdings are packed into messages of about this size; one bitfield alone may be larger. */
export const HOLDINGS_BATCH_BYTE_LENGTH = 64 * 1024
