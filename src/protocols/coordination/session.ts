/** A session, for both ends: a peer opens it, the coordinator accepts it. */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { type Codec, closeStream, readMessages, sendMessage } from '../wire.ts'
import { COORDINATION_PROTOCOL, MAX_INBOUND_STREAMS } from './constants.ts'
import { CoordinatorMessage, PeerMessage } from './pb/messages.ts'

/** One end of a session: sends messages of one kind, receives those of the other. */
export class Session<Sent, Received> {
  readonly remotePeer: string
  readonly #connection: Connection
  readonly #stream: Stream
  readonly #sent: Codec<Sent>
  readonly #received: Codec<Received>

  constructor(stream: Stream, connection: Connection, sent: Codec<Sent>, received: Codec<Received>) {
    this.remotePeer = connection.remotePeer.toString()
    this.#connection = connection
    this.#stream = stream
    this.#sent = sent
    this.#received = received
  }

  /** Resolves when the stream can accept more. Rejects when the session has ended. */
  async send(message: Partial<Sent>, signal?: AbortSignal): Promise<void> {
    await sendMessage(this.#stream, this.#sent, message, signal)
  }

  /** The other side's messages until it closes; throws when the connection breaks. To be called once. */
  received(): AsyncGenerator<Received> {
    return readMessages(this.#stream, this.#received)
  }

  async close(): Promise<void> {
    await closeStream(this.#stream)
  }

  abort(error: Error): void {
    this.#stream.abort(error)
  }

  /** Ends the connection too: otherwise the next session would use a dead one again. */
  hangUp(error: Error): void {
    this.#connection.abort(error)
  }
}

export type PeerSession = Session<PeerMessage, CoordinatorMessage>

export type CoordinatorSession = Session<CoordinatorMessage, PeerMessage>

/** @param connection with the coordinator, which has admitted this peer */
export async function openSession(connection: Connection, signal: AbortSignal): Promise<PeerSession> {
  const stream = await connection.newStream(COORDINATION_PROTOCOL, { signal })
  return new Session(stream, connection, PeerMessage, CoordinatorMessage)
}

export class CoordinationService {
  readonly #host: Libp2p

  constructor({ host }: { host: Libp2p }) {
    this.#host = host
  }

  /** Passes every session that a peer opens to the function. */
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
