/**
 * The handshake of a connection, by @chainsafe/libp2p-noise, and the two keys that it yields.
 *
 * The package makes a connection of its own from the keys. That one is not used: the handshake runs on a stand-in for
 * the underlying connection, and the keys are observed at the primitives that the package lets a caller supply.
 */
import type { ICryptoInterface } from '@chainsafe/libp2p-noise'
import type { MessageStream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { AbstractMessageStream, type SendResult } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'

/** What both sides share when the handshake is done: a key for each direction. */
export interface SessionKeys {
  sending: Uint8Array
  receiving: Uint8Array
}

/** Notes the keys that a handshake ends with, and reports them at once. */
export class KeyNote {
  readonly crypto: ICryptoInterface
  /** As derived: the initiator's first. */
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

/** Stands for the underlying connection while the handshake lasts. Data that arrives after it is kept. */
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

  /** From now on nothing is delivered. */
  end(): void {
    this.#isOver = true
  }

  /** Leaves the underlying connection. @returns the data that arrived after the handshake */
  detach(): Uint8ArrayList {
    this.end()
    this.#connection.removeEventListener('message', this.#onMessage)
    this.#connection.removeEventListener('drain', this.#onDrain)
    this.#connection.removeEventListener('close', this.#onClose)
    return this.#rest
  }

  /** Data that was read and belongs to the next reader. */
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
