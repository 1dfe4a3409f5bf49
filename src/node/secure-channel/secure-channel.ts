/**
 * An encrypted connection, from the end of its handshake on: messages of Noise with ChaCha20-Poly1305.
 *
 * For libp2p it is an ordinary message stream. In addition it has an interface for a muxer that knows it, which
 * allocates nothing for the bytes that pass: `write` encrypts parts from anywhere in memory into one message, and
 * `deliverTo` lends the decrypted bytes in place.
 */
import {
  type AbortOptions,
  type MessageStream,
  type StreamCloseEvent,
  StreamMessageEvent,
  StreamStateError
} from '@libp2p/interface'
import { AbstractMessageStream, type SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { type Aead, TAG_BYTE_LENGTH } from './aead.ts'
import type { SessionKeys } from './handshake.ts'
import { InboundMessages } from './inbound-messages.ts'
import { Nonce } from './nonce.ts'
import { ConnectionOutlet, MAX_WRITE_BYTE_LENGTH, type Outlet, SocketOutlet } from './outlet.ts'
import { type ReadTarget, readTo, socketOf } from './socket-reads.ts'

const LENGTH_BYTE_LENGTH = 2

/** Of Noise's message, which has at most 65,535 bytes. */
const MAX_TEXT_BYTE_LENGTH = 65_535 - TAG_BYTE_LENGTH

/** The overhead of a message besides its text. */
const OVERHEAD_BYTE_LENGTH = LENGTH_BYTE_LENGTH + TAG_BYTE_LENGTH

/** The most text of one write. */
const MAX_WRITE_TEXT_BYTE_LENGTH =
  Math.floor(MAX_WRITE_BYTE_LENGTH / (MAX_TEXT_BYTE_LENGTH + OVERHEAD_BYTE_LENGTH)) * MAX_TEXT_BYTE_LENGTH

/** Receives the decrypted data. */
export interface TextReceiver {
  /** Is lent the bytes for the time of the call. @throws Error when the other side may not send this */
  receive(bytes: Uint8Array): void
  /** The error that it threw: the channel ends next. */
  fail(error: Error): void
}

export interface SecureChannelInit {
  connection: MessageStream
  keys: SessionKeys
  aead: Aead
  /** Data that arrived already after the handshake. */
  rest: Uint8ArrayList
}

export class SecureChannel extends AbstractMessageStream {
  readonly #connection: MessageStream
  readonly #keys: SessionKeys
  readonly #aead: Aead
  readonly #outlet: Outlet
  readonly #inbound = new InboundMessages((message) => this.#open(message))
  readonly #sendingNonce = new Nonce()
  readonly #receivingNonce = new Nonce()
  #receiver: TextReceiver | undefined

  constructor({ connection, keys, aead, rest }: SecureChannelInit) {
    const { log, inactivityTimeout, maxReadBufferLength, direction } = connection
    super({ log, inactivityTimeout, maxReadBufferLength, direction })
    this.#connection = connection
    this.#keys = keys
    this.#aead = aead
    this.#outlet = this.#newOutlet()
    connection.addEventListener('close', this.#onClose)
    connection.addEventListener('remoteCloseWrite', () => this.onRemoteCloseWrite())
    this.#take(() => {
      for (const bytes of rest) {
        this.#inbound.push(bytes)
      }
    })
    this.#read()
  }

  /** From now on the receiver gets the data, as long as the channel is not paused and holds no earlier data. */
  deliverTo(receiver: TextReceiver): void {
    this.#receiver = receiver
  }

  /**
   * Sends the parts one after another. They are the caller's again when the call returns.
   *
   * @returns whether more may be sent before the next `drain`
   * @throws StreamStateError when the channel is closed for writing
   */
  write(parts: readonly Uint8Array[], byteLength: number): boolean {
    if (this.writeStatus === 'closed') {
      throw new StreamStateError(`Cannot write to a stream that is ${this.writeStatus}`)
    }
    const text = new Parts(parts)
    let isWritable = true
    for (let left = byteLength; left > 0; left -= MAX_WRITE_TEXT_BYTE_LENGTH) {
      isWritable = this.#write(text, Math.min(left, MAX_WRITE_TEXT_BYTE_LENGTH))
    }
    this.writableNeedsDrain = !isWritable
    return isWritable
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const { byteLength } = data
    return { sentBytes: byteLength, canSendMore: this.write([...data], byteLength) }
  }

  override sendReset(error: Error): void {
    this.#connection.abort(error)
  }

  override sendPause(): void {
    this.#connection.pause()
  }

  override sendResume(): void {
    this.#connection.resume()
  }

  override async close(options?: AbortOptions): Promise<void> {
    await this.#connection.close(options)
  }

  #newOutlet(): Outlet {
    const connection = this.#connection
    const socket = socketOf(connection)
    // Someone counts what is sent, as libp2p's metrics do, or part of the handshake has not left yet.
    const isDirect = !Object.hasOwn(connection, 'send') && connection.writeBufferLength === 0
    if (socket !== undefined && isDirect) {
      return new SocketOutlet(socket, () => this.safeDispatchEvent('drain'))
    }
    connection.addEventListener('drain', () => this.safeDispatchEvent('drain'))
    return new ConnectionOutlet(connection)
  }

  #read(): void {
    const connection = this.#connection
    const socket = socketOf(connection)
    if (socket === undefined || connection.readBufferLength > 0) {
      connection.addEventListener('message', ({ data }) => this.#pushAll(data))
      return
    }
    // Listeners of the connection's events, such as the limit on strangers' bytes, still see all incoming data.
    const isWatched = Object.hasOwn(connection, 'dispatchEvent')
    const inbound = this.#inbound
    let space = inbound.space()
    const target: ReadTarget = {
      space: () => {
        space = inbound.space()
        return space
      },
      onRead: (byteLength) => {
        if (isWatched) {
          connection.dispatchEvent(new StreamMessageEvent(space.subarray(0, byteLength)))
        }
        this.#take(() => inbound.onRead(byteLength))
      },
      push: (bytes) => {
        if (isWatched) {
          connection.dispatchEvent(new StreamMessageEvent(bytes))
        }
        this.#pushAll(bytes)
      }
    }
    readTo(socket, target)
  }

  #pushAll(data: Uint8Array | Uint8ArrayList): void {
    this.#take(() => {
      for (const bytes of data instanceof Uint8Array ? [data] : data) {
        this.#inbound.push(bytes)
      }
    })
  }

  /** Data that cannot be handled ends the channel. */
  #take(work: () => void): void {
    try {
      work()
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error))
      this.#receiver?.fail(reason)
      this.abort(reason)
    }
  }

  /** @returns whether to go on */
  #open(message: Uint8Array): boolean {
    if (!this.#aead.open(this.#keys.receiving, this.#receivingNonce.next(), message)) {
      throw new Error('a message that was not encrypted by the other side')
    }
    const text = message.subarray(0, message.byteLength - TAG_BYTE_LENGTH)
    if (this.#receiver !== undefined && this.readStatus === 'readable' && this.readBufferLength === 0) {
      this.#receiver.receive(text)
    } else {
      this.onData(new Uint8Array(text))
    }
    return this.status === 'open' || this.status === 'closing'
  }

  /** Encrypts the next bytes of a text, and sends them at once. */
  #write(text: Parts, byteLength: number): boolean {
    const messages = Math.ceil(byteLength / MAX_TEXT_BYTE_LENGTH)
    const target = this.#outlet.take(byteLength + messages * OVERHEAD_BYTE_LENGTH)
    let offset = 0
    for (let left = byteLength; left > 0; left -= MAX_TEXT_BYTE_LENGTH) {
      offset = this.#seal(text, Math.min(left, MAX_TEXT_BYTE_LENGTH), target, offset)
    }
    return this.#outlet.send(target, offset)
  }

  /** @returns the offset after the message */
  #seal(text: Parts, byteLength: number, target: Uint8Array, offset: number): number {
    const aead = this.#aead
    const messageByteLength = byteLength + TAG_BYTE_LENGTH
    target[offset] = messageByteLength >>> 8
    target[offset + 1] = messageByteLength & 0xff
    const begin = offset + LENGTH_BYTE_LENGTH
    aead.begin(this.#keys.sending, this.#sendingNonce.next())
    for (let done = 0; done < byteLength; ) {
      const part = text.next(byteLength - done)
      aead.add(part, target, begin + done)
      done += part.byteLength
    }
    aead.end(target, begin + byteLength)
    return begin + messageByteLength
  }

  readonly #onClose = ({ error, local }: StreamCloseEvent): void => {
    this.#inbound.end()
    if (error === undefined) {
      this.onTransportClosed()
    } else if (local === true) {
      this.abort(error)
    } else {
      this.onRemoteReset()
    }
  }
}

/** Reads parts from anywhere in memory as one text. */
class Parts {
  readonly #parts: readonly Uint8Array[]
  #index = 0
  #offset = 0

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts
  }

  /** At least one byte, and as many as are contiguous. @throws RangeError at the end */
  next(maxByteLength: number): Uint8Array {
    let part = this.#parts[this.#index]
    while (part !== undefined && this.#offset === part.byteLength) {
      this.#index++
      this.#offset = 0
      part = this.#parts[this.#index]
    }
    if (part === undefined) {
      throw new RangeError('the text is shorter than it was said to be')
    }
    const next = part.subarray(this.#offset, this.#offset + maxByteLength)
    this.#offset += next.byteLength
    return next
  }
}
