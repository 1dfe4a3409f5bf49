/** The peer's end: opens a session. */
import type { Connection } from '@libp2p/interface'
import { COORDINATION_PROTOCOL } from './constants.ts'
import { CoordinatorMessage, PeerMessage } from './pb/messages.ts'
import { type PeerSession, Session } from './session.ts'

/** @param connection with the coordinator, which has admitted this peer */
export async function openSession(connection: Connection, signal: AbortSignal): Promise<PeerSession> {
  const stream = await connection.newStream(COORDINATION_PROTOCOL, { signal })
  return new Session(stream, connection, PeerMessage, CoordinatorMessage)
}
