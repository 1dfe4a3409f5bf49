/** The limits and the weights of the exchange, each with its reason. */

/** Bytes requested and not yet stored, over all providers, silent ones included: the most that may arrive at once. */
export const MAX_IN_FLIGHT_BYTES = 64 * 1024 * 1024

/** In addition this many chunks, whatever their length, so that every provider of a small swarm has a few asks. */
export const MAX_IN_FLIGHT_CHUNKS = 16

/** News waits this long for more news: one message for many chunks, and no chunk stays unknown for long. */
export const NEWS_BATCH_MS = 50

/** Or until it has this many chunks: 4 MiB of data at the default chunk length. */
export const NEWS_BATCH_CHUNKS = 16

/**
 * This part of what may be in flight is used only while providers leave asks waiting. Each provider owes at most one
 * share of the rest in requested chunks and half a share in slots. So if all but one are silent, one and a half shares
 * are left for that one.
 */
export const RESERVED_PART = 1 / 3

/**
 * While this many received bytes wait to be stored, nothing more is asked for: more would only fill memory. A store
 * that is briefly slow has enough to go on with.
 */
export const MAX_STORING_BYTES = 8 * 1024 * 1024

/** In addition this many chunks, whatever their length. */
export const MAX_STORING_CHUNKS = 4

/**
 * With a download limit, no more is in flight than the limit lets in within this time. Otherwise chunks given to this
 * peer would wait here while others could pass them on.
 */
export const LIMITED_IN_FLIGHT_MS = 500

/** But this many chunks for each provider: an open slot, and two requests. */
export const LIMITED_CHUNKS_PER_PROVIDER = 3

/** For this many providers only: with a low limit the chunks of all of them would take minutes. */
export const LIMITED_PROVIDERS = 4

/** The minimum of requests in flight to one provider: one that is being answered, and one on its way. */
export const MIN_DEPTH = 2

/** The maximum: 24 MiB of the default chunks, which is what 1 Gbit/s has in flight on a path of 200 ms. */
export const MAX_DEPTH = 96

/**
 * Small chunks count by their length in the limits of asks and chunks in flight, but at most this many count as one
 * whole chunk: each costs both sides as much work as 16 KiB of a larger one.
 */
export const MAX_SMALL_PER_CHUNK = 16

/** The weight of one chunk in the smoothed usual chunk length. */
export const USUAL_LENGTH_WEIGHT = 1 / 8

/** Requests cover this many round trips at the current rate, so that a rate that could grow does. */
export const DEPTH_ROUND_TRIPS = 1.5

/**
 * The rarest chunk of each content is sought among the next this many: a wider window would leave old chunks behind.
 */
export const WINDOW_CHUNKS = 64

/** Over all contents it is sought among no more than this many, so that a choice stays cheap with many contents. */
export const MAX_CANDIDATES = 256

/** The weight of one answer in the smoothed usual round trip (TCP uses the same, RFC 6298). */
export const ROUND_TRIP_WEIGHT = 1 / 8

/** Open slots besides those in use: the next slots must be there before the origin has used the last. */
export const SPARE_SLOTS = 2

/** A provider's rate is smoothed over about this time: it follows a link that changes, but not every short pause. */
export const RATE_SMOOTHING_MS = 1000

/** An uplink that carries this part of its capacity is in use; short measurements are slightly above the true rate. */
export const USED_PART = 0.8

/** A getter moves its asks to a provider that it expects to answer this many times sooner. */
export const STEAL_FACTOR = 1.5

/**
 * A chunk that was taken back is reserved this long for the provider that it is meant for, which is asked once it has
 * room.
 */
export const PROMISE_MS = 250

/** An answer is late after this many times the expected time; then others may be asked for the chunk as well. */
export const LATE_FACTOR = 3

/** But not before this: on fast links a pause of the other process is no reason to send bytes twice. */
export const LATE_MIN_MS = 2000

/**
 * No provider is expected to be slower than this. The rate of a provider that sends nothing falls towards zero, and
 * without this an answer would never be late.
 */
export const SLOWEST_BYTES_PER_SECOND = 16 * 1024

/**
 * Chunks under way into a getter's connection: one being sent, and on a fast connection another to follow. The system's
 * own buffers hold more; further chunks would only wait there, and each choice is better made late.
 */
export const MAX_LEAVING_PER_GETTER = 2

/** A connection that takes a second chunk later than this needs none: its other traffic would wait behind it. */
export const LEAVING_MS = 25

/** The minimum over all connections, so that one chunk follows another. On a slow uplink all news waits behind them. */
export const MIN_LEAVING_CHUNKS = 1

/**
 * The maximum before the uplink is known. With one chunk to each of 31 getters a slow uplink is busy for three seconds,
 * in which no one receives its asks.
 */
export const FIRST_LEAVING_CHUNKS = 4

/**
 * A connection that takes less than this part of an even share of the uplink is held up by the getter's own link. It is
 * less than two thirds: if three getters share the uplink evenly, each of the two that are left takes two thirds of its
 * new share.
 */
export const HELD_UP_PART = 0.66

/**
 * The rate at which a getter usually receives chunks is smoothed over about this time, which is longer than an estimate
 * is kept.
 */
export const USUAL_GAIN_MS = 20_000

/** While it receives chunks at this part of that rate, its own link holds it up. */
export const USUAL_PART = 0.8

/** The maximum in bytes: each chunk is read from disk and stays in memory until the connection takes it. */
export const MAX_LEAVING_BYTES = 32 * 1024 * 1024

