/** The limits of the exchange, each with its reason. */

/**
 * Requests in flight to one provider. 16 chunks of 256 KiB are 4 MiB: two streams' windows, and their double in the
 * provider's hands, so that neither end waits for the other on a fast link.
 */
export const MAX_IN_FLIGHT_PER_PROVIDER = 16

/** With many providers each gets at least so many: one that is answered, and one on its way. */
export const MIN_IN_FLIGHT_PER_PROVIDER = 2

/** Bytes requested and not yet stored, over all providers: what bounds this peer's memory for receiving. */
export const MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024

/** Digest lists asked for at once: enough to hide the round trip when a folder has many small files. */
export const MAX_DIGESTS_IN_FLIGHT = 32

/** A provider that is asked and sends nothing for this long is taken for gone, and its connection is ended. */
export const STALL_TIMEOUT_MS = 30_000

/** False chunks from one provider before nothing more is asked of it. One may be a bad memory cell; two are a liar. */
export const MAX_CORRUPT_CHUNKS = 2

/** For opening the streams to a provider. */
export const OPEN_TIMEOUT_MS = 20_000

/** With no room on the disk, receiving pauses this long before it is tried again; serving goes on. */
export const DISK_FULL_PAUSE_MS = 5000

/** How long a provider that refused a chunk, or whose stream broke, is left alone before it is asked again. */
export const RETRY_AFTER_MS = 1000
