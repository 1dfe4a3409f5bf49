export const ADMISSION_PROTOCOL = '/potluck/admission/1.0.0'

/** One exchange at a time, and one for the moment of a second try. */
export const MAX_INBOUND_STREAMS = 2

/** Two round trips on the slowest path; who is silent for longer only keeps a place that somebody else could have. */
export const ADMISSION_TIMEOUT_MS = 5000

/** Never the same twice, and not to be guessed: 256 bits. */
export const NONCE_BYTE_LENGTH = 32

/** Connections that are not admitted yet: whoever comes then takes the place of the one that has waited longest. */
export const MAX_UNADMITTED_CONNECTIONS = 256

/** Of a connection that is not admitted yet: some ten times what its handshake and the exchange of proofs take. */
export const MAX_STRANGER_BYTES = 16 * 1024
