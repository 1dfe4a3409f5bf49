/**
 * The availability protocol: each peer tells each other peer what it holds, on a stream of its own.
 *
 * Goals: the whole picture once, then only news, batched. Non-goals: asking for anything; trust. A receiver checks
 * each claim against the catalog, and a false claim costs its sender nothing but a request that it must refuse.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Bitfield } from '../../core/bitfield.ts'
import { fromHex, toHex } from '../../core/hex.ts'
import { InboundStreams } from '../inbound.ts'
import { CLOSE_TIMEOUT_MS, closeStream, readMessages, sendMessage } from '../wire.ts'
import { AVAILABILITY_PROTOCOL, HOLDINGS_BATCH_BYTE_LENGTH, MAX_INBOUND_STREAMS } from './constants.ts'
import { Availability, type Holding, type PeerStatus } from './pb/messages.ts'
import { openStatus } from './status.ts'

export { AVAILABILITY_PROTOCOL } from './constants.ts'
export type { PeerStatus } from './pb/messages.ts'

/** What a peer says it holds of one content; `bitfield` as `Bitfield.toBytes()`, unchecked. */
export interface Claim {
  root: string
  complete: boolean
  bitfield: Uint8Array
}

/** Chunks of a content that are held now. */
export interface NewChunks {
  root: string
  chunkIndices: number[]
}

export interface AvailabilityListener {
  /** Resolves once claims can be understood: the catalog is known. */
  ready(): Promise<void>
  onHoldings(remote: string, claims: Claim[]): void
  onHaves(remote: string, root: string, chunkIndices: number[]): void
  onStatus(remote: string, status: PeerStatus): void
}

export interface AnnouncerInit {
  /** The other side ended the stream. */
  onClose(): void
}

export interface AvailabilityServiceInit {
  host: Libp2p
  listener: AvailabilityListener
}

export class AvailabilityService {
  readonly #listener: AvailabilityListener
  readonly #inbound: InboundStreams

  constructor({ host, listener }: AvailabilityServiceInit) {
    this.#listener = listener
    this.#inbound = new InboundStreams({
      host,
      protocol: AVAILABILITY_PROTOCOL,
      maxInboundStreams: MAX_INBOUND_STREAMS,
      serve: (stream, { remotePeer }) => this.#listen(stream, remotePeer.toString())
    })
  }

  start(): Promise<void> {
    return this.#inbound.start()
  }

  stop(): Promise<void> {
    return this.#inbound.stop()
  }

  /** Opens the stream on which this peer tells another what it holds. */
  async open(connection: Connection, init: AnnouncerInit, signal: AbortSignal): Promise<Announcer> {
    return new Announcer(await connection.newStream(AVAILABILITY_PROTOCOL, { signal }), init)
  }

  async #listen(stream: Stream, remote: string): Promise<void> {
    await this.#listener.ready()
    for await (const { holdings, haves, status } of readMessages(stream, Availability)) {
      if (holdings.length > 0) {
        this.#listener.onHoldings(remote, holdings.map(fromHolding))
        // A few bytes may be of millions of chunks: whatever else there is to do has its turn between two of these.
        await new Promise((resolve) => setImmediate(resolve))
      }
      for (const { root, chunkIndices } of haves) {
        this.#listener.onHaves(remote, toHex(root), chunkIndices)
      }
      if (status !== undefined) {
        this.#listener.onStatus(remote, openStatus(status))
      }
    }
  }
}

/** Tells one peer what this one holds: `tellHoldings` first, then `tellNews`. */
export class Announcer {
  readonly #stream: Stream
  /** Sends follow one another, so that news never overtakes the whole picture. */
  #sent: Promise<void> = Promise.resolve()
  #ended = false

  constructor(stream: Stream, { onClose }: AnnouncerInit) {
    this.#stream = stream
    stream.addEventListener('close', () => {
      if (!this.#ended) {
        this.#ended = true
        onClose()
      }
    })
  }

  /** What is held of each content, in messages of bounded size. News may follow at once. */
  tellHoldings(holdings: Iterable<{ root: string; held: Bitfield }>): void {
    let batch: Holding[] = []
    let batchByteLength = 0
    for (const { root, held } of holdings) {
      const { complete } = held
      const holding = {
        root: fromHex(root),
        complete,
        bitfield: complete ? new Uint8Array() : held.toBytes()
      }
      batch.push(holding)
      batchByteLength += holding.root.byteLength + holding.bitfield.byteLength
      if (batchByteLength >= HOLDINGS_BATCH_BYTE_LENGTH) {
        this.#send({ holdings: batch, haves: [] })
        batch = []
        batchByteLength = 0
      }
    }
    if (batch.length > 0) {
      this.#send({ holdings: batch, haves: [] })
    }
  }

  /** What is held now beside that; and what others plan by, where it has changed. */
  tellNews(news: readonly NewChunks[], status: PeerStatus | undefined): void {
    const haves = news.map(({ root, chunkIndices }) => ({ root: fromHex(root), chunkIndices }))
    this.#send({ holdings: [], haves, ...(status && { status }) })
  }

  /** Waits until all is sent, and closes. */
  async close(): Promise<void> {
    await Promise.race([this.#sent, new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS))])
    this.#ended = true
    await closeStream(this.#stream)
  }

  #send(message: Availability): void {
    this.#sent = this.#sent.then(async () => {
      if (this.#ended) {
        return
      }
      try {
        await sendMessage(this.#stream, Availability, message)
      } catch (error) {
        this.#stream.abort(error instanceof Error ? error : new Error('what is held could not be told'))
      }
    })
  }
}

function fromHolding({ root, complete, bitfield }: Holding): Claim {
  return { root: toHex(root), complete, bitfield }
}
