/** A session as both ends have it. */
import type { Connection, Stream } from '@libp2p/interface'
import { type Codec, closeStream, readMessages, sendMessage } from '../wire.ts'
import type { CoordinatorMessage, PeerMessage } from './pb/messages.ts'

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

  /** Resolves when the stream can take more. Rejects when the session is over. */
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

  /** Ends the connection too: one on which nothing comes any more would be used again for the next session. */
  hangUp(error: Error): void {
    this.#connection.abort(error)
  }
}

/** The peer's end. */
export type PeerSession = Session<PeerMessage, CoordinatorMessage>

/** The coordinator's end. */
export type CoordinatorSession = Session<CoordinatorMessage, PeerMessage>
