import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyTo } from '#potluck/core/shared-copy.js'
import { bytesOf } from '../fixtures/bytes.js'
import { fc } from '../fixtures/properties.js'

const SIZE = 80_000
const bytes = bytesOf(SIZE, 'copied')

for (const Memory of [ArrayBuffer, SharedArrayBuffer]) {
  test(`bytes of any place and length are copied to any place of an ${Memory.name}, and nothing beside them`, () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.oneof(fc.nat(40), fc.nat(70_000)),
        fc.nat(20),
        fc.nat(40),
        (from, byteLength, begin, offset) => {
          const source = bytes.subarray(from, from + byteLength)
          const memory = new Uint8Array(new Memory(SIZE)).fill(7)
          const expected = new Uint8Array(SIZE).fill(7)
          expected.set(source, begin + offset)
          copyTo(memory.subarray(begin), offset, source)
          assert.ok(Buffer.from(expected).equals(memory))
        }
      )
    )
    const small = new Uint8Array(new Memory(64))
    assert.throws(() => copyTo(small, 60, bytes.subarray(3, 9)), RangeError)
  })
}
