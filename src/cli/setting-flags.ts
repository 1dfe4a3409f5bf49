/** Settings whose names differ from their flags, by the name of the option. */

export const COORDINATOR_SETTINGS = { peers: 'expectedPeers', startAfter: 'startAfterMs' } as const

export const PEER_SETTINGS = { into: 'collection' } as const
