/** The provider's end: passes each ask of a getter to a handler, which replies on the ask's stream. */
import type { Libp2p, Stream } from '@libp2p/interface'
import { toHex } from '../../core/hex.ts'
import { InboundStreams } from '../inbound.ts'
import { takeMessages } from '../take-messages.ts'
import { CHUNK_PROTOCOL, MAX_INBOUND_STREAMS } from './constants.ts'
import { ChunkRequest } from './pb/messages.ts'
import { type Pace, ReplyStream } from './reply-stream.ts'

export type ReceivedAsk =
  | { kind: 'chunk'; id: number; root: string; chunkIndex: number }
  | { kind: 'slot'; id: number }
  | { kind: 'cancel'; id: number }
  /**
   * The answer to the ask of this id is not the chunk. `unreadable` answers it if that is this provider's fault;
   * otherwise nothing does.
   */
  | { kind: 'complaint'; id: number }

export interface AskHandler {
  /**
   * A getter's stream begins; its asks are passed to the returned function. @throws ProtocolViolation, which ends the
   * stream
   */
  onStream(replies: ReplyStream): (ask: ReceivedAsk) => void
  /** The stream has ended; no more answers are possible on it. */
  onStreamEnd(replies: ReplyStream): void
}

export interface ChunkServiceInit {
  host: Libp2p
  handler: AskHandler
  /** Absent if nothing is known of the uplink: then replies leave as fast as the streams take them. */
  pace?: Pace | undefined
}

export class ChunkService extends InboundStreams {
  constructor({ host, handler, pace }: ChunkServiceInit) {
    super({
      host,
      protocol: CHUNK_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream, { remotePeer }) =>
        serve(stream, new ReplyStream(remotePeer.toString(), stream, pace), handler)
    })
  }
}

async function serve(stream: Stream, replies: ReplyStream, handler: AskHandler): Promise<void> {
  const onAsk = handler.onStream(replies)
  try {
    await takeMessages(stream, ChunkRequest, (request) => {
      onAsk(askOf(request))
      return undefined
    })
  } finally {
    handler.onStreamEnd(replies)
  }
}

function askOf({ id, root, chunkIndex, cancel, corrupt }: ChunkRequest): ReceivedAsk {
  if (cancel) {
    return { kind: corrupt ? 'complaint' : 'cancel', id }
  }
  return root.byteLength === 0 ? { kind: 'slot', id } : { kind: 'chunk', id, root: toHex(root), chunkIndex }
}
