/** The announcer's end: tells one other peer what this peer has, and its status. */
import type { Connection, Stream } from '@libp2p/interface'
import type { Bitfield } from '../../core/bitfield.ts'
import { errorOf } from '../../core/errors.ts'
import { fromHex } from '../../core/hex.ts'
import { CLOSE_TIMEOUT_MS, closeStream, sendMessage } from '../wire.ts'
import { AVAILABILITY_PROTOCOL, HOLDINGS_BATCH_BYTE_LENGTH } from './constants.ts'
import { Availability, type Holding, type PeerStatus } from './pb/messages.ts'

/** What this peer has of a content. */
export interface Held {
  root: string
  held: Bitfield
  /** Whether this peer does without the rest. */
  declined?: boolean
}

/** New chunks of a content. */
export interface NewChunks {
  root: string
  chunkIndices: number[]
}

export interface AnnouncerInit {
  /** The other side ended the stream. */
  onClose(): void
}

/** Announces to one peer what this one has: `tellAll` first, then `tellNews`. */
export class Announcer {
  readonly #stream: Stream
  /** Sends follow one another, so that news never overtakes the whole picture. */
  #sent: Promise<void> = Promise.resolve()
  /** Whether everything is to be told, and is not read yet. */
  #allWaits = false
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

  /**
   * Everything that this peer has, in messages of bounded size. It is read when earlier messages have been sent, and calls
   * until then are one: a remote that asks again and again, and takes nothing, keeps no second copy waiting. News may
   * follow at once.
   *
   * @param holdings every content, as it is when that is called
   */
  tellAll(holdings: () => Iterable<Held>): void {
    if (this.#allWaits) {
      return
    }
    this.#allWaits = true
    this.#sent = this.#sent.then(async () => {
      this.#allWaits = false
      for (const batch of batchesOf(holdings())) {
        await this.#write({ holdings: batch, haves: [] })
      }
    })
  }

  /** What this peer has of one content, as it is when earlier messages have been sent. */
  tellHolding(content: Held): void {
    this.#sent = this.#sent.then(() => this.#write({ holdings: [holdingOf(content)], haves: [] }))
  }

  /** New chunks; and the status, if it has changed. */
  tellNews(news: readonly NewChunks[], status: PeerStatus | undefined): void {
    const haves = news.map(({ root, chunkIndices }) => ({ root: fromHex(root), chunkIndices }))
    this.#send({ holdings: [], haves, ...(status && { status }) })
  }

  /** Asks it to announce everything that it has again. */
  askHoldings(): void {
    this.#send({ holdings: [], haves: [], asksHoldings: true })
  }

  /** Waits until all is sent, and closes. */
  async close(): Promise<void> {
    await Promise.race([this.#sent, new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS))])
    this.#ended = true
    await closeStream(this.#stream)
  }

  #send(message: Availability): void {
    this.#sent = this.#sent.then(() => this.#write(message))
  }

  async #write(message: Availability): Promise<void> {
    if (this.#ended) {
      return
    }
    try {
      await sendMessage(this.#stream, Availability, message)
    } catch (error) {
      this.#stream.abort(errorOf(error))
    }
  }
}

function* batchesOf(contents: Iterable<Held>): Generator<Holding[]> {
  let batch: Holding[] = []
  let byteLength = 0
  for (const content of contents) {
    const holding = holdingOf(content)
    batch.push(holding)
    byteLength += holding.root.byteLength + holding.bitfield.byteLength
    if (byteLength >= HOLDINGS_BATCH_BYTE_LENGTH) {
      yield batch
      batch = []
      byteLength = 0
    }
  }
  if (batch.length > 0) {
    yield batch
  }
}

function holdingOf({ root, held, declined }: Held): Holding {
  const isShort = held.complete || (declined === true && held.count === 0)
  const bitfield = isShort ? new Uint8Array() : held.toBytes()
  const holding = { root: fromHex(root), complete: held.complete, bitfield }
  return declined === true ? { ...holding, declined } : holding
}
