/**
 * ChaCha20-Poly1305 on the caller's memory: encrypts into a reused buffer, and decrypts in place.
 *
 * node:crypto allocates a cipher per message and its output. OpenSSL's own functions, which the process has anyway, do
 * neither; koffi calls them. They get pointers, so each call first checks its buffer's length.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { debuglog } from 'node:util'
import { messageOf } from '../../core/errors.ts'
import { isRight } from './aead-test.ts'

export const KEY_BYTE_LENGTH = 32
export const NONCE_BYTE_LENGTH = 12
export const TAG_BYTE_LENGTH = 16

/** Encrypts one message at a time: `begin`, `add` for each of its parts, `end`. */
export interface Aead {
  /** @param key 32 bytes @param nonce 12 bytes, never used with this key before */
  begin(key: Uint8Array, nonce: Uint8Array): void
  /** Encrypts the next part of the message into `target` from `offset` on. */
  add(part: Uint8Array, target: Uint8Array, offset: number): void
  /** Writes the 16 bytes of the tag into `target` from `offset` on. */
  end(target: Uint8Array, offset: number): void
  /**
   * Decrypts a message, text and tag, in place.
   *
   * @returns whether it is genuine; if not, the bytes are useless
   */
  open(key: Uint8Array, nonce: Uint8Array, message: Uint8Array): boolean
}

const ALGORITHM = 'chacha20-poly1305'
const OPTIONS = { authTagLength: TAG_BYTE_LENGTH }

/** By node:crypto. */
export function nodeAead(): Aead {
  let cipher: ReturnType<typeof newCipher> | undefined
  const begun = (): ReturnType<typeof newCipher> => {
    if (cipher === undefined) {
      throw new Error('no message was begun')
    }
    return cipher
  }
  return {
    begin: (key, nonce) => {
      cipher = newCipher(key, nonce)
    },
    add: (part, target, offset) => target.set(begun().update(part), offset),
    end: (target, offset) => {
      begun().final()
      target.set(begun().getAuthTag(), offset)
      cipher = undefined
    },
    open: (key, nonce, message) => {
      const textByteLength = message.byteLength - TAG_BYTE_LENGTH
      if (textByteLength < 0) {
        return false
      }
      const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS)
      decipher.setAuthTag(message.subarray(textByteLength))
      const text = decipher.update(message.subarray(0, textByteLength))
      try {
        decipher.final()
      } catch {
        return false
      }
      message.set(text)
      return true
    }
  }
}

function newCipher(key: Uint8Array, nonce: Uint8Array) {
  return createCipheriv(ALGORITHM, key, nonce, OPTIONS)
}

/** From <openssl/evp.h>; OpenSSL 1.1 and 3 keep them stable. */
const EVP_CTRL_AEAD_GET_TAG = 0x10
const EVP_CTRL_AEAD_SET_TAG = 0x11

let loading: Promise<Aead> | undefined

/** The fastest implementation in this process that computes correctly. It is determined once. */
export function loadAead(): Promise<Aead> {
  loading ??= openSslAead().then((aead) => aead ?? nodeAead())
  return loading
}

/** Undefined when koffi or OpenSSL's functions are missing, or do not compute correctly. */
export async function openSslAead(): Promise<Aead | undefined> {
  try {
    const aead = await bindOpenSsl()
    if (isRight(aead)) {
      return aead
    }
    debuglog('potluck')('OpenSSL encrypts wrongly when koffi calls it; node:crypto does it')
  } catch (error) {
    debuglog('potluck')('node:crypto encrypts, in more time: %s', messageOf(error))
  }
  return undefined
}

async function bindOpenSsl(): Promise<Aead> {
  const { load } = await import('koffi')
  const library = load(null)
  const newContext = library.func('void *EVP_CIPHER_CTX_new()')
  const chacha20Poly1305 = library.func('void *EVP_chacha20_poly1305()')
  const init = library.func(
    'int EVP_CipherInit_ex(void *, void *, void *, const uint8_t *, const uint8_t *, int)'
  )
  const update = library.func('int EVP_CipherUpdate(void *, uint8_t *, int *, const uint8_t *, int)')
  const final = library.func('int EVP_CipherFinal_ex(void *, uint8_t *, int *)')
  const control = library.func('int EVP_CIPHER_CTX_ctrl(void *, int, int, uint8_t *)')

  // One context for each direction for the whole process: a message sets its key, so no connection has a context to
  // free.
  const [sealing, opening, cipher] = [newContext(), newContext(), chacha20Poly1305()]
  const anyKey = new Uint8Array(KEY_BYTE_LENGTH)
  const anyNonce = new Uint8Array(NONCE_BYTE_LENGTH)
  const written = new Int32Array(1)
  // The output of `final`, which is empty for a stream cipher.
  const nothing = new Uint8Array(TAG_BYTE_LENGTH)
  const ensure = (isDone: boolean): void => {
    if (!isDone) {
      throw new Error('OpenSSL refuses to encrypt')
    }
  }
  const checkParameters = (key: Uint8Array, nonce: Uint8Array): void => {
    if (key.byteLength !== KEY_BYTE_LENGTH || nonce.byteLength !== NONCE_BYTE_LENGTH) {
      throw new RangeError(`a key of ${key.byteLength} bytes and a nonce of ${nonce.byteLength}`)
    }
  }
  ensure(init(sealing, cipher, null, anyKey, anyNonce, 1) === 1)
  ensure(init(opening, cipher, null, anyKey, anyNonce, 0) === 1)
  return {
    begin: (key, nonce) => {
      checkParameters(key, nonce)
      ensure(init(sealing, null, null, key, nonce, 1) === 1)
    },
    add: (part, target, offset) => {
      const { byteLength } = part
      if (byteLength > 0) {
        const place = placeIn(target, offset, byteLength)
        ensure(update(sealing, place, written, part, byteLength) === 1 && written[0] === byteLength)
      }
    },
    end: (target, offset) => {
      const place = placeIn(target, offset, TAG_BYTE_LENGTH)
      ensure(final(sealing, nothing, written) === 1)
      ensure(control(sealing, EVP_CTRL_AEAD_GET_TAG, TAG_BYTE_LENGTH, place) === 1)
    },
    open: (key, nonce, message) => {
      checkParameters(key, nonce)
      const textByteLength = message.byteLength - TAG_BYTE_LENGTH
      if (textByteLength < 0) {
        return false
      }
      const tag = message.subarray(textByteLength)
      ensure(init(opening, null, null, key, nonce, 0) === 1)
      ensure(control(opening, EVP_CTRL_AEAD_SET_TAG, TAG_BYTE_LENGTH, tag) === 1)
      if (textByteLength > 0) {
        const isDone = update(opening, message, written, message, textByteLength) === 1
        ensure(isDone && written[0] === textByteLength)
      }
      return final(opening, nothing, written) === 1
    }
  }
}

/** @throws RangeError when the target has no room: the callee would write past its end */
function placeIn(target: Uint8Array, offset: number, byteLength: number): Uint8Array {
  if (offset < 0 || offset + byteLength > target.byteLength) {
    throw new RangeError(`${byteLength} bytes at ${offset} of ${target.byteLength}`)
  }
  return target.subarray(offset, offset + byteLength)
}
