/**
 * The handshake of a connection, by @chainsafe/libp2p-noise, and the two keys that come of it.
 *
 * The package makes a connection of its own out of them. It is left alone: the handshake runs on a stand-in for the
 * connection below, and what the package would encrypt with is seen at the primitives that it lets a caller bring.
 */
import type { ICryptoInterface } from '@chainsafe/libp2p-noise'
import type { MessageStream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { AbstractMessageStream, type SendResult } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'

/** What both sides share when the handshake is done: a key each way. */
export interface SessionKeys {
  sending: Uint8Array
  receiving: Uint8Array
}

/** Notes the keys that a handshake ends with, and says so at once. */
export class KeyNote {
  readonly crypto: ICryptoInterface
  /** As they are derived: the initiator's first. */
  #keys: [Uint8Array, Uint8Array] | undefined

  constructor(crypto: ICryptoInterface, onKeys: () => void) {
    this.crypto = {
      ...crypto,
      getHKDF: (chainingKey, inputKey) => {
        const keys = crypto.getHKDF(chainingKey, inputKey)
        // Noise's `Split()`, the last step of a handshake, is the only one that mixes in nothing.
        if (inputKey.byteLength === 0) {
          this.#keys = [keys[0], keys[1]]
          onKeys()
        }
        return keys
      }
    }
  }

  /** @throws Error when the handshake did not derive any */
  keysOf(isInitiator: boolean): SessionKeys {
    if (this.#keys === undefined) {
      throw new Error('the handshake ended without keys')
    }
    const [ofInitiator, ofResponder] = this.#keys
    return isInitiator
      ? { sending: ofInitiator, receiving: ofResponder }
      : { sending: ofResponder, receiving: ofInitiator }
  }
}

/** Stands for the connection below while the handshake lasts. What comes after it is kept. */
export class HandshakeStream extends AbstractMessageStream {
  readonly #connection: MessageStream
  readonly #rest = new Uint8ArrayList()
  #isOver = false

  constructor(connection: MessageStream) {
    const { log, inactivityTimeout, maxReadBufferLength, direction } = connection
    super({ log, inactivityTimeout, maxReadBufferLength, direction })
    this.#connection = connection
    connection.addEventListener('message', this.#onMessage)
    connection.addEventListener('drain', this.#onDrain)
    connection.addEventListener('close', this.#onClose)
  }

  /** From now on nothing is handed out. */
  end(): void {
    this.#isOver = true
  }

  /** Leaves the connection below. @returns what came after the handshake */
  detach(): Uint8ArrayList {
    this.end()
    this.#connection.removeEventListener('message', this.#onMessage)
    this.#connection.removeEventListener('drain', this.#onDrain)
    this.#connection.removeEventListener('close', this.#onClose)
    return this.#rest
  }

  /** What was read and belongs to whoever comes next. */
  override unshift(data: Uint8Array | Uint8ArrayList): void {
    this.#rest.prepend(data)
  }

  override sendData(data: Uint8ArrayList): SendResult {
    return { sentBytes: data.byteLength, canSendMore: this.#connection.send(data) }
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

  override async close(): Promise<void> {
    await this.#connection.close()
  }

  readonly #onMessage = ({ data }: StreamMessageEvent): void => {
    if (this.#isOver) {
      this.#rest.append(data)
    } else {
      this.onData(data)
    }
  }

  readonly #onDrain = (): void => {
    this.safeDispatchEvent('drain')
  }

  readonly #onClose = ({ error }: StreamCloseEvent): void => this.onTransportClosed(error)
}
