/** The limits and the weights of the exchange, each with its reason. */

/** Bytes requested and not yet stored, over all providers, also of silent ones: the most that may come at once. */
export const MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024

/** And so many chunks however large they are, so that every provider of a small swarm has a few asks. */
export const MAX_IN_FLIGHT_CHUNKS = 16

/** News waits this long for more of it: one message for many chunks, and still no chunk unknown for long. */
export const NEWS_BATCH_MS = 50

/** Or until this many chunks are news: 4 MiB of data at the default chunk. */
export const NEWS_BATCH_CHUNKS = 16

/**
 * This part of what may be in flight is used only when providers let asks wait. Each provider owes at most one share of
 * the rest in chunks asked for and half a share in slots, so when all but one are silent, one and a half are left for it.
 */
export const RESERVED_PART = 1 / 3

/**
 * Nothing more is asked for while so many bytes are here and wait to be stored: more would only fill memory. A store
 * that is slow for a moment has enough to go on with.
 */
export const MAX_STORING_BYTES = 8 * 1024 * 1024

/** And so many chunks however large they are. */
export const MAX_STORING_CHUNKS = 4

/**
 * With a limited downlink, no more is in flight than that takes in so long, or what a provider will have given to this
 * peer would wait here while others could pass it on.
 */
export const LIMITED_IN_FLIGHT_MS = 500

/** But so many chunks for each provider: an open slot, and two requests. */
export const LIMITED_CHUNKS_PER_PROVIDER = 3

/** Of so many providers: on a slow limit those of all of them would take minutes. */
export const LIMITED_PROVIDERS = 4

/** Requests in flight to one provider at the least: one that is answered, and one on its way. */
export const MIN_DEPTH = 2

/** And at the most: 24 MiB of the default chunks, what 1 Gbit/s holds on a path of 200 ms. */
export const MAX_DEPTH = 96

/**
 * Small chunks count by their length where asks and chunks on their way are limited, but no more than so many count as a
 * whole one: each costs both sides as much work as 16 KiB of a larger one.
 */
export const MAX_SMALL_PER_CHUNK = 16

/** How much one chunk changes what is taken for the usual length of chunks. */
export const USUAL_LENGTH_WEIGHT = 1 / 8

/** Requests cover so many round trips at the rate seen, so that a rate that could grow does. */
export const DEPTH_ROUND_TRIPS = 1.5

/** Of each content the rarest chunk is looked for among the next so many: wider, and old ones would be left behind. */
export const WINDOW_CHUNKS = 64

/** Over all contents it is looked for among no more than so many, so that a choice stays cheap with many contents. */
export const MAX_CANDIDATES = 256

/** How much one answer changes what is taken for the usual round trip (RFC 6298 has TCP use the same). */
export const ROUND_TRIP_WEIGHT = 1 / 8

/** Open slots beside those in use: the next ones have to be there before the origin has used up the last. */
export const SPARE_SLOTS = 2

/** A provider's rate is smoothed over about so long: it follows a link that changes, and not every hiccup. */
export const RATE_SMOOTHING_MS = 1000

/** An uplink that carries this part of what it can is in use; rates seen for a moment are a little above the true one. */
export const USED_PART = 0.8

/** A getter's asks are moved to a provider that is expected to answer so many times sooner. */
export const STEAL_FACTOR = 1.5

/** What was taken back is kept so long for the provider that it is for, which is asked as soon as it has room. */
export const PROMISE_MS = 250

/** An answer is late after so many times what was expected of it; others may be asked for the chunk as well. */
export const LATE_FACTOR = 3

/** But not before this: on fast links a pause of the other process is no reason to send bytes twice. */
export const LATE_MIN_MS = 2000

/**
 * Nobody is expected to be slower than this: the rate of one from which nothing comes falls towards nothing, and an
 * answer that may take for ever is never late.
 */
export const SLOWEST_BYTES_PER_SECOND = 16 * 1024

/**
 * Chunks on their way into a getter's connection: one that it takes, and on a fast one another to follow. What the
 * system's own buffers hold comes on top; more would only wait there, and each choice is better made late.
 */
export const MAX_LEAVING_PER_GETTER = 2

/** A connection that takes a second chunk later than this needs none: what else it carries would wait behind it. */
export const LEAVING_MS = 25

/** Into all connections at the least, so that one follows another. On a slow uplink all news waits behind them. */
export const MIN_LEAVING_CHUNKS = 1

/**
 * And at the most before anything is known of the uplink: with one to each of 31 getters a slow one is busy for three
 * seconds, in which nobody hears what it asks for.
 */
export const FIRST_LEAVING_CHUNKS = 4

/**
 * A connection that takes less than this part of an even share of the uplink is held up by the getter's own link. Less
 * than two thirds: where three shared the uplink evenly, each of the two that are left took that part of its new share.
 */
export const HELD_UP_PART = 0.66

/** How fast a getter comes by chunks as a rule is smoothed over about so long: longer than an estimate is kept. */
export const USUAL_GAIN_MS = 20_000

/** While it comes by them at this part of that, it is its own link that holds it up. */
export const USUAL_PART = 0.8

/** And at the most, in bytes: each is read from disk and held until it is taken. */
export const MAX_LEAVING_BYTES = 32 * 1024 * 1024

