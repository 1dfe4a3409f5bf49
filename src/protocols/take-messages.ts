/**
 * Handles the messages of a stream as they arrive, without a promise for each: for messages that come with every chunk.
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { errorOf } from '../core/errors.ts'
import { borrowBytes, type Codec, MessageDecoder } from './wire.ts'

/**
 * Passes each message to `take`, in order, until the other side closes its end. If `take` returns a promise, the stream
 * is paused and the next message waits until it resolves.
 *
 * @throws ProtocolViolation when a frame is too long or is not a message of this kind, and whatever `take` throws; the
 * stream is reset then
 */
export function takeMessages<T>(
  stream: Stream,
  codec: Codec<T>,
  take: (message: T) => Promise<void> | undefined
): Promise<void> {
  return new MessageTaker(stream, codec, take).done
}

class MessageTaker<T> {
  readonly #stream: Stream
  readonly #decoder: MessageDecoder<T>
  readonly #take: (message: T) => Promise<void> | undefined
  readonly #done = Promise.withResolvers<void>()
  /** Bytes received that may not be handled yet: what the stream had buffered while it was paused. */
  readonly #arrived: Uint8Array[] = []
  /** Whether a message is being handled: here, or by the promise that was returned. */
  #isTaking = false
  #hasEnded: boolean
  #failure: Error | undefined
  #isDone = false

  constructor(stream: Stream, codec: Codec<T>, take: (message: T) => Promise<void> | undefined) {
    this.#stream = stream
    this.#decoder = new MessageDecoder(codec, stream.protocol)
    this.#take = take
    this.#hasEnded = stream.remoteWriteStatus === 'closed' && stream.readBufferLength === 0
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('end', this.#onEnd)
    stream.addEventListener('close', this.#onClose)
    borrowBytes(stream, this.#onBytes)
    this.#takeAll()
  }

  /** Resolves when the other side has closed its end and everything was handled. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    for (const bytes of data instanceof Uint8Array ? [data] : data) {
      this.#arrived.push(bytes)
    }
    this.#goOn()
  }

  /** The bytes are lent. */
  readonly #onBytes = (bytes: Uint8Array): void => {
    if (this.#isTaking) {
      this.#arrived.push(new Uint8Array(bytes))
    } else if (!this.#isDone) {
      this.#decoder.push(bytes, true)
      this.#takeAll()
    }
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true
    // Not before: the error of a stream that breaks arrives with `close`, just after its end.
    queueMicrotask(() => this.#goOn())
  }

  readonly #onClose = (event: StreamCloseEvent): void => {
    this.#failure = event.error
    this.#onEnd()
  }

  #goOn(): void {
    if (!this.#isTaking && !this.#isDone) {
      this.#takeAll()
    }
  }

  /** Handles all received messages, until one has to be waited for. */
  #takeAll(): void {
    this.#isTaking = true
    try {
      do {
        for (let message = this.#decoder.next(); message !== undefined; message = this.#decoder.next()) {
          const taken = this.#take(message)
          if (taken !== undefined) {
            this.#wait(taken)
            return
          }
        }
      } while (this.#takeUp())
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#isTaking = false
    if (this.#failure !== undefined) {
      this.#end(() => this.#done.reject(this.#failure))
    } else if (this.#hasEnded || this.#stream.readableEnded) {
      this.#end(this.#done.resolve)
    }
  }

  /** Gives the decoder the next bytes. @returns whether there are any */
  #takeUp(): boolean {
    if (this.#arrived.length === 0 && this.#stream.readStatus === 'paused') {
      this.#resume()
    }
    const bytes = this.#arrived.shift()
    if (bytes !== undefined) {
      this.#decoder.push(bytes)
    }
    return bytes !== undefined
  }

  #resume(): void {
    try {
      this.#stream.resume()
    } catch (error) {
      // The transport is gone; what had arrived before still has to be handled.
      if (this.#arrived.length === 0) {
        throw error
      }
    }
  }

  /** Makes the other side wait until a message is handled. */
  #wait(taken: Promise<void>): void {
    this.#decoder.keep()
    if (this.#stream.readStatus === 'readable') {
      this.#stream.pause()
    }
    taken.then(
      () => this.#takeAll(),
      (error) => this.#fail(error)
    )
  }

  #fail(error: unknown): void {
    this.#end(() => this.#done.reject(error))
    this.#stream.abort(errorOf(error))
  }

  #end(settle: () => void): void {
    this.#isDone = true
    this.#isTaking = false
    this.#arrived.length = 0
    this.#stream.removeEventListener('message', this.#onMessage)
    this.#stream.removeEventListener('end', this.#onEnd)
    this.#stream.removeEventListener('close', this.#onClose)
    settle()
  }
}
