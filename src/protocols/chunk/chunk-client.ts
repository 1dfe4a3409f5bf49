/** The getter's end of one chunk stream: requests go out, replies come back in any order. */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { fromHex } from '../manifest/index.ts'
import { closeStream, frame, ProtocolViolation } from '../wire.ts'
import { ChunkReply, ChunkRequest } from './messages.ts'
import { ChunkReplyDecoder } from './reply-decoder.ts'

/** A chunk to ask for; `byteLength` is what it must have. */
export interface ChunkWanted {
  root: string
  chunkIndex: number
  byteLength: number
}

/** What came of a request. The bytes are the first `byteLength` of the buffer, not verified. */
export type ChunkAnswer = { status: 'ok'; buffer: ArrayBuffer } | { status: 'not-held' | 'unreadable' }

export interface ChunkClientInit {
  stream: Stream
  /** A buffer for a chunk: at least `byteLength` bytes, nobody else's. */
  allocate(byteLength: number): ArrayBuffer
  /** Bytes came from the provider, so it lives. */
  onBytes(byteLength: number): void
  /** The stream is over; every pending request has been rejected. */
  onClose(error: Error | undefined): void
}

interface Pending extends ChunkWanted {
  resolve(answer: ChunkAnswer): void
  reject(error: Error): void
  buffer?: ArrayBuffer
}

export class ChunkClient {
  readonly #init: ChunkClientInit
  readonly #pending = new Map<number, Pending>()
  #nextId = 1
  #closed = false

  constructor(init: ChunkClientInit) {
    this.#init = init
    const decoder = new ChunkReplyDecoder({
      begin: (reply) => this.#begin(reply),
      end: (reply) => this.#end(reply)
    })
    const { stream } = init
    const onMessage = ({ data }: StreamMessageEvent): void => {
      init.onBytes(data.byteLength)
      try {
        for (const bytes of data instanceof Uint8Array ? [data] : data) {
          decoder.push(bytes)
        }
      } catch (error) {
        stream.removeEventListener('message', onMessage)
        stream.abort(error instanceof Error ? error : new ProtocolViolation('a reply that cannot be read'))
      }
    }
    stream.addEventListener('message', onMessage)
    stream.addEventListener('remoteCloseWrite', () => void this.close())
    stream.addEventListener('close', (event: StreamCloseEvent) => this.#onClose(event.error))
  }

  /** Asks for a chunk. Rejects when the stream ends before the answer. */
  request(wanted: ChunkWanted): Promise<ChunkAnswer> {
    const id = this.#nextId++
    return new Promise<ChunkAnswer>((resolve, reject) => {
      if (this.#closed) {
        reject(new Error('the chunk stream is closed'))
        return
      }
      this.#pending.set(id, { ...wanted, resolve, reject })
      // Requests are 50 bytes and their number is bounded by the caller: nothing to wait for.
      this.#init.stream.send(
        frame(ChunkRequest, { id, root: fromHex(wanted.root), chunkIndex: wanted.chunkIndex })
      )
    })
  }

  async close(): Promise<void> {
    this.#onClose(undefined)
    await closeStream(this.#init.stream)
  }

  #begin(reply: ChunkReply): Uint8Array {
    const pending = this.#pending.get(reply.id)
    if (pending === undefined) {
      throw new ProtocolViolation(`a reply to request ${reply.id}, which was not made or was answered before`)
    }
    const byteLength = reply.status === ChunkReply.Status.OK ? pending.byteLength : 0
    if (reply.byteLength !== byteLength || pending.buffer !== undefined) {
      throw new ProtocolViolation(`a reply of ${reply.byteLength} bytes where ${byteLength} were due`)
    }
    if (byteLength === 0) {
      return new Uint8Array()
    }
    pending.buffer = this.#init.allocate(byteLength)
    return new Uint8Array(pending.buffer, 0, byteLength)
  }

  #end(reply: ChunkReply): void {
    const pending = this.#pending.get(reply.id)
    this.#pending.delete(reply.id)
    if (pending?.buffer !== undefined) {
      pending.resolve({ status: 'ok', buffer: pending.buffer })
    } else {
      pending?.resolve({ status: reply.status === ChunkReply.Status.UNREADABLE ? 'unreadable' : 'not-held' })
    }
  }

  #onClose(error: Error | undefined): void {
    if (this.#closed) {
      return
    }
    this.#closed = true
    for (const pending of this.#pending.values()) {
      pending.reject(error ?? new Error('the chunk stream was closed'))
    }
    this.#pending.clear()
    this.#init.onClose(error)
  }
}
