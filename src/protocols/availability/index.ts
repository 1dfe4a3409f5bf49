/**
 * The availability protocol: each peer tells each other peer what it holds, on a stream of its own.
 *
 * Goals: the whole picture once, then only news, batched. Non-goals: asking for anything; trust. A receiver checks
 * each claim against the catalog, and a false claim costs its sender nothing but a request that it must refuse.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Bitfield } from '../../core/bitfield.ts'
import { InboundStreams } from '../inbound.ts'
import { fromHex, toHex } from '../manifest/index.ts'
import { CLOSE_TIMEOUT_MS, closeStream, readMessages, sendMessage } from '../wire.ts'
import {
  AVAILABILITY_PROTOCOL,
  HAVE_BATCH_CHUNKS,
  HAVE_BATCH_MS,
  HOLDINGS_BATCH_BYTE_LENGTH,
  MAX_INBOUND_STREAMS
} from './constants.ts'
import { Availability, type Holding, type UploadStatus } from './pb/messages.ts'
import { openStatus, sameStatus } from './status.ts'

export { AVAILABILITY_PROTOCOL } from './constants.ts'
export type { UploadStatus } from './pb/messages.ts'

/** What a peer says it holds of one content; `bitfield` as `Bitfield.toBytes()`, unchecked. */
export interface Claim {
  root: string
  complete: boolean
  bitfield: Uint8Array
}

export interface AvailabilityListener {
  /** Resolves once claims can be understood: the catalog is known. */
  ready(): Promise<void>
  onHoldings(remote: string, claims: Claim[]): void
  onHaves(remote: string, root: string, chunkIndices: number[]): void
  onStatus(remote: string, status: UploadStatus): void
}

export interface AnnouncerInit {
  /** The other side ended the stream. */
  onClose(): void
  /** What others plan by, as it is now; told with the news. */
  status(): UploadStatus
}

export interface AvailabilityServiceComponents {
  host: Libp2p
  listener: AvailabilityListener
}

export class AvailabilityService {
  readonly #listener: AvailabilityListener
  readonly #inbound: InboundStreams

  constructor({ host, listener }: AvailabilityServiceComponents) {
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

/** Tells one peer what this one holds: `announceAll` first, then `announce` for each chunk. */
export class Announcer {
  readonly #stream: Stream
  readonly #status: () => UploadStatus
  #toldStatus: UploadStatus | undefined
  readonly #news = new Map<string, number[]>()
  #newsCount = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Sends follow one another, so that news never overtakes the whole picture. */
  #sent: Promise<void> = Promise.resolve()
  #ended = false

  constructor(stream: Stream, { onClose, status }: AnnouncerInit) {
    this.#stream = stream
    this.#status = status
    stream.addEventListener('close', () => {
      if (!this.#ended) {
        this.#end()
        onClose()
      }
    })
  }

  /** Everything held, in messages of bounded size. Later news may be announced at once. */
  announceAll(holdings: Iterable<{ root: string; held: Bitfield }>): void {
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

  /** One more chunk is held; sent within HAVE_BATCH_MS. */
  announce(root: string, chunkIndex: number): void {
    if (this.#ended) {
      return
    }
    const chunkIndices = this.#news.get(root)
    if (chunkIndices === undefined) {
      this.#news.set(root, [chunkIndex])
    } else {
      chunkIndices.push(chunkIndex)
    }
    this.#newsCount++
    if (this.#newsCount >= HAVE_BATCH_CHUNKS) {
      this.#flush()
    } else {
      this.#timer ??= setTimeout(() => this.#flush(), HAVE_BATCH_MS)
    }
  }

  /** Tells what others plan by, when that has changed notably since it was last told, or anyhow. */
  announceStatus(anyhow = false): void {
    if (anyhow) {
      this.#toldStatus = undefined
    }
    if (!sameStatus(this.#status(), this.#toldStatus)) {
      this.#flush(true)
    }
  }

  /** Sends what is left to tell, and closes. */
  async close(): Promise<void> {
    this.#flush()
    await Promise.race([this.#sent, new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS))])
    this.#end()
    await closeStream(this.#stream)
  }

  #flush(evenWithoutNews = false): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#ended || (this.#newsCount === 0 && !evenWithoutNews)) {
      return
    }
    const haves = [...this.#news].map(([root, chunkIndices]) => ({ root: fromHex(root), chunkIndices }))
    this.#news.clear()
    this.#newsCount = 0
    const status = this.#status()
    const changed = !sameStatus(status, this.#toldStatus)
    this.#toldStatus = status
    this.#send({ holdings: [], haves, ...(changed ? { status } : {}) })
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

  #end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#news.clear()
    this.#newsCount = 0
  }
}

function fromHolding({ root, complete, bitfield }: Holding): Claim {
  return { root: toHex(root), complete, bitfield }
}