/**
 * While no getter misses more than another by this part of all chunks, all are served at once: if all providers served
 * the same one, its link would bind and theirs would idle.
 */
export const LAG_PART = 0.004

/**
 * At the start an origin keeps its first copies for so long, until all members are connected and have told what they
 * carry: those that come first need not be those that spread them best, and each given to another costs one copy more.
 */
export const AWAIT_GETTERS_MS = 400

/** With more members some are always late. */
export const MAX_AWAITED_GETTERS = 15

/** A first copy that has left and is not announced by its getter after this long is taken for lost. */
export const DELIVERY_TIMEOUT_MS = 30_000

/**
 * An origin that will have given its first copies within this part of the time that all uplinks together need for all
 * copies has time to spare: its own uplink is not what binds. Otherwise nothing comes before its first copies.
 */
export const TIME_TO_SPARE = 0.7

/**
 * A peer that owes the others so many copies, beyond those under way, is given no more first copies by an origin with
 * time to spare, which helps to copy instead. Small, so that chunks are passed on while they are still in memory.
 */
export const LEAD_COPIES = 32

/**
 * Or more, where first copies will take the origin's uplink more than this part of the time that all uplinks together
 * need for all copies: for each tenth more half as many. Or the slowest would give its last ones last of all.
 */
export const LEAD_GROWTH_FROM = 0.5
export const LEAD_GROWTH = 5

/** Or so many times as many while the origin's uplink would idle otherwise: about a second of theirs. */
export const IDLE_LEAD_FACTOR = 2

/** But nobody more than it will have spread within this part of the time that all uplinks together need for all copies. */
export const SOON_PART = 1 / 4

/** For about so long a first copy, and the copies made of it, are under way. */
export const LEAD_MS = 250

/** When no copy was made for so long and nobody asks for one, those that lack them are stuck, and others need not wait. */
export const LEAD_PATIENCE_MS = 1000

/**
 * While its uplink is in use, an origin gives a first copy to a getter that is not the best one only when that costs
 * the swarm no more than this beyond.
 */
export const GRANT_PATIENCE_MS = 500

/** Or so many times as much. */
export const GRANT_PATIENCE_FACTOR = 1.5

/** Digest lists asked for at once: enough to hide the round trip when a folder has many small files. */
export const MAX_DIGESTS_IN_FLIGHT = 32

/**
 * And no answer is expected to take longer: 4 MiB at 0.8 Mbit/s. Of one that sends nothing for three times as long others
 * are asked for the chunk, however slow it was before.
 */
export const MAX_EXPECTED_MS = 40_000

/** How often asks of silent providers are counted: they become so after seconds. */
export const STUCK_COUNT_MS = 500

/** A provider that is asked and sends nothing for this long is taken for gone, and its connection is ended. */
export const STALL_TIMEOUT_MS = 30_000

/**
 * A gathering to which so much came has moved. Within the five minutes that it is waited for as a rule that is 2 kbit/s:
 * slow, and not the byte now and then of somebody who means to send nothing.
 */
export const MOVING_BYTES = 64 * 1024

/**
 * Others' news alone makes up for so many times as long without anything that comes here: an hour for five minutes. By
 * then every getter has had its turn.
 */
export const NEWS_PATIENCE = 12

/** A peer that has no news says so, well within the time after which it would be taken for gone. */
export const HEARTBEAT_MS = 10_000

/** How often a provider may send a false chunk or false digests. Once may be a bad memory cell; twice is a liar. */
export const MAX_FALSEHOODS = 2

/**
 * How often it excuses one that its disk spoilt the chunk. From the first time on it verifies what it sends, so an honest
 * provider needs no second time; a liar that says so gets one false chunk more (docs/decisions/027).
 */
export const MAX_ADMISSIONS = 1

/** For opening the streams to a provider. */
export const OPEN_TIMEOUT_MS = 20_000

/** With no room on the disk, receiving pauses this long before it is tried again; serving goes on. */
export const DISK_FULL_PAUSE_MS = 5000

/** How long a provider that failed is left alone the first time; twice as long each time after, up to the longest. */
export const RETRY_AFTER_MS = 1000
export const LONGEST_REST_MS = 60_000

/** The debt of a remote (`patience.ts`) grows no further: its rests are the longest from 7 on, and it can pay that off. */
export const MAX_DEBT = 8

/** What a useful chunk pays off. Whoever fails every other time still comes to the longest rests. */
export const RELIEF = 1 / 2

/** The debt of a failure that the protocol does not explain, or that ends a stream: each is followed by a rest. */
export const FAULT_WEIGHT = 1

/** A chunk in a slot that was here already: an origin gives one anew when news of it was lost. */
export const STALE_WEIGHT = 1 / 2

/** A chunk that the provider does not have, claims again, and still does not have: it may have lost it twice. */
export const RECLAIMED_WEIGHT = 1 / 4

/** A refusal that the protocol explains: honest providers refuse a few asks between two chunks, liars all. */
export const REFUSAL_WEIGHT = 1 / 32

/** The getter takes asks back from a slow provider a hundred times between two chunks, as simulated swarms show. */
export const TAKEN_BACK_WEIGHT = 1 / 512
