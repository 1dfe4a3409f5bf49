export const COORDINATION_PROTOCOL = '/potluck/coordination/1.0.0'

/**
 * Told in the join, so that both sides can say which versions did not fit. Raised with every change after which a
 * peer and a coordinator, or two peers, would misunderstand each other.
 */
export const COORDINATION_VERSION = 3

/** One session a peer; a second one for the moment of a reconnect. */
export const MAX_INBOUND_STREAMS = 2

/** Manifests in one page: about 200 KiB with paths of common length, and under the frame limit with the longest. */
export const MANIFESTS_PER_PAGE = 384

/** Manifests in all; at 500 bytes in memory each, 500 MB would be held by a million. */
export const MAX_MANIFESTS = 250_000

/** Addresses of a peer, all together: what a roster of 1,024 members leaves to each, so that it fits a message. */
export const MAX_MULTIADDRS_LENGTH = 800

/** A peer says its name first thing; a stranger does not keep a session open by silence. */
export const JOIN_TIMEOUT_MS = 10_000

/** Between a peer's reports of its progress. */
export const PROGRESS_INTERVAL_MS = 500

/** Round trips before the join; the fastest one sets the clock. */
export const CLOCK_PROBES = 4

/** Between later probes, which follow the drift of the clocks and show each side that the other one lives. */
export const CLOCK_PROBE_INTERVAL_MS = 10_000

/** Three probes in a row were not heard: the line is dead, whatever the system says of it. */
export const SILENCE_TIMEOUT_MS = 3 * CLOCK_PROBE_INTERVAL_MS

/** A content as people see it: so many stretches fit a line, and tell a gap from none. */
export const MAX_CELLS = 64

/** Contents in one message of a peer's activity; others follow with the next. */
export const MAX_CONTENTS_TOLD = 64

/** Peers whom a peer names as those that it waits for. */
export const MAX_WAITING_FOR = 8

/** Members whom the coordinator names while others are awaited: more do not fit a line. */
export const MAX_ARRIVALS_NAMED = 16

/** Of what a peer says of the files that it gave up, in characters: several paths, and why. */
export const MAX_SHORTFALL_LENGTH = 2000

/** Between two messages of a peer's activity: a second is what eyes can follow. */
export const ACTIVITY_INTERVAL_MS = 1000
