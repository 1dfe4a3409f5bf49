/** ChaCha20-Poly1305 by each implementation, and the check that finds a wrong one. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pureJsCrypto } from '@chainsafe/libp2p-noise'
import { type Aead, nodeAead, openSslAead, TAG_BYTE_LENGTH } from '#potluck/node/secure-channel/aead.js'
import { isRight } from '#potluck/node/secure-channel/aead-test.js'
import { Nonce } from '#potluck/node/secure-channel/nonce.js'
import { fc } from '../../fixtures/properties.js'

const NO_DATA = new Uint8Array()

/** By an implementation other than OpenSSL, which both of ours use. */
function sealNaively(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array {
  return pureJsCrypto.chaCha20Poly1305Encrypt(text, nonce, NO_DATA, key).subarray()
}

const bytes = (byteLength: number) => fc.uint8Array({ minLength: byteLength, maxLength: byteLength })
const message = fc.record({
  key: bytes(32),
  nonce: bytes(12),
  parts: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }),
  offset: fc.nat(20)
})

const IMPLEMENTATIONS: [string, Aead | undefined][] = [
  ['node:crypto', nodeAead()],
  ['OpenSSL', await openSslAead()]
]

for (const [name, aead] of IMPLEMENTATIONS) {
  describe(`ChaCha20-Poly1305 by ${name}`, { skip: aead === undefined }, () => {
    assert.ok(aead !== undefined || name === 'OpenSSL')
    if (aead === undefined) {
      return
    }

    it('encrypts parts as one message, and decrypts it where it lies', () => {
      fc.assert(
        fc.property(message, ({ key, nonce, parts, offset }) => {
          const text = Buffer.concat(parts)
          const expected = sealNaively(key, nonce, text)
          const memory = new Uint8Array(offset + expected.byteLength + 5)
          aead.begin(key, nonce)
          let at = offset
          for (const part of parts) {
            aead.add(part, memory, at)
            at += part.byteLength
          }
          aead.end(memory, at)
          const sealed = memory.subarray(offset, at + TAG_BYTE_LENGTH)
          assert.deepEqual(Buffer.from(sealed), Buffer.from(expected))
          assert.ok(aead.open(key, nonce, sealed))
          assert.deepEqual(Buffer.from(memory.subarray(offset, at)), text)
        })
      )
    })

    it('takes no message that was changed or cut', () => {
      fc.assert(
        fc.property(message, fc.nat(), fc.nat(7), ({ key, nonce, parts }, place, bit) => {
          const sealed = sealNaively(key, nonce, Buffer.concat(parts))
          const changed = Uint8Array.from(sealed)
          const at = place % changed.byteLength
          changed[at] = (changed[at] ?? 0) ^ (1 << bit)
          assert.equal(aead.open(key, nonce, changed), false)
          assert.equal(aead.open(key, nonce, sealed.slice(0, at)), false)
        })
      )
    })

    it('writes nothing where there is no room', () => {
      const [key, nonce, memory] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(64)]
      const place = memory.subarray(0, 20)
      aead.begin(key, nonce)
      assert.throws(() => aead.add(new Uint8Array(21), place, 0), RangeError)
      assert.throws(() => aead.add(new Uint8Array(5), place, 16), RangeError)
      assert.throws(() => aead.end(place, 5), RangeError)
      assert.ok(memory.every((byte) => byte === 0))
    })
  })
}

describe('the check of an implementation', () => {
  const right = nodeAead()
  const wrong: Record<string, Partial<Aead>> = {
    'begins where the memory does': {
      add: (part, target, offset) => right.add(part, new Uint8Array(target.buffer), offset % 3)
    },
    'leaves out the tag': { end: () => undefined },
    'writes behind the tag': {
      end: (target, offset) => {
        right.end(target, offset)
        target[offset + TAG_BYTE_LENGTH] = 0
      }
    },
    'takes every message for genuine': {
      open: (key, nonce, sealed) => right.open(key, nonce, sealed) || true
    },
    'does not decrypt': { open: (key, nonce, sealed) => right.open(key, nonce, Uint8Array.from(sealed)) }
  }

  it('takes a right one', () => {
    assert.ok(isRight(right))
  })

  for (const [what, changes] of Object.entries(wrong)) {
    it(`finds one that ${what}`, () => {
      assert.equal(isRight({ ...right, ...changes }), false)
    })
  }
})

describe('a nonce', () => {
  it('is four zeros and a little-endian count', () => {
    const nonce = new Nonce()
    const hex = Array.from({ length: 258 }, () => Buffer.from(nonce.next()).toString('hex'))
    assert.equal(hex[0], '000000000000000000000000')
    assert.equal(hex[257], '000000000101000000000000')
    assert.equal(new Set(hex).size, hex.length)
  })
})
