/** The provider's end: hands each ask of a getter to a handler, which replies on the stream that it came by. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import { toHex } from '../../core/hex.ts'
import { InboundStreams } from '../inbound.ts'
import { readMessages } from '../wire.ts'
import { CHUNK_PROTOCOL, MAX_INBOUND_STREAMS } from './constants.ts'
import { ChunkRequest } from './pb/messages.ts'
import { type Pace, ReplyStream } from './reply-stream.ts'

/** What a getter asks on a stream. */
export type ReceivedAsk =
  | { kind: 'chunk'; id: number; root: string; chunkIndex: number }
  | { kind: 'slot'; id: number }
  | { kind: 'cancel'; id: number }

/** Who answers the asks of getters. */
export interface AskHandler {
  /** A getter's stream begins; what it asks goes to the function. @throws ProtocolViolation, which ends the stream */
  onStream(replies: ReplyStream): (ask: ReceivedAsk) => void
  /** It is over; nothing more can be answered on it. */
  onStreamEnd(replies: ReplyStream): void
}

export interface ChunkServiceInit {
  host: Libp2p
  handler: AskHandler
  /** Left out where nothing is known of the uplink: then replies go out as fast as the streams take them. */
  pace?: Pace | undefined
}

export class ChunkService {
  readonly #handler: AskHandler
  readonly #pace: Pace | undefined
  readonly #inbound: InboundStreams

  constructor({ host, handler, pace }: ChunkServiceInit) {
    this.#handler = handler
    this.#pace = pace
    this.#inbound = new InboundStreams({
      host,
      protocol: CHUNK_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream, { remotePeer }) => this.#serve(stream, remotePeer.toString())
    })
  }

  start(): Promise<void> {
    return this.#inbound.start()
  }

  stop(): Promise<void> {
    return this.#inbound.stop()
  }

  async #serve(stream: Stream, getter: string): Promise<void> {
    const replies = new ReplyStream(getter, stream, this.#pace)
    const onAsk = this.#handler.onStream(replies)
    try {
      await pipe(readMessages(stream, ChunkRequest), toAsks, async (asks) => {
        for await (const ask of asks) {
          onAsk(ask)
        }
      })
    } finally {
      this.#handler.onStreamEnd(replies)
    }
  }
}

async function* toAsks(requests: AsyncIterable<ChunkRequest>): AsyncGenerator<ReceivedAsk> {
  for await (const { id, root, chunkIndex, cancel } of requests) {
    if (cancel) {
      yield { kind: 'cancel', id }
    } else if (root.byteLength === 0) {
      yield { kind: 'slot', id }
    } else {
      yield { kind: 'chunk', id, root: toHex(root), chunkIndex }
    }
  }
}
