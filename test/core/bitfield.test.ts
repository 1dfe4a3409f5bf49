import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { fc } from '../fixtures/properties.js'

const steps = fc.integer({ min: 0, max: 100 }).chain((length) =>
  fc.record({
    length: fc.constant(length),
    indices: fc.array(fc.integer({ min: 0, max: Math.max(0, length - 1) }), {
      maxLength: length === 0 ? 0 : 300
    })
  })
)

describe('bitfield', () => {
  it('is a set of chunk indices, whatever is added and deleted', () => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.boolean()), ({ length, indices }, adds) => {
        const bitfield = new Bitfield(length)
        const model = new Set<number>()
        for (const index of indices) {
          if (adds.next().value === true) {
            assert.equal(bitfield.add(index), !model.has(index))
            model.add(index)
          } else {
            assert.equal(bitfield.delete(index), model.delete(index))
          }
        }
        assert.deepEqual(
          [...bitfield.held()],
          [...model].sort((a, b) => a - b)
        )
        assert.equal(bitfield.count, model.size)
        assert.equal(bitfield.complete, model.size === length)
      })
    )
  })

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(steps, ({ length, indices }) => {
        const bitfield = new Bitfield(length)
        for (const index of indices) {
          bitfield.add(index)
        }
        const back = Bitfield.fromBytes(bitfield.toBytes(), length)
        assert.deepEqual([...back.held()], [...bitfield.held()])
        assert.equal(back.count, bitfield.count)
      })
    )
  })

  it('fault 31: refuses bytes of the wrong length and claims past the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 80 }), fc.uint8Array({ maxLength: 12 }), (length, bytes) => {
        const fits = bytes.byteLength === Math.ceil(length / 8)
        const past = bytes.some((byte, at) =>
          [...Array(8).keys()].some((bit) => (byte & (0x80 >> bit)) !== 0 && at * 8 + bit >= length)
        )
        const read = (): Bitfield => Bitfield.fromBytes(bytes, length)
        if (fits && !past) {
          assert.deepEqual(read().toBytes(), Uint8Array.from(bytes))
        } else {
          assert.throws(read, RangeError)
        }
      })
    )
  })

  it('refuses indices that the file does not have', () => {
    const bitfield = Bitfield.full(9)
    for (const index of [-1, 9, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => bitfield.add(index), RangeError)
      assert.throws(() => bitfield.delete(index), RangeError)
      assert.equal(bitfield.has(index), false)
    }
    assert.ok(bitfield.complete)
  })
})
