/**
 * The chunk protocol, getter and provider.
 *
 * Goals: chunks at the speed of the link, over a few long-lived streams a pair, many asks under way on each, the
 * bytes of a chunk raw on the stream. An ask names a chunk, or leaves the choice to the provider. Non-goals: who holds
 * what (availability), whether bytes are right (the getter verifies them), what to ask for and whom to serve first
 * (the scheduler).
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import { Uint8ArrayList } from 'uint8arraylist'
import { fromHex, toHex } from '../../core/hex.ts'
import { InboundStreams } from '../inbound.ts'
import { frame, readMessages, sendBytes } from '../wire.ts'
import { ChunkClient, type ChunkClientInit, type ChunkRefusal, STATUS_OF } from './chunk-client.ts'
import { CHUNK_PROTOCOL, MAX_INBOUND_STREAMS } from './constants.ts'
import { ChunkReply, ChunkRequest } from './pb/messages.ts'

export type {
  ChunkAnswer,
  ChunkClient,
  ChunkClientInit,
  ChunkRefusal,
  ChunkWanted,
  Intake,
  PendingAnswer
} from './chunk-client.ts'
export * from './constants.ts'

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

/** Says how fast replies may leave, over all streams together. */
export interface Pace {
  /** In what pieces. Infinite while nothing is held back. */
  readonly pieceByteLength: number
  /** The most that was seen to leave of late; 0 where nothing is seen. */
  readonly seenBytesPerSecond: number
  /** A number for a reply that begins to leave: the next one. */
  begin(): number
  /** Resolves when so many bytes of a reply may leave: those of the one that began first; undefined when at once. */
  turn(byteLength: number, reply: number): Promise<void> | undefined
}

/** The provider's end of one stream. Replies go out one after another, no faster than the stream takes them. */
export class ReplyStream {
  readonly getter: string
  readonly #stream: Stream
  readonly #pace: Pace | undefined
  #sent: Promise<void> = Promise.resolve()
  #waiting = 0
  /** Bytes handed to the stream; how many of them it had taken at the last look, and since when. */
  #handedBytes = 0
  #takenBytes: number | undefined
  #takenAtMs = 0

  constructor(getter: string, stream: Stream, pace: Pace | undefined) {
    this.getter = getter
    this.#stream = stream
    this.#pace = pace
  }

  /**
   * Answers an ask with a chunk; which one is said only for a slot. Resolves when the stream took it, and rejects when
   * the stream is over.
   */
  send(
    id: number,
    bytes: Uint8Array,
    waitedMs: number,
    chosen?: { root: string; chunkIndex: number }
  ): Promise<void> {
    const which = chosen === undefined ? {} : { root: fromHex(chosen.root), chunkIndex: chosen.chunkIndex }
    const { byteLength } = bytes
    const header = frame(ChunkReply, {
      id,
      status: ChunkReply.Status.OK,
      byteLength,
      waitedMs: Math.round(waitedMs),
      ...which
    })
    return this.#push(new Uint8ArrayList(header, bytes))
  }

  /** Answers that the stream has not taken yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Answers an ask with why there is no chunk. */
  refuse(id: number, refusal: ChunkRefusal): Promise<void> {
    return this.#push(
      new Uint8ArrayList(frame(ChunkReply, { id, status: STATUS_OF[refusal], byteLength: 0 }))
    )
  }

  /**
   * For how long the getter has taken none of the bytes that wait for it; 0 while none wait. To be called every so
   * often: what is seen counts from the first call that sees it.
   */
  stalledMs(nowMs: number): number {
    const waitingBytes = this.#stream.writeBufferLength
    const takenBytes = this.#handedBytes - waitingBytes
    if (waitingBytes === 0 || takenBytes !== this.#takenBytes) {
      this.#takenBytes = takenBytes
      this.#takenAtMs = nowMs
    }
    return nowMs - this.#takenAtMs
  }

  #push(reply: Uint8ArrayList): Promise<void> {
    this.#waiting++
    const sent = this.#sent
      .then(() => this.#sendPieces(reply))
      .finally(() => {
        this.#waiting--
      })
    this.#sent = sent.catch(() => undefined)
    return sent
  }

  async #sendPieces(reply: Uint8ArrayList): Promise<void> {
    const pace = this.#pace
    let rest = reply
    if (pace !== undefined) {
      const number = pace.begin()
      while (rest.byteLength > pace.pieceByteLength) {
        const { pieceByteLength } = pace
        await pace.turn(pieceByteLength, number)
        await this.#hand(rest.sublist(0, pieceByteLength))
        rest = rest.sublist(pieceByteLength)
      }
      await pace.turn(rest.byteLength, number)
    }
    await this.#hand(rest)
  }

  async #hand(bytes: Uint8ArrayList): Promise<void> {
    this.#handedBytes += bytes.byteLength
    await sendBytes(this.#stream, bytes)
  }
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

  /** Opens one more stream to a provider. */
  async open(
    connection: Connection,
    init: Omit<ChunkClientInit, 'stream'>,
    signal: AbortSignal
  ): Promise<ChunkClient> {
    const stream = await connection.newStream(CHUNK_PROTOCOL, { signal })
    return new ChunkClient({ ...init, stream })
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
