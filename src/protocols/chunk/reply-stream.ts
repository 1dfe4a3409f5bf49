/** How a provider answers on one stream: one reply after another, in pieces as its pace allows. */
import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { fromHex } from '../../core/hex.ts'
import { copiesWhatItSends, frame, sendBytes } from '../wire.ts'
import { ChunkReply } from './pb/messages.ts'
import { type ChunkRefusal, STATUS_OF } from './refusals.ts'

/** Decides how fast replies may leave, or arrive, over all streams together. */
export interface Pace {
  /** The length of a piece. Infinite while there is no limit. */
  readonly pieceByteLength: number
  /** The highest rate observed recently; 0 if nothing is observed. */
  readonly seenBytesPerSecond: number
  /** A number for a new reply: the next one. */
  begin(): number
  /** Resolves when this many bytes of a reply may pass: the reply that began first has priority. Undefined: at once. */
  turn(byteLength: number, reply: number): Promise<void> | undefined
}

/** The provider's end of one stream. It sends replies one after another, no faster than the stream takes them. */
export class ReplyStream {
  readonly getter: string
  readonly #stream: Stream
  readonly #pace: Pace | undefined
  #sent: Promise<unknown> = Promise.resolve()
  #waiting = 0
  /** Bytes passed to the stream; how many of them it had taken at the last check, and since when. */
  #handedBytes = 0
  #takenBytes: number | undefined
  #takenAtMs = 0

  constructor(getter: string, stream: Stream, pace: Pace | undefined) {
    this.getter = getter
    this.#stream = stream
    this.#pace = pace
  }

  /**
   * Answers an ask with a chunk; only the answer to a slot says which one. Resolves when the stream took it, and
   * rejects when the stream has ended.
   *
   * @param bytes lent
   * @returns whether the caller may reuse the bytes; if not, or when it rejects, the caller may reuse them once `left`
   * resolves
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

  /**
   * Resolves when a stream that has ended, or is being closed, no longer reads any of the bytes that were passed to it.
   */
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
   * How long the getter has taken none of the bytes that wait for it; 0 while none wait. To be called regularly: the
   * time counts from the first call that sees it.
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

  /** @returns whether everything that was passed to the stream has left it */
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
    // A stream that is being closed still sends what it has buffered.
    return this.#stream.writeBufferLength === 0
  }

  async #hand(bytes: Uint8ArrayList): Promise<void> {
    this.#handedBytes += bytes.byteLength
    await sendBytes(this.#stream, bytes)
  }
}
