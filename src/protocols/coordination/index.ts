/**
 * The coordination protocol: a peer's session with the coordinator, from its join to the end of the swarm.
 *
 * Goals: admission, roster, catalog, clock, progress and the end, on one stream that lives as long as both do.
 * Non-goals: file bytes. The messages, in order: docs/protocol.md.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { SignedManifest } from '../manifest/index.ts'
import { type Codec, closeStream, readMessages, sendMessage } from '../wire.ts'
import { COORDINATION_PROTOCOL, MANIFESTS_PER_PAGE, MAX_INBOUND_STREAMS } from './constants.ts'
import { CoordinatorMessage, type ManifestPage, PeerMessage } from './pb/messages.ts'

export * from './bound.ts'
export * from './constants.ts'
export type {
  Activity,
  CoordinatorMessage,
  FileCompletion,
  Join,
  Joined,
  Member,
  PeerMessage,
  PeerResult,
  Progress,
  Refusal,
  SwarmEnd
} from './pb/messages.ts'
export * from './swarm-end.ts'

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

export interface CoordinationServiceInit {
  host: Libp2p
}

export class CoordinationService {
  readonly #host: Libp2p

  constructor({ host }: CoordinationServiceInit) {
    this.#host = host
  }

  /** As the coordinator: every session that a peer opens goes to the function. */
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

  /** As a peer: opens a session with the coordinator. */
  async open(connection: Connection, signal: AbortSignal): Promise<PeerSession> {
    const stream = await connection.newStream(COORDINATION_PROTOCOL, { signal })
    return new Session(stream, connection, PeerMessage, CoordinatorMessage)
  }
}

/** The manifests in pages that fit a message, the last one marked; one empty page when there are none. */
export function* manifestPages(manifests: readonly SignedManifest[]): Generator<ManifestPage> {
  let start = 0
  do {
    const end = start + MANIFESTS_PER_PAGE
    yield {
      manifests: manifests.slice(start, end).map(({ bytes }) => bytes),
      last: end >= manifests.length
    }
    start = end
  } while (start < manifests.length)
}
