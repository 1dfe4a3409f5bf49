/** The announcer's end: what this peer holds, and what others plan by, to one other peer. */
import type { Connection, Stream } from '@libp2p/interface'
import type { Bitfield } from '../../core/bitfield.ts'
import { errorOf } from '../../core/errors.ts'
import { fromHex } from '../../core/hex.ts'
import { CLOSE_TIMEOUT_MS, closeStream, sendMessage } from '../wire.ts'
import { AVAILABILITY_PROTOCOL, HOLDINGS_BATCH_BYTE_LENGTH } from './constants.ts'
import { Availability, type Holding, type PeerStatus } from './pb/messages.ts'

/** What is held of a content. */
export interface Held {
  root: string
  held: Bitfield
  /** Whether this peer does without the rest. */
  declined?: boolean
}

/** Chunks of a content that are held now. */
export interface NewChunks {
  root: string
  chunkIndices: number[]
}

export interface AnnouncerInit {
  /** The other side ended the stream. */
  onClose(): void
}

/** Tells one peer what this one holds: `tellHoldings` first, then `tellNews`. */
export class Announcer {
  readonly #stream: Stream
  /** Sends follow one another, so that news never overtakes the whole picture. */
  #sent: Promise<void> = Promise.resolve()
  #ended = false

  private constructor(stream: Stream, { onClose }: AnnouncerInit) {
    this.#stream = stream
    stream.addEventListener('close', () => {
      if (!this.#ended) {
        this.#ended = true
        onClose()
      }
    })
  }

  static async open(connection: Connection, init: AnnouncerInit, signal: AbortSignal): Promise<Announcer> {
    return new Announcer(await connection.newStream(AVAILABILITY_PROTOCOL, { signal }), init)
  }

  /** What is held of each content, in messages of bounded size. News may follow at once. */
  tellHoldings(holdings: Iterable<Held>): void {
    let batch: Holding[] = []
    let batchByteLength = 0
    const sendBatch = (): void => {
      if (batch.length > 0) {
        this.#send({ holdings: batch, haves: [] })
      }
      batch = []
      batchByteLength = 0
    }
    for (const { root, held, declined } of holdings) {
      const isShort = held.complete || (declined === true && held.count === 0)
      const bitfield = isShort ? new Uint8Array() : held.toBytes()
      const holding = { root: fromHex(root), complete: held.complete, bitfield }
      batch.push(declined === true ? { ...holding, declined } : holding)
      batchByteLength += holding.root.byteLength + bitfield.byteLength
      if (batchByteLength >= HOLDINGS_BATCH_BYTE_LENGTH) {
        sendBatch()
      }
    }
    sendBatch()
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
        this.#stream.abort(errorOf(error))
      }
    })
  }
}
