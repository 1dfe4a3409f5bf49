export const UPLINK_TEST_PROTOCOL = '/potluck/uplink-test/1.0.0'

/** A peer tests once at a time; a second stream for the moment of a reconnect. */
export const MAX_INBOUND_STREAMS = 2

/** Tests that a coordinator takes part in at one time: each of this many still gets some of a fast downlink. */
export const MAX_TESTS = 16

/** More than any test sends. */
export const MAX_TEST_BYTE_LENGTH = 64 * 1024 * 1024

/** And longer than any test takes. */
export const MAX_TEST_MS = 3000

/** Passed to the stream at a time. */
export const PIECE_BYTE_LENGTH = 64 * 1024
