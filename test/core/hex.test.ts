import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex, toHex } from '#potluck/core/hex.js'
import { fc } from '../fixtures/properties.js'

test('bytes become hexadecimal, and bytes again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = toHex(bytes)
      assert.equal(text, Buffer.from(bytes).toString('hex'))
      assert.deepEqual(fromHex(text), Uint8Array.from(bytes))
    })
  )
})

test('what is not hexadecimal is refused', () => {
  for (const text of ['0', 'abc', '0g', 'AB', ' 0', '0x10', '1é']) {
    assert.throws(() => fromHex(text), RangeError, text)
  }
})
