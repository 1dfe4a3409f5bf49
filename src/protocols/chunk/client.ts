/** The getter's end of one chunk stream: it sends asks, and receives answers in any order. */
import type { Connection, Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { fromHex, toHex } from '../../core/hex.ts'
import { borrowBytes, closeStream, frame, ProtocolViolation } from '../wire.ts'
import { CHUNK_PROTOCOL, MAX_COMPLAINTS } from './constants.ts'
import { ChunkReply, ChunkRequest } from './pb/messages.ts'
import { type ChunkRefusal, refusalOf } from './refusals.ts'
import { ChunkReplyDecoder } from './reply-decoder.ts'
import type { Pace } from './reply-stream.ts'

/** A chunk; `byteLength` is its required length. */
export interface ChunkWanted {
  root: string
  chunkIndex: number
  byteLength: number
}

/**
 * A received chunk: its bytes are the first `byteLength` of the buffer, not verified. `client` and `id` identify the
 * ask.
 */
export interface ReceivedChunk {
  status: 'ok'
  chunk: ChunkWanted
  buffer: ArrayBufferLike
  client: ChunkClient
  id: number
}

/** The result of an ask. */
export type ChunkAnswer = ReceivedChunk | { status: ChunkRefusal }

/** The answer to an ask under way. */
export interface PendingAnswer {
  /** Rejects when the stream ends before the answer. */
  answer: Promise<ChunkAnswer>
  /** Says that the answer is no longer wanted; there is one all the same. */
  cancel(): void
}

/** Decides how fast the bytes of answers may be taken in, over all streams together. */
export type Intake = Omit<Pace, 'seenBytesPerSecond'>

export interface ChunkClientInit {
  /** Absent without a limit. */
  intake?: Intake | undefined
  /** A buffer for a chunk: at least `byteLength` bytes, used for nothing else. */
  allocate(byteLength: number): ArrayBufferLike
  /** The buffer of a chunk that was not complete when the stream ended: nothing is written to it any more. */
  release(buffer: ArrayBufferLike): void
  /** The length of a chunk that this peer can accept; undefined for one that it cannot. */
  byteLengthOf(root: string, chunkIndex: number): number | undefined
  /** The provider sent bytes, so it is alive. */
  onBytes(byteLength: number): void
  /**
   * The first byte of an answer arrived; `waitedMs` is how long the ask waited at the provider, as the provider says.
   */
  onFirstByte(elapsedMs: number, waitedMs: number): void
  /** The stream is over; every pending ask has been rejected. */
  onClose(error: Error | undefined): void
  /** Milliseconds on any steady clock. */
  now(): number
}

interface Pending {
  /** Undefined for a slot, until its answer begins. */
  chunk: ChunkWanted | undefined
  askedAtMs: number
  resolve(answer: ChunkAnswer): void
  reject(error: Error): void
  buffer?: ArrayBufferLike
}

export class ChunkClient {
  readonly #stream: Stream
  readonly #init: ChunkClientInit
  readonly #pending = new Map<number, Pending>()
  /** By the ask's id, the function to call when the provider says that a complaint is right. */
  readonly #complaints = new Map<number, () => void>()
  readonly #decoder: ChunkReplyDecoder
  /** Bytes received that may not be taken in yet: at most two windows of the stream, because it is paused meanwhile. */
  readonly #arrived: Uint8Array[] = []
  /** The number of the answer that is being taken in. */
  #answer = 0
  #isTaking = false
  #isResuming = false
  #nextId = 1
  #closed = false

  constructor(stream: Stream, init: ChunkClientInit) {
    this.#stream = stream
    this.#init = init
    this.#decoder = new ChunkReplyDecoder({
      begin: (reply) => this.#begin(reply),
      end: (reply) => this.#end(reply)
    })
    stream.addEventListener('message', this.#onMessage)
    borrowBytes(stream, this.#onBytes)
    stream.addEventListener('remoteCloseWrite', () => void this.close())
    stream.addEventListener('close', (event: StreamCloseEvent) => this.#onClose(event.error))
  }

  static async open(
    connection: Connection,
    init: ChunkClientInit,
    signal: AbortSignal
  ): Promise<ChunkClient> {
    return new ChunkClient(await connection.newStream(CHUNK_PROTOCOL, { signal }), init)
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    this.#init.onBytes(data.byteLength)
    for (const bytes of data instanceof Uint8Array ? [data] : data) {
      this.#arrived.push(bytes)
    }
    if (!this.#isTaking) {
      this.#takeIn()
    }
  }

  /** The bytes are lent: those that may not be taken in at once must be copied. */
  readonly #onBytes = (bytes: Uint8Array): void => {
    this.#init.onBytes(bytes.byteLength)
    const isLimited = Number.isFinite(this.#init.intake?.pieceByteLength ?? Number.POSITIVE_INFINITY)
    if (!isLimited && !this.#isTaking) {
      this.#decode(bytes)
      return
    }
    this.#arrived.push(new Uint8Array(bytes))
    if (!this.#isTaking) {
      this.#takeIn()
    }
  }

  /** Takes in the received bytes, as far as the limit allows at once. */
  #takeIn(): void {
    const { intake } = this.#init
    this.#isTaking = true
    for (let bytes = this.#arrived.shift(); bytes !== undefined; bytes = this.#arrived.shift()) {
      const piece = this.#firstPiece(bytes)
      if (intake !== undefined && !this.#decoder.isWithin) {
        this.#answer = intake.begin()
      }
      const turn = intake?.turn(piece.byteLength, this.#answer)
      if (turn !== undefined) {
        void this.#takeInLater(piece, turn)
        return
      }
      this.#decode(piece)
    }
    this.#isTaking = false
  }

  /** One piece to take in; the rest stays at the front. */
  #firstPiece(bytes: Uint8Array): Uint8Array {
    const { pieceByteLength = Number.POSITIVE_INFINITY } = this.#init.intake ?? {}
    if (bytes.byteLength <= pieceByteLength) {
      return bytes
    }
    this.#arrived.unshift(bytes.subarray(pieceByteLength))
    return bytes.subarray(0, pieceByteLength)
  }

  /** Makes the provider wait until the piece, and everything received meanwhile, may be taken in. */
  async #takeInLater(piece: Uint8Array, turn: Promise<void>): Promise<void> {
    this.#pause()
    await turn
    this.#decode(piece)
    this.#takeIn()
    if (!this.#isTaking) {
      this.#resume()
    }
  }

  #pause(): void {
    const stream = this.#stream
    if (stream.readStatus === 'readable' && !this.#isResuming) {
      stream.pause()
    }
  }

  /** The stream delivers its buffer and only then tells the muxer: a pause from within would be undone by that. */
  #resume(): void {
    const stream = this.#stream
    if (stream.readStatus !== 'paused') {
      return
    }
    this.#isResuming = true
    try {
      stream.resume()
    } catch {
      // The connection is gone; the end of the stream will report it.
    }
    this.#isResuming = false
    if (this.#isTaking) {
      this.#pause()
    }
  }

  #decode(bytes: Uint8Array): void {
    const stream = this.#stream
    try {
      this.#decoder.push(bytes)
    } catch (error) {
      stream.removeEventListener('message', this.#onMessage)
      this.#arrived.length = 0
      stream.abort(error instanceof Error ? error : new ProtocolViolation('a reply that cannot be read'))
    }
  }

  /** Asks for a chunk, or for any of the provider's choice. */
  ask(chunk: ChunkWanted | undefined): PendingAnswer {
    const id = this.#nextId++
    const { promise: answer, resolve, reject } = Promise.withResolvers<ChunkAnswer>()
    if (this.#closed) {
      reject(new Error('the chunk stream is closed'))
    } else {
      this.#pending.set(id, { chunk, askedAtMs: this.#init.now(), resolve, reject })
      this.#send(
        chunk === undefined ? { id } : { id, root: fromHex(chunk.root), chunkIndex: chunk.chunkIndex }
      )
    }
    return { answer, cancel: () => this.#cancel(id) }
  }

  /**
   * Tells the provider that its answer to an ask is not the chunk. A provider of an earlier version takes this for a
   * cancel that came too late.
   *
   * @param onSpoilt the provider checked, and says that its disk corrupted the chunk; called at most once
   */
  complain(id: number, onSpoilt: () => void): void {
    if (!this.#closed && this.#complaints.size < MAX_COMPLAINTS) {
      this.#complaints.set(id, onSpoilt)
      this.#send({ id, cancel: true, corrupt: true })
    }
  }

  async close(): Promise<void> {
    this.#onClose(undefined)
    await closeStream(this.#stream)
  }

  #cancel(id: number): void {
    if (this.#pending.has(id)) {
      this.#send({ id, cancel: true })
    }
  }

  /** Asks have 50 bytes and the caller limits their number, so there is no need to wait. */
  #send(request: Partial<ChunkRequest>): void {
    this.#stream.send(frame(ChunkRequest, request))
  }

  #begin(reply: ChunkReply): Uint8Array {
    const { allocate, byteLengthOf, now, onFirstByte } = this.#init
    const pending = this.#pending.get(reply.id)
    const isAdmission = reply.status === ChunkReply.Status.UNREADABLE && this.#complaints.has(reply.id)
    if (pending === undefined && !isAdmission) {
      throw new ProtocolViolation(`a reply to ask ${reply.id}, which was not made or was answered before`)
    }
    if (pending === undefined || reply.status !== ChunkReply.Status.OK) {
      if (reply.byteLength !== 0) {
        throw new ProtocolViolation(`a refusal with ${reply.byteLength} bytes`)
      }
      return new Uint8Array()
    }
    pending.chunk ??= chosenChunk(reply, byteLengthOf)
    const { byteLength } = pending.chunk
    if (reply.byteLength !== byteLength || pending.buffer !== undefined) {
      throw new ProtocolViolation(`a reply of ${reply.byteLength} bytes where ${byteLength} were due`)
    }
    onFirstByte(now() - pending.askedAtMs, reply.waitedMs)
    pending.buffer = allocate(byteLength)
    return new Uint8Array(pending.buffer, 0, byteLength)
  }

  #end({ id, status }: ChunkReply): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) {
      const onSpoilt = this.#complaints.get(id)
      this.#complaints.delete(id)
      onSpoilt?.()
      return
    }
    this.#pending.delete(id)
    const { chunk, buffer } = pending
    if (buffer !== undefined && chunk !== undefined) {
      pending.resolve({ status: 'ok', chunk, buffer, client: this, id })
    } else {
      pending.resolve({ status: refusalOf(status) })
    }
  }

  #onClose(error: Error | undefined): void {
    if (this.#closed) {
      return
    }
    this.#closed = true
    this.#decoder.leaveTarget()
    for (const { reject, buffer } of this.#pending.values()) {
      reject(error ?? new Error('the chunk stream was closed'))
      if (buffer !== undefined) {
        this.#init.release(buffer)
      }
    }
    this.#pending.clear()
    this.#complaints.clear()
    this.#arrived.length = 0
    this.#init.onClose(error)
  }
}

/** @throws ProtocolViolation for a chunk that this peer cannot accept */
function chosenChunk(
  { root, chunkIndex }: ChunkReply,
  byteLengthOf: (root: string, chunkIndex: number) => number | undefined
): ChunkWanted {
  const hex = toHex(root)
  const byteLength = byteLengthOf(hex, chunkIndex)
  if (byteLength === undefined) {
    throw new ProtocolViolation('a chunk of the provider’s choice that this peer cannot take')
  }
  return { root: hex, chunkIndex, byteLength }
}
