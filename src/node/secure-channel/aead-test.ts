/**
 * Whether an implementation of ChaCha20-Poly1305 computes correctly in this process: tested once, before it is used.
 */
import { createCipheriv } from 'node:crypto'
import type { Aead } from './aead.ts'

/** Of the empty message, of one block and less, of several, and of the largest message of Noise. */
const BYTE_LENGTHS = [0, 1, 12, 64, 1000, 65_519]

/** Where in its memory a message begins: pointers have to follow that. */
const OFFSET = 3

/** Around the place of a message: none of it may change. */
const MARGIN = 0xa5

const TAG_BYTE_LENGTH = 16

/**
 * Compares with node:crypto: in one part and in several, in memory that begins at any address, and with forged
 * messages.
 */
export function isRight(aead: Aead): boolean {
  return BYTE_LENGTHS.every((byteLength) => isRightFor(aead, byteLength))
}

function isRightFor(aead: Aead, byteLength: number): boolean {
  const key = Uint8Array.from({ length: 32 }, (_, index) => byteLength + 7 * index)
  const nonce = Uint8Array.from({ length: 12 }, (_, index) => byteLength + 5 * index)
  const text = new Uint8Array(byteLength)
  for (let index = 0; index < byteLength; index++) {
    text[index] = index ^ (index >>> 8)
  }
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTE_LENGTH })
  const expected = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])

  const memory = new Uint8Array(OFFSET + expected.byteLength + OFFSET).fill(MARGIN)
  const message = memory.subarray(OFFSET, OFFSET + expected.byteLength)
  const cut = Math.floor(byteLength / 3)
  aead.begin(key, nonce)
  aead.add(text.subarray(0, cut), memory, OFFSET)
  aead.add(text.subarray(cut), memory, OFFSET + cut)
  aead.end(memory, OFFSET + byteLength)
  if (!expected.equals(message) || !hasMargins(memory)) {
    return false
  }
  const isOpened = aead.open(key, nonce, message)
  if (
    !isOpened ||
    !expected.subarray(byteLength).equals(message.subarray(byteLength)) ||
    !hasMargins(memory)
  ) {
    return false
  }
  if (!Buffer.from(text).equals(message.subarray(0, byteLength))) {
    return false
  }
  // One bit of the text or of the tag.
  message.set(expected)
  message[cut] = (message[cut] ?? 0) ^ 1
  return !aead.open(key, nonce, message)
}

function hasMargins(memory: Uint8Array): boolean {
  return [...memory.subarray(0, OFFSET), ...memory.subarray(-OFFSET)].every((byte) => byte === MARGIN)
}
