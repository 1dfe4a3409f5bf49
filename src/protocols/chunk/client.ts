/** The getter's end of one chunk stream: asks go out, answers come back in any order. */
import type { Connection, Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { fromHex, toHex } from '../../core/hex.ts'
import { borrowBytes, closeStream, frame, ProtocolViolation } from '../wire.ts'
import { CHUNK_PROTOCOL, MAX_COMPLAINTS } from './constants.ts'
import { ChunkReply, ChunkRequest } from './pb/messages.ts'
import { type ChunkRefusal, refusalOf } from './refusals.ts'
import { ChunkReplyDecoder } from './reply-decoder.ts'
import type { Pace } from './reply-stream.ts'

/** A chunk; `byteLength` is what it must have. */
export interface ChunkWanted {
  root: string
  chunkIndex: number
  byteLength: number
}

/** A chunk that came: the bytes are the first `byteLength` of the buffer, not verified. `client` and `id` say for which ask. */
export interface ReceivedChunk {
  status: 'ok'
  chunk: ChunkWanted
  buffer: ArrayBufferLike
  client: ChunkClient
  id: number
}

/** What came of an ask. */
export type ChunkAnswer = ReceivedChunk | { status: ChunkRefusal }

/** The answer to an ask under way. */
export interface PendingAnswer {
  /** Rejects when the stream ends before the answer. */
  answer: Promise<ChunkAnswer>
  /** Says that the answer is not wanted any more; there is one all the same. */
  cancel(): void
}

/** Says how fast the bytes of answers may be taken in, over all streams together. */
export type Intake = Omit<Pace, 'seenBytesPerSecond'>

export interface ChunkClientInit {
  /** Left out where nothing is held back. */
  intake?: Intake | undefined
  /** A buffer for a chunk: at least `byteLength` bytes, nobody else's. */
  allocate(byteLength: number): ArrayBufferLike
  /** A buffer whose chunk did not come whole before the stream ended: nothing is put there any more. */
  release(buffer: ArrayBufferLike): void
  /** The length of a chunk that this peer can take; undefined for one that it cannot. */
  byteLengthOf(root: string, chunkIndex: number): number | undefined
  /** Bytes came from the provider, so it lives. */
  onBytes(byteLength: number): void
  /** The first byte of an answer came; `waitedMs` is how long the ask waited at the provider, as that says. */
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
  /** By the ask's id, what to call when the provider says that a complaint is right. */
  readonly #complaints = new Map<number, () => void>()
  readonly #decoder: ChunkReplyDecoder
  /** What has come and may not be taken in yet: two windows of the stream at the most, as it is paused meanwhile. */
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

  /** Is lent the bytes: what may not be taken in at once has to be copied. */
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

  /** Takes in what has arrived, as far as it may be at once. */
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

  /** As much as is taken in at a time; the rest stays first. */
  #firstPiece(bytes: Uint8Array): Uint8Array {
    const { pieceByteLength = Number.POSITIVE_INFINITY } = this.#init.intake ?? {}
    if (bytes.byteLength <= pieceByteLength) {
      return bytes
    }
    this.#arrived.unshift(bytes.subarray(pieceByteLength))
    return bytes.subarray(0, pieceByteLength)
  }

  /** Has the provider wait until the piece may be taken in, and all that has come meanwhile. */
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

  /** The stream hands over what it holds and only then tells the muxer: a pause from within would be undone by that. */
  #resume(): void {
    const stream = this.#stream
    if (stream.readStatus !== 'paused') {
      return
    }
    this.#isResuming = true
    try {
      stream.resume()
    } catch {
      // The connection is gone, as the stream's end will tell.
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
   * Tells the provider that what it sent for an ask is not the chunk. A provider of an earlier version takes it for a
   * cancel that comes too late.
   *
   * @param onSpoilt the provider looked, and says that its disk spoilt the chunk; called once at the most
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

  /** Asks are 50 bytes and their number is bounded by the caller: nothing to wait for. */
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

/** @throws ProtocolViolation for a chunk that this peer cannot take */
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
