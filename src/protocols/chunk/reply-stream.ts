/** How a provider answers on one stream: one reply after another, in pieces as its pace lets them leave. */
import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { fromHex } from '../../core/hex.ts'
import { copiesWhatItSends, frame, sendBytes } from '../wire.ts'
import { ChunkReply } from './pb/messages.ts'
import { type ChunkRefusal, STATUS_OF } from './refusals.ts'

/** Says how fast replies may leave, or come, over all streams together. */
export interface Pace {
  /** In what pieces. Infinite while nothing is held back. */
  readonly pieceByteLength: number
  /** The most that was seen to leave of late; 0 where nothing is seen. */
  readonly seenBytesPerSecond: number
  /** A number for a reply that begins: the next one. */
  begin(): number
  /** Resolves when so many bytes of a reply may pass: those of the one that began first; undefined when at once. */
  turn(byteLength: number, reply: number): Promise<void> | undefined
}

/** The provider's end of one stream. Replies go out one after another, no faster than the stream takes them. */
export class ReplyStream {
  readonly getter: string
  readonly #stream: Stream
  readonly #pace: Pace | undefined
  #sent: Promise<unknown> = Promise.resolve()
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
   *
   * @param bytes lent
   * @returns whether the bytes are the caller's again; if not, or when it rejects, they are once `left` resolves
   */
  send(
    id: number,
    bytes: Uint8Array,
    waitedMs: number,
    chosen?: { root: string; chunkIndex: number }
  ): Promise<boolean> {
    const which = chosen === undefined ? {} : { root: fromHex(chosen.root), chunkIndex: chosen.chunkIndex }
    const { byteLength } = bytes
    const header = frame(ChunkReply, {
      id,
      status: ChunkReply.Status.OK,
      byteLength,
      waitedMs: Math.round(waitedMs),
      ...which
    })
    return this.#push(
      new Uint8ArrayList(header, copiesWhatItSends(this.#stream) ? bytes : new Uint8Array(bytes))
    )
  }

  /** Resolves when a stream that is over, or is being closed, reads nothing any more of what it was handed. */
  async left(): Promise<void> {
    const stream = this.#stream
    if (stream.writeBufferLength > 0 && stream.writeStatus !== 'closed') {
      await new Promise<void>((resolve) => {
        stream.addEventListener('idle', () => resolve(), { once: true })
        stream.addEventListener('close', () => resolve(), { once: true })
      })
    }
  }

  /** Answers that the stream has not taken yet. */
  get waiting(): number {
    return this.#waiting
  }

  /** Answers an ask with why there is no chunk. */
  async refuse(id: number, refusal: ChunkRefusal): Promise<void> {
    await this.#push(new Uint8ArrayList(frame(ChunkReply, { id, status: STATUS_OF[refusal], byteLength: 0 })))
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

  #push(reply: Uint8ArrayList): Promise<boolean> {
    this.#waiting++
    const sent = this.#sent
      .then(() => this.#sendPieces(reply))
      .finally(() => {
        this.#waiting--
      })
    this.#sent = sent.catch(() => undefined)
    return sent
  }

  /** @returns whether all that was handed to the stream has left it */
  async #sendPieces(reply: Uint8ArrayList): Promise<boolean> {
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
    // A stream that is being closed goes on with what it holds.
    return this.#stream.writeBufferLength === 0
  }

  async #hand(bytes: Uint8ArrayList): Promise<void> {
    this.#handedBytes += bytes.byteLength
    await sendBytes(this.#stream, bytes)
  }
}
