import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { decodeState, encodeState } from '#potluck/store/part-state.js'
import { fc } from '../fixtures/properties.js'

const root = fc.stringMatching(/^[0-9a-f]{64}$/)
const bitfields = fc.array(fc.boolean(), { maxLength: 100 }).map((bits) => {
  const bitfield = new Bitfield(bits.length)
  bits.forEach((held, chunkIndex) => {
    if (held) {
      bitfield.add(chunkIndex)
    }
  })
  return bitfield
})

describe('the state of a part file', () => {
  it('fault 4: comes back as it was written, for its own content only', () => {
    fc.assert(
      fc.property(root, root, bitfields, (own, other, bitfield) => {
        const bytes = encodeState(own, bitfield.toBytes())
        assert.deepEqual(decodeState(bytes, own, bitfield.length)?.toBytes(), bitfield.toBytes())
        assert.equal(decodeState(bytes, other, bitfield.length) !== undefined, own === other)
        assert.equal(decodeState(bytes, own, bitfield.length + 8), undefined)
      })
    )
  })

  it('fault 4: is nothing when a byte of it is another, when it is cut, and when more follows', () => {
    fc.assert(
      fc.property(
        root,
        bitfields,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (own, bitfield, position, change) => {
          const bytes = encodeState(own, bitfield.toBytes())
          const at = position % bytes.byteLength
          const changed = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ change : byte))
          assert.equal(decodeState(changed, own, bitfield.length), undefined)
          assert.equal(decodeState(bytes.subarray(0, at), own, bitfield.length), undefined)
          assert.equal(decodeState(Uint8Array.of(...bytes, change), own, bitfield.length), undefined)
        }
      )
    )
  })

  it('fault 4: is nothing when it is noise', () => {
    fc.assert(
      fc.property(root, fc.uint8Array({ maxLength: 300 }), (own, noise) => {
        assert.equal(decodeState(noise, own, 80), undefined)
      })
    )
  })
})