/**
 * While no getter lacks more than another by this part of all chunks, all are served at once. If all providers served
 * the same getter, its link would bind and theirs would be idle.
 */
export const LAG_PART = 0.004

/**
 * At the start an origin holds its first copies for this long, until all members are connected and have announced their
 * uplinks. The peers that connect first need not be the ones that spread chunks best, and each chunk given to another
 * costs one more copy.
 */
export const AWAIT_GETTERS_MS = 400

/** With more members some are always late. */
export const MAX_AWAITED_GETTERS = 15

/** A first copy that has left and that its getter has not announced after this long is taken for lost. */
export const DELIVERY_TIMEOUT_MS = 30_000

/**
 * An origin that will have given its first copies within this part of the time that all uplinks together need for all
 * copies has time to spare: its own uplink is not what binds. Otherwise its first copies have priority over everything.
 */
export const TIME_TO_SPARE = 0.7

/**
 * An origin with time to spare gives no more first copies to a peer that owes the others this many copies, beyond those
 * under way, and helps to copy instead. The number is small, so that chunks are passed on while they are still in
 * memory.
 */
export const LEAD_COPIES = 32

/**
 * Or more, if first copies will take the origin's uplink more than this part of the time that all uplinks together need
 * for all copies: for each tenth more half as many. Otherwise the slowest origin would give its last first copies last
 * of all.
 */
export const LEAD_GROWTH_FROM = 0.5
export const LEAD_GROWTH = 5

/**
 * Or this many times as many while the origin's uplink would be idle otherwise: about a second of the getters' uplinks.
 */
export const IDLE_LEAD_FACTOR = 2

/**
 * But never more than the getter will have spread within this part of the time that all uplinks together need for all
 * copies.
 */
export const SOON_PART = 1 / 4

/** For about this long a first copy, and the copies made of it, are under way. */
export const LEAD_MS = 250

/**
 * If no copy was made for this long and no one asks for one, the peers that lack them are stuck, and others need not
 * wait.
 */
export const LEAD_PATIENCE_MS = 1000

/**
 * While its uplink is in use, an origin gives a first copy to a getter other than the best one only if that costs the
 * swarm no more than this in addition.
 */
export const GRANT_PATIENCE_MS = 500

/** Or this many times as much. */
export const GRANT_PATIENCE_FACTOR = 1.5

/** Digest lists asked for at one time: enough to hide the round trip when a folder has many small files. */
export const MAX_DIGESTS_IN_FLIGHT = 32

/**
 * No answer is expected to take longer: 4 MiB at 0.8 Mbit/s. If a provider sends nothing for three times as long,
 * others are asked for the chunk, however slow the provider was before.
 */
export const MAX_EXPECTED_MS = 40_000

/** How often asks of silent providers are counted; providers become silent only after seconds. */
export const STUCK_COUNT_MS = 500

/** A provider that owes answers and sends nothing for this long counts as gone, and its connection is ended. */
export const STALL_TIMEOUT_MS = 30_000

/**
 * A gathering that received this many bytes has moved. Within the usual five minutes that is 2 kbit/s: slow, but more
 * than an occasional byte from a peer that means to send nothing.
 */
export const MOVING_BYTES = 64 * 1024

/**
 * Others' news alone extends the wait by this factor while nothing arrives here: an hour for five minutes. By then
 * every getter has had its turn.
 */
export const NEWS_PATIENCE = 12

/** A peer without news says so, well within the time after which it would count as gone. */
export const HEARTBEAT_MS = 10_000

/** How often a remote may hear everything again. Catalogs grow seldom, and a remote needs it once for each time. */
export const TELL_AGAIN_MS = 2000

/** How often a provider may send a corrupt chunk or corrupt digests. Once may be a bad memory cell; twice is a liar. */
export const MAX_FALSEHOODS = 2

/**
 * How often a provider is excused because its disk corrupted the chunk. From the first time on it verifies what it
 * sends, so an honest provider needs no second excuse; a liar that says so gets one more corrupt chunk
 * (docs/decisions/027).
 */
export const MAX_ADMISSIONS = 1

/** For opening the streams to a provider. */
export const OPEN_TIMEOUT_MS = 20_000

/** If the disk is full, receiving pauses this long before the next attempt; serving goes on. */
export const DISK_FULL_PAUSE_MS = 5000

/**
 * How long a provider that failed is left alone the first time; twice as long each time after that, up to the longest
 * rest.
 */
export const RETRY_AFTER_MS = 1000
export const LONGEST_REST_MS = 60_000

/**
 * The debt of a remote (`patience.ts`) grows no further: from 7 on its rests are the longest, and it can pay this off.
 */
export const MAX_DEBT = 8

/** The debt that a useful chunk pays off. A provider that fails every other time still reaches the longest rests. */
export const RELIEF = 1 / 2

/** The debt for a failure that the protocol does not explain, or that ends a stream: a rest follows each. */
export const FAULT_WEIGHT = 1

/** The debt for a chunk in a slot that was here already: an origin gives one again if news of it was lost. */
export const STALE_WEIGHT = 1 / 2

/**
 * The debt for a chunk that the provider does not have, claims again, and still does not have: it may have lost it
 * twice.
 */
export const RECLAIMED_WEIGHT = 1 / 4

/**
 * The debt for a refusal that the protocol explains: honest providers refuse a few asks between two chunks, liars all.
 */
export const REFUSAL_WEIGHT = 1 / 32

/**
 * The debt for an ask that was taken back: simulated getters take back a hundred from a slow provider between two
 * chunks.
 */
export const TAKEN_BACK_WEIGHT = 1 / 512
