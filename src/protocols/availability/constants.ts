export const AVAILABILITY_PROTOCOL = '/potluck/availability/1.0.0'

/** One stream per direction; a second one for the moment of a reconnect. */
export const MAX_INBOUND_STREAMS = 2

/** Holdings are packed into messages of about this size; one bitfield alone may be larger. */
export const HOLDINGS_BATCH_BYTE_LENGTH = 64 * 1024
