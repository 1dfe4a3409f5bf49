import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { Md5 } from '#potluck/store/md5/md5.js'
import { Md5Lanes, SLOT_BYTE_LENGTH } from '#potluck/store/md5/md5-lanes.js'

const lanes = new Md5Lanes()

function nodeMd5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

/** Bytes that do not repeat within a block. */
function patterned(byteLength: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, index) => index * 7 + (index >> 8) + seed)
}

describe('MD5', () => {
  // RFC 1321 §A.5.
  const vectors = [
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
    ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a']
  ] as const

  for (const [text, digest] of vectors) {
    it(`of ${JSON.stringify(text)}`, () => {
      const md5 = new Md5(lanes)
      md5.update(Buffer.from(text))
      assert.equal(md5.digest(), digest)
    })
  }

  it('is right for each length around the ends of blocks, alone and beside others', () => {
    for (let byteLength = 0; byteLength <= 3 * 64 + 1; byteLength++) {
      const inputs = [0, 1, 2, 3].map((seed) => ({ md5: new Md5(lanes), bytes: patterned(byteLength, seed) }))
      for (const count of [1, 2, 3, 4]) {
        const some = inputs.slice(0, count).map(({ bytes }) => ({ md5: new Md5(lanes), bytes }))
        Md5.updateTogether(some)
        for (const { md5, bytes } of some) {
          assert.equal(md5.digest(), nodeMd5(bytes), `${byteLength} bytes, ${count} at once`)
        }
      }
    }
  })

  it('goes on after a digest', () => {
    const bytes = patterned(200)
    const md5 = new Md5(lanes)
    md5.update(bytes.subarray(0, 120))
    assert.equal(md5.digest(), nodeMd5(bytes.subarray(0, 120)))
    md5.update(bytes.subarray(120))
    assert.equal(md5.digest(), nodeMd5(bytes))
    assert.equal(md5.digest(), nodeMd5(bytes))
  })

  it('takes what was read into slots, beside what was not, and leaves both as they are', () => {
    const bytes = patterned(SLOT_BYTE_LENGTH)
    const slots = [0, 1, 2].map((index) => lanes.slot(index, SLOT_BYTE_LENGTH - index))
    for (const slot of slots) {
      slot.set(bytes.subarray(0, slot.byteLength))
    }
    for (const outside of [undefined, 0, 2]) {
      const inputs = slots.map((slot, index) => ({
        md5: new Md5(lanes),
        bytes: index === outside ? bytes.subarray(0, slot.byteLength) : slot
      }))
      Md5.updateTogether(inputs)
      for (const { md5, bytes: given } of inputs) {
        assert.equal(md5.digest(), nodeMd5(bytes.subarray(0, given.byteLength)))
        assert.deepEqual(given, bytes.subarray(0, given.byteLength))
      }
    }
  })

  it('takes as much of a slot as there is', () => {
    assert.equal(lanes.slot(2, 0).byteLength, 0)
    assert.equal(lanes.slot(0, 100).byteLength, 100)
    assert.throws(() => lanes.slot(3, 1), RangeError)
    assert.throws(() => lanes.slot(-1, 1), RangeError)
    assert.throws(() => lanes.slot(0, SLOT_BYTE_LENGTH + 1), RangeError)
  })

  it('takes no two inputs of one MD5 at a time', () => {
    const md5 = new Md5(lanes)
    const bytes = patterned(64)
    assert.throws(
      () => Md5.updateTogether([md5, new Md5(lanes), md5].map((each) => ({ md5: each, bytes }))),
      RangeError
    )
    assert.equal(md5.digest(), nodeMd5(new Uint8Array()))
    Md5.updateTogether([])
  })

  it('counts more bits than 32 bits hold', () => {
    // Side by side, of 2^29 zeros and some more, as md5sum tells.
    const digests = [
      [2 ** 29, 'aa559b4e3523a6c931f08f4df52d58f2'],
      [2 ** 29 + 1, 'ea3b62c6b93cb3625a1fd76777985f5a']
    ] as const
    const zeros = lanes.slot(0, SLOT_BYTE_LENGTH).fill(0)
    const md5s = digests.map(() => new Md5(lanes))
    for (let byteLength = 0; byteLength < 2 ** 29; byteLength += SLOT_BYTE_LENGTH) {
      Md5.updateTogether(md5s.map((md5) => ({ md5, bytes: zeros })))
    }
    for (const [index, [byteLength, digest]] of digests.entries()) {
      md5s[index]?.update(zeros.subarray(0, byteLength - 2 ** 29))
      assert.equal(md5s[index]?.digest(), digest)
    }
  })
})
