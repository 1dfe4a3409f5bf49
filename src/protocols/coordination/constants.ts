export const COORDINATION_PROTOCOL = '/potluck/coordination/1.0.0'

/**
 * Part of the join, so that both sides can say which versions did not match. Raised with every change after which a
 * peer and a coordinator, or two peers, would misunderstand each other.
 */
export const COORDINATION_VERSION = 4

/** One session per peer; a second one for the moment of a reconnect. */
export const MAX_INBOUND_STREAMS = 2

/** Manifests in one page: about 200 KiB with paths of usual length, and under the frame limit with the longest. */
export const MANIFESTS_PER_PAGE = 384

/** Manifests in total. With 500 bytes of memory each, a million would take 500 MB. */
export const MAX_MANIFESTS = 250_000

/** Addresses of a peer, in total characters: the share of each in a roster of 1,024 members that fits a message. */
export const MAX_MULTIADDRS_LENGTH = 800

/** A peer says its name at once; a stranger cannot keep a session open by silence. */
export const JOIN_TIMEOUT_MS = 10_000

/** An observer has its catalog by then, of 250,000 files over a slow link too. */
export const OBSERVER_TIMEOUT_MS = 180_000

/** Between a peer's reports of its progress. */
export const PROGRESS_INTERVAL_MS = 500

/** Round trips before the join; the fastest one sets the clock. */
export const CLOCK_PROBES = 4

/** The interval of later probes, which follow the drift of the clocks and show each side that the other is alive. */
export const CLOCK_PROBE_INTERVAL_MS = 10_000

/** Three probes in a row got no reply: the connection is dead, whatever the system says of it. */
export const SILENCE_TIMEOUT_MS = 3 * CLOCK_PROBE_INTERVAL_MS

/** Stretches of a content for display: this many fit a line, and still show a gap. */
export const MAX_CELLS = 64

/** Contents in one message of a peer's activity; the next message has the others. */
export const MAX_CONTENTS_TOLD = 64

/** The most peers that a peer names as those that it waits for. */
export const MAX_WAITING_FOR = 8

/** The most members that the coordinator names while it waits for others: more do not fit a line. */
export const MAX_ARRIVALS_NAMED = 16

/** The length, in characters, of a peer's text about the files that it gave up: several paths, and why. */
export const MAX_SHORTFALL_LENGTH = 2000

/** The interval between two messages of a peer's activity: eyes can follow one second. */
export const ACTIVITY_INTERVAL_MS = 1000
