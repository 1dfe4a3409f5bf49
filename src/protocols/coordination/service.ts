/** The coordinator's end: takes the sessions that peers open. */
import type { Libp2p } from '@libp2p/interface'
import { COORDINATION_PROTOCOL, MAX_INBOUND_STREAMS } from './constants.ts'
import { CoordinatorMessage, PeerMessage } from './pb/messages.ts'
import { type CoordinatorSession, Session } from './session.ts'

export interface CoordinationServiceInit {
  host: Libp2p
}

export class CoordinationService {
  readonly #host: Libp2p

  constructor({ host }: CoordinationServiceInit) {
    this.#host = host
  }

  /** Every session that a peer opens goes to the function. */
  async start(onSession: (session: CoordinatorSession) => void): Promise<void> {
    await this.#host.handle(
      COORDINATION_PROTOCOL,
      (stream, connection) => onSession(new Session(stream, connection, CoordinatorMessage, PeerMessage)),
      { maxInboundStreams: MAX_INBOUND_STREAMS }
    )
  }

  async stop(): Promise<void> {
    await this.#host.unhandle(COORDINATION_PROTOCOL)
  }
}
