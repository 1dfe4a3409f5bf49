/** The getter's end: asks one provider for the digests of whole contents, in as many requests as that takes. */
import type { Connection, Stream } from '@libp2p/interface'
import { DIGEST_BYTE_LENGTH } from '../../core/chunks.ts'
import { errorOf } from '../../core/errors.ts'
import { fromHex, toHex } from '../../core/hex.ts'
import { closeStream, ProtocolViolation, readMessages, sendMessage } from '../wire.ts'
import { DIGESTS_PROTOCOL, MAX_DIGESTS_PER_REPLY } from './constants.ts'
import { DigestsReply, DigestsRequest } from './pb/messages.ts'

export interface DigestsClientInit {
  /** Part of a reply has arrived. */
  onReply(byteLength: number): void
  /** The stream has ended, and every pending request was rejected. */
  onClose(): void
}

interface Pending {
  root: string
  firstChunkIndex: number
  count: number
  resolve(digests: Uint8Array): void
  reject(error: Error): void
}

export class DigestsClient {
  readonly #stream: Stream
  readonly #pending: Pending[] = []
  readonly #init: DigestsClientInit
  #closed = false

  private constructor(stream: Stream, init: DigestsClientInit) {
    this.#stream = stream
    this.#init = init
    void this.#receive()
  }

  static async open(
    connection: Connection,
    init: DigestsClientInit,
    signal: AbortSignal
  ): Promise<DigestsClient> {
    return new DigestsClient(await connection.newStream(DIGESTS_PROTOCOL, { signal }), init)
  }

  /**
   * All digests of a content of `chunkCount` chunks, 32 bytes per chunk, unchecked; undefined when the peer does not
   * know it. Rejects when the stream ends before.
   */
  async fetch(root: string, chunkCount: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const parts: Promise<Uint8Array>[] = []
    for (let index = 0; index < chunkCount; index += MAX_DIGESTS_PER_REPLY) {
      parts.push(this.#request(root, index, Math.min(MAX_DIGESTS_PER_REPLY, chunkCount - index)))
    }
    const digests = new Uint8Array(chunkCount * DIGEST_BYTE_LENGTH)
    let byteOffset = 0
    for (const part of await Promise.all(parts)) {
      if (part.byteLength === 0) {
        return undefined
      }
      digests.set(part, byteOffset)
      byteOffset += part.byteLength
    }
    return digests
  }

  async close(): Promise<void> {
    this.#end(new Error('closed'))
    await closeStream(this.#stream)
  }

  #request(root: string, firstChunkIndex: number, count: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new Error('the digests stream is closed'))
        return
      }
      this.#pending.push({ root, firstChunkIndex, count, resolve, reject })
      // Requests have 50 bytes and the caller limits their number. A failed send ends #receive too.
      sendMessage(this.#stream, DigestsRequest, { root: fromHex(root), firstChunkIndex, count }).catch(
        (error: Error) => this.#end(error)
      )
    })
  }

  async #receive(): Promise<void> {
    try {
      for await (const reply of readMessages(this.#stream, DigestsReply)) {
        // It stays among the requests that the end rejects, in case this is not its answer.
        const [pending] = this.#pending
        const { byteLength } = reply.digests
        if (
          pending === undefined ||
          toHex(reply.root) !== pending.root ||
          reply.firstChunkIndex !== pending.firstChunkIndex ||
          (byteLength !== 0 && byteLength !== pending.count * DIGEST_BYTE_LENGTH)
        ) {
          throw new ProtocolViolation('digests that were not asked for')
        }
        this.#pending.shift()
        this.#init.onReply(byteLength)
        pending.resolve(reply.digests)
      }
      this.#end(new Error('the digests stream was closed'))
      await closeStream(this.#stream)
    } catch (error) {
      this.#end(errorOf(error))
      this.#stream.abort(errorOf(error))
    }
  }

  #end(error: Error): void {
    if (this.#closed) {
      return
    }
    this.#closed = true
    for (const pending of this.#pending.splice(0)) {
      pending.reject(error)
    }
    this.#init.onClose()
  }
}
