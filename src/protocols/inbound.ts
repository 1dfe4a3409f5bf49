/** The streams of one protocol that others open: served, counted, and ended with the node. */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { errorOf } from '../core/errors.ts'
import { closeStream } from './wire.ts'

export interface InboundInit {
  host: Libp2p
  protocol: string
  /** Of one connection. */
  maxInboundStreams: number
  /** Of all connections together; unlimited by default. */
  maxStreams?: number
  /** Handles one stream. The stream is closed afterwards, and reset when this throws. */
  serve(stream: Stream, connection: Connection): Promise<void>
}

export class InboundStreams {
  readonly #init: InboundInit
  readonly #open = new Set<Stream>()

  constructor(init: InboundInit) {
    this.#init = init
  }

  async start(): Promise<void> {
    const { host, protocol, maxInboundStreams } = this.#init
    await host.handle(protocol, (stream, connection) => this.#handle(stream, connection), {
      maxInboundStreams
    })
  }

  /** Accepts no more streams, and closes the open ones. */
  async stop(): Promise<void> {
    const { host, protocol } = this.#init
    await host.unhandle(protocol)
    await Promise.all([...this.#open].map(closeStream))
  }

  async #handle(stream: Stream, connection: Connection): Promise<void> {
    const { serve, maxStreams = Number.POSITIVE_INFINITY } = this.#init
    if (this.#open.size >= maxStreams) {
      stream.abort(new Error('the limit of open streams is reached'))
      return
    }
    this.#open.add(stream)
    try {
      await serve(stream, connection)
      await closeStream(stream)
    } catch (error) {
      // The other side ended it, or broke its rules. In both cases it will ask again, or another peer will.
      stream.abort(errorOf(error))
    } finally {
      this.#open.delete(stream)
    }
  }
}
