/**
 * The chunk protocol, getter and provider.
 *
 * Goals: chunks at the speed of the link, over a few long-lived streams a pair, many requests under way on each, the
 * bytes of a chunk raw on the stream. Non-goals: who holds what (availability), whether bytes are right (the getter
 * verifies them), in which order to ask (the picker).
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import type { Uint8ArrayList } from 'uint8arraylist'
import { InboundStreams } from '../inbound.ts'
import { toHex } from '../manifest/index.ts'
import { frame, readMessages, sendBytes } from '../wire.ts'
import { ChunkClient, type ChunkClientInit } from './chunk-client.ts'
import { CHUNK_PROTOCOL, MAX_INBOUND_STREAMS } from './constants.ts'
import { ChunkReply, ChunkRequest } from './messages.ts'

export type { ChunkAnswer, ChunkClient, ChunkWanted } from './chunk-client.ts'
export { CHUNK_PROTOCOL, STREAMS_PER_PROVIDER } from './constants.ts'

/** What a provider can serve from. */
export interface ChunkSource {
  /** Verified bytes, or why there are none. */
  read(
    getter: string,
    root: string,
    chunkIndex: number
  ): Promise<{ status: 'ok'; bytes: Uint8Array } | { status: 'not-held' | 'unreadable' }>
  /** The last byte was handed to the stream. `elapsedMs` runs from the request's arrival. */
  onSent(getter: string, root: string, chunkIndex: number, byteLength: number, elapsedMs: number): void
}

export interface ChunkServiceComponents {
  host: Libp2p
  source: ChunkSource
  /** Milliseconds on any steady clock. */
  now(): number
}

export class ChunkService {
  readonly #components: ChunkServiceComponents
  readonly #inbound: InboundStreams

  constructor(components: ChunkServiceComponents) {
    this.#components = components
    this.#inbound = new InboundStreams({
      host: components.host,
      protocol: CHUNK_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream, getter) => this.#serve(stream, getter)
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

  /** Serves one getter's stream: requests in, replies out, one at a time, no faster than the stream takes them. */
  async #serve(stream: Stream, getter: string): Promise<void> {
    await pipe(
      readMessages(stream, ChunkRequest),
      (requests) => this.#answer(getter, requests),
      async (replies) => {
        for await (const bytes of replies) {
          await sendBytes(stream, bytes)
        }
      }
    )
  }

  async *#answer(
    getter: string,
    requests: AsyncIterable<ChunkRequest>
  ): AsyncGenerator<Uint8Array | Uint8ArrayList> {
    const { source, now } = this.#components
    for await (const { id, root, chunkIndex } of requests) {
      const startedAtMs = now()
      const hex = toHex(root)
      const chunk = await source.read(getter, hex, chunkIndex)
      if (chunk.status !== 'ok') {
        const status = chunk.status === 'not-held' ? ChunkReply.Status.NOT_HELD : ChunkReply.Status.UNREADABLE
        yield frame(ChunkReply, { id, status, byteLength: 0 })
        continue
      }
      const { byteLength } = chunk.bytes
      const reply = frame(ChunkReply, { id, status: ChunkReply.Status.OK, byteLength })
      reply.append(chunk.bytes)
      yield reply
      source.onSent(getter, hex, chunkIndex, byteLength, now() - startedAtMs)
    }
  }
}
