export const ADMISSION_PROTOCOL = '/potluck/admission/1.0.0'

/** One exchange at a time, and one for the moment of a second attempt. */
export const MAX_INBOUND_STREAMS = 2

/** Two round trips on the slowest path; a peer that is silent for longer only keeps a place that another could have. */
export const ADMISSION_TIMEOUT_MS = 5000

/** 256 random bits: never the same twice, and impossible to guess. */
export const NONCE_BYTE_LENGTH = 32

/**
 * The limit of connections that are not admitted yet: a further one takes the place of the one that has waited longest.
 */
export const MAX_UNADMITTED_CONNECTIONS = 256

/** From a connection that is not admitted yet: about ten times what its handshake and the exchange of proofs take. */
export const MAX_STRANGER_BYTES = 16 * 1024
