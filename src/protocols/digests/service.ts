/** The provider's end: answers each request in its turn, with no more than fits one reply. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { toHex } from '../../core/hex.ts'
import { InboundStreams } from '../inbound.ts'
import { readMessages, sendMessage } from '../wire.ts'
import { DIGESTS_PROTOCOL, MAX_DIGESTS_PER_REPLY, MAX_INBOUND_STREAMS } from './constants.ts'
import { DigestsReply, DigestsRequest } from './pb/messages.ts'

export interface DigestsSource {
  /** Of up to `count` chunks, 32 bytes a chunk; undefined when the content is not known here. */
  digests(root: string, firstChunkIndex: number, count: number): Promise<Uint8Array<ArrayBuffer> | undefined>
}

export interface DigestsServiceInit {
  host: Libp2p
  source: DigestsSource
}

export class DigestsService {
  readonly #source: DigestsSource
  readonly #inbound: InboundStreams

  constructor({ host, source }: DigestsServiceInit) {
    this.#source = source
    this.#inbound = new InboundStreams({
      host,
      protocol: DIGESTS_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream) => this.#serve(stream)
    })
  }

  start(): Promise<void> {
    return this.#inbound.start()
  }

  stop(): Promise<void> {
    return this.#inbound.stop()
  }

  async #serve(stream: Stream): Promise<void> {
    for await (const { root, firstChunkIndex, count } of readMessages(stream, DigestsRequest)) {
      const answered = Math.min(count, MAX_DIGESTS_PER_REPLY)
      const known = await this.#source.digests(toHex(root), firstChunkIndex, answered)
      await sendMessage(stream, DigestsReply, { root, firstChunkIndex, digests: known ?? new Uint8Array() })
    }
  }
}
