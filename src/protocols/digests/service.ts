/** The provider's end: answers the requests in order, each with no more than fits one reply. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import { toHex } from '../../core/hex.ts'
import { InboundStreams } from '../inbound.ts'
import { readMessages, sendMessage } from '../wire.ts'
import { DIGESTS_PROTOCOL, MAX_DIGESTS_PER_REPLY, MAX_INBOUND_STREAMS } from './constants.ts'
import { DigestsReply, DigestsRequest } from './pb/messages.ts'

export interface DigestsSource {
  /** Of up to `count` chunks, 32 bytes per chunk; undefined when the content is not known here. */
  digests(root: string, firstChunkIndex: number, count: number): Promise<Uint8Array<ArrayBuffer> | undefined>
}

export class DigestsService extends InboundStreams {
  constructor({ host, source }: { host: Libp2p; source: DigestsSource }) {
    super({
      host,
      protocol: DIGESTS_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream) => serve(stream, source)
    })
  }
}

async function serve(stream: Stream, source: DigestsSource): Promise<void> {
  await pipe(readMessages(stream, DigestsRequest), async (requests) => {
    for await (const { root, firstChunkIndex, count } of requests) {
      const answered = Math.min(count, MAX_DIGESTS_PER_REPLY)
      const known = await source.digests(toHex(root), firstChunkIndex, answered)
      await sendMessage(stream, DigestsReply, { root, firstChunkIndex, digests: known ?? new Uint8Array() })
    }
  })
}
