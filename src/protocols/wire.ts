/**
 * Framing and back-pressure: only this module turns messages into bytes of a stream and back.
 *
 * A message is a varint length and that many bytes of protobuf. Reading pauses the stream while a message is handled,
 * so a fast sender waits instead of filling memory; writing waits until the stream took what it was given.
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { decode as decodeVarint, encode as encodeVarint, encodingLength } from 'uint8-varint'
import type { Uint8ArrayList } from 'uint8arraylist'
import { errorOf, messageOf } from '../core/errors.ts'

/** No message of ours is larger: the largest is a bitfield of MAX_CHUNK_COUNT chunks, 512 KiB. */
export const MAX_MESSAGE_BYTE_LENGTH = 1024 * 1024

/**
 * The window of a stream, from its first byte on. All nodes of a swarm must agree on it. Measured on four processes
 * with twelve streams: 512 KiB to 1 MiB keeps the data in the processor's cache, larger windows become garbage.
 */
export const STREAM_WINDOW_BYTE_LENGTH = 1024 * 1024

/** The length of a message's length on the wire. */
const MAX_LENGTH_BYTE_LENGTH = encodingLength(MAX_MESSAGE_BYTE_LENGTH)

const NO_BYTES: Uint8Array = new Uint8Array()

/** How long an orderly close may take before the stream is reset. */
export const CLOSE_TIMEOUT_MS = 1000

/** What protons generates for each message. */
export interface Codec<T> {
  encode(message: Partial<T>): Uint8Array
  decode(bytes: Uint8Array | Uint8ArrayList): T
}

/** The other side sent what the protocol does not allow. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation'
}

/** A message on the wire: length and bytes. */
export function frame<T>(codec: Codec<T>, message: Partial<T>): Uint8Array {
  const bytes = codec.encode(message)
  const framed = new Uint8Array(encodingLength(bytes.byteLength) + bytes.byteLength)
  encodeVarint(bytes.byteLength, framed)
  framed.set(bytes, framed.byteLength - bytes.byteLength)
  return framed
}

/**
 * Divides the bytes of a stream into messages. It keeps the beginning of an incomplete message, in at most twice the
 * memory that it takes. `push` bytes, then call `next` until there is none.
 */
export class MessageDecoder<T> {
  readonly #codec: Codec<T>
  readonly #protocol: string
  #bytes = NO_BYTES
  #at = 0
  #isLent = false
  /** The beginning of a message, with its length, and room for more. */
  #begun = NO_BYTES
  #begunByteLength = 0

  constructor(codec: Codec<T>, protocol: string) {
    this.#codec = codec
    this.#protocol = protocol
  }

  /**
   * Takes the bytes that follow those before, of which `next` has found all messages.
   *
   * @param isLent whether the owner may reuse them once `next` has found no more, or `keep` was called
   */
  push(bytes: Uint8Array, isLent = false): void {
    this.#bytes = bytes
    this.#at = 0
    this.#isLent = isLent
  }

  /** Copies the rest of the lent bytes. */
  keep(): void {
    if (this.#isLent) {
      this.push(new Uint8Array(this.#bytes.subarray(this.#at)))
    }
  }

  /**
   * The next message, in memory of its own; undefined when more bytes are needed. Empty frames are skipped.
   *
   * @throws ProtocolViolation; the decoder is unusable then
   */
  next(): T | undefined {
    for (let frame = this.#nextFrame(); frame !== undefined; frame = this.#nextFrame()) {
      if (frame.byteLength > 0) {
        return this.#decode(frame)
      }
    }
    this.#bytes = NO_BYTES
    this.#at = 0
    return undefined
  }

  #decode(frame: Uint8Array): T {
    try {
      return this.#codec.decode(frame)
    } catch (error) {
      throw this.#violation(messageOf(error))
    }
  }

  #nextFrame(): Uint8Array | undefined {
    if (this.#begunByteLength === 0) {
      const missing = this.#missingOf(this.#bytes, this.#at, this.#bytes.byteLength)
      if (missing <= 0) {
        const begin = this.#at + this.#lengthByteLength(this.#bytes, this.#at, this.#bytes.byteLength)
        this.#at = this.#bytes.byteLength + missing
        return new Uint8Array(this.#bytes.subarray(begin, this.#at))
      }
    }
    return this.#nextBegun()
  }

  /** The message whose beginning was kept, or of which only the beginning is here. */
  #nextBegun(): Uint8Array | undefined {
    while (this.#at < this.#bytes.byteLength) {
      const missing = this.#missingOf(this.#begun, 0, this.#begunByteLength)
      this.#append(this.#bytes.subarray(this.#at, this.#at + missing))
      if (this.#missingOf(this.#begun, 0, this.#begunByteLength) === 0) {
        const begin = this.#lengthByteLength(this.#begun, 0, this.#begunByteLength)
        const frame = this.#begun.subarray(begin, this.#begunByteLength)
        this.#begun = NO_BYTES
        this.#begunByteLength = 0
        return frame
      }
    }
    return undefined
  }

