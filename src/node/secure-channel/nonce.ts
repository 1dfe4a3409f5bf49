/** Counts the messages of one direction: Noise's nonce of ChaCha20-Poly1305, four zeros and a little-endian number. */
import { NONCE_BYTE_LENGTH } from './aead.ts'

export class Nonce {
  readonly #bytes = new Uint8Array(NONCE_BYTE_LENGTH)
  readonly #view = new DataView(this.#bytes.buffer)
  #count = 0

  /** The next one, lent until the one after it. None occurs twice. */
  next(): Uint8Array {
    // A number counts exactly to 2^53; at a million messages per second that is 285 years.
    this.#view.setUint32(4, this.#count, true)
    this.#view.setUint32(8, this.#count / 2 ** 32, true)
    this.#count++
    return this.#bytes
  }
}