  #append(bytes: Uint8Array): void {
    const byteLength = this.#begunByteLength + bytes.byteLength
    if (byteLength > this.#begun.byteLength) {
      const larger = new Uint8Array(Math.max(byteLength, 2 * this.#begun.byteLength))
      larger.set(this.#begun.subarray(0, this.#begunByteLength))
      this.#begun = larger
    }
    this.#begun.set(bytes, this.#begunByteLength)
    this.#begunByteLength = byteLength
    this.#at += bytes.byteLength
  }

  /**
   * How many bytes are missing from the message that begins there: at least one while its length is not known; negative
   * if more bytes follow it.
   */
  #missingOf(bytes: Uint8Array, begin: number, end: number): number {
    const lengthByteLength = this.#lengthByteLength(bytes, begin, end)
    if (lengthByteLength === 0) {
      return 1
    }
    const byteLength = decodeVarint(bytes, begin)
    if (byteLength > MAX_MESSAGE_BYTE_LENGTH) {
      throw this.#violation(`a length of ${byteLength} bytes`)
    }
    return begin + lengthByteLength + byteLength - end
  }

  /** The length of the varint that begins there; 0 when it is incomplete. */
  #lengthByteLength(bytes: Uint8Array, begin: number, end: number): number {
    for (let at = begin; at < end; at++) {
      if ((bytes[at] ?? 0) < 0x80) {
        return at + 1 - begin
      }
      if (at + 1 - begin === MAX_LENGTH_BYTE_LENGTH) {
        throw this.#violation('a length without end')
      }
    }
    return 0
  }

  #violation(what: string): ProtocolViolation {
    return new ProtocolViolation(`not a message of ${this.#protocol}: ${what}`)
  }
}

/**
 * The messages that arrive, until the other side closes its end.
 *
 * @throws ProtocolViolation when a frame is too long or is not a message of this kind; the stream is reset then
 */
export async function* readMessages<T>(stream: Stream, codec: Codec<T>): AsyncGenerator<T> {
  const decoder = new MessageDecoder(codec, stream.protocol)
  for await (const bytes of readBytes(stream)) {
    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
      decoder.push(part)
      try {
        for (let message = decoder.next(); message !== undefined; message = decoder.next()) {
          yield message
        }
      } catch (error) {
        if (error instanceof ProtocolViolation) {
          stream.abort(error)
        }
        throw error
      }
    }
  }
}

/**
 * The first message that arrives. The other side must wait for an answer to it before it sends more.
 *
 * @throws ProtocolViolation when it is not a message of this kind, or the stream ends before
 */
export async function readMessage<T>(stream: Stream, codec: Codec<T>): Promise<T> {
  for await (const message of readMessages(stream, codec)) {
    return message
  }
  throw new ProtocolViolation(`no message of ${stream.protocol} came`)
}

/** Forwards one stream's data to another, no faster than the other accepts it, and closes the other with the first. */
export async function passOn(from: Stream, to: Stream, onBytes: (byteLength: number) => void): Promise<void> {
  for await (const bytes of readBytes(from)) {
    await sendBytes(to, bytes)
    onBytes(bytes.byteLength)
  }
  await closeStream(to)
}

/** Passes bytes to the stream and waits until it can accept more. @throws when the stream ends or the signal aborts */
export async function sendBytes(
  stream: Stream,
  bytes: Uint8Array | Uint8ArrayList,
  signal?: AbortSignal
): Promise<void> {
  signal?.throwIfAborted()
  if (!stream.send(bytes)) {
    await writable(stream, signal)
  }
}

/** Sends one message. @throws when the stream ends or the signal aborts */
export async function sendMessage<T>(
  stream: Stream,
  codec: Codec<T>,
  message: Partial<T>,
  signal?: AbortSignal
): Promise<void> {
  await sendBytes(stream, frame(codec, message), signal)
}

/** Sends the rest, closes our end and lets the other side close its own; resets the stream when that takes long. */
export async function closeStream(stream: Stream): Promise<void> {
  try {
    await stream.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) })
  } catch (error) {
    stream.abort(errorOf(error))
  }
}

/**
 * Does the work until the signal aborts; then resets the stream, which ends the work. A failure of the work resets the
 * stream, too.
 */
export async function inTime<T>(stream: Stream, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const abort = (): void => stream.abort(new Error('it was not done in time'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    stream.abort(errorOf(error))
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * Lends the stream's data to the borrower, for the time of each call, instead of `message` events. Data that arrives
 * while the stream is paused still comes as events, and so does all data of streams that cannot lend.
 */
export function borrowBytes(stream: Stream, borrower: (bytes: Uint8Array) => void): void {
  if ('lendTo' in stream && typeof stream.lendTo === 'function') {
    stream.lendTo(borrower)
  }
}

/**
 * Whether the stream copies what it sends before that has left its write buffer. Other muxers, and listeners that watch
 * what is sent, may refer to the bytes for longer.
 */
export function copiesWhatItSends(stream: Stream): boolean {
  return 'copiesWhatItSends' in stream && stream.copiesWhatItSends === true && !Object.hasOwn(stream, 'send')
}

/** Like the stream's own iterator, but with the stream paused while the consumer is at work. */
async function* readBytes(stream: Stream): AsyncGenerator<Uint8Array | Uint8ArrayList> {
  const arrived: (Uint8Array | Uint8ArrayList)[] = []
  let ended = stream.remoteWriteStatus === 'closed' && stream.readBufferLength === 0
  let failure: Error | undefined
  let wake: (() => void) | undefined
  let resuming = false

  const pause = (): void => {
    if (stream.readStatus === 'readable') {
      stream.pause()
    }
  }
  const onMessage = (event: StreamMessageEvent): void => {
    arrived.push(event.data)
    if (!resuming) {
      pause()
    }
    wake?.()
  }
  // resume() delivers the buffered data and only then tells the muxer: a pause from within would be undone by that.
  const resume = (): void => {
    resuming = true
    try {
      stream.resume()
    } catch (error) {
      // The transport is gone; what had arrived before still has to be read.
      if (arrived.length === 0) {
        throw error
      }
    } finally {
      resuming = false
    }
    if (arrived.length > 0) {
      pause()
    }
  }
  const onEnd = (): void => {
    ended = true
    wake?.()
  }
  const onClose = (event: StreamCloseEvent): void => {
    failure = event.error
    onEnd()
  }
  stream.addEventListener('message', onMessage)
  stream.addEventListener('end', onEnd)
  stream.addEventListener('close', onClose)
  try {
    while (true) {
      const bytes = arrived.shift()
      if (bytes !== undefined) {
        yield bytes
        continue
      }
      if (stream.readStatus === 'paused') {
        resume()
      }
      if (arrived.length > 0) {
        continue
      }
      if (failure !== undefined) {
        throw failure
      }
      if (ended || stream.readableEnded) {
        return
      }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      wake = undefined
    }
  } finally {
    stream.removeEventListener('message', onMessage)
    stream.removeEventListener('end', onEnd)
    stream.removeEventListener('close', onClose)
  }
}

/**
 * Waits until the stream has sent its buffer.
 *
 * Not `stream.onDrain()`: in @libp2p/utils 7.4 its promise is made once and stays resolved after the first drain.
 */
async function writable(stream: Stream, signal: AbortSignal | undefined): Promise<void> {
  while (stream.writableNeedsDrain && stream.writeStatus === 'writable') {
    await new Promise<void>((resolve, reject) => {
      const settle = (end: () => void): void => {
        stream.removeEventListener('drain', onDrain)
        stream.removeEventListener('close', onClose)
        signal?.removeEventListener('abort', onAbort)
        end()
      }
      const onDrain = (): void => settle(resolve)
      const onClose = (event: StreamCloseEvent): void =>
        settle(() => reject(event.error ?? new Error('the stream was closed')))
      const onAbort = (): void => settle(() => reject(signal?.reason))
      stream.addEventListener('drain', onDrain)
      stream.addEventListener('close', onClose)
      signal?.addEventListener('abort', onAbort)
    })
  }
}
