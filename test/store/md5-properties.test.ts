import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { Md5 } from '#potluck/store/md5/md5.js'
import { Md5Lanes, plainMd5, SLOT_BYTE_LENGTH } from '#potluck/store/md5/md5-lanes.js'
import { instantiateMd5, LANE_COUNT } from '#potluck/store/md5/md5-module.js'
import { fc } from '../fixtures/properties.js'

const MAX_BYTE_LENGTH = 400 * 1024

/** Each input is a part of it, so that inputs of any length are made quickly. */
const noise = createHash('shake128', { outputLength: 2 * MAX_BYTE_LENGTH })
  .update('noise')
  .digest()

const byteLength = fc.oneof(
  { weight: 3, arbitrary: fc.nat(300) },
  { weight: 2, arbitrary: fc.nat(40).chain((blocks) => fc.constantFrom(64 * blocks, 4096 * blocks)) },
  { weight: 1, arbitrary: fc.nat(MAX_BYTE_LENGTH) }
)

/** The input of one MD5 in a call: bytes at some place of the noise, through its slot or not. */
const input = fc.record({ byteOffset: fc.nat(MAX_BYTE_LENGTH), byteLength, inSlot: fc.boolean() })

/** Of five MD5s, those that take something in a call; more than there are lanes. */
const call = fc.array(fc.option(input, { nil: undefined }), { minLength: 1, maxLength: 5 })

for (const make of [instantiateMd5, plainMd5]) {
  test(`fault 55: MD5 by ${make.name} is that of node:crypto, side by side and in whatever parts`, () => {
    const lanes = new Md5Lanes(make)
    fc.assert(
      fc.property(fc.array(call, { maxLength: 6 }), (calls) => {
        const md5s = Array.from({ length: 5 }, () => new Md5(lanes))
        const hashes = md5s.map(() => createHash('md5'))
        for (const inputs of calls) {
          Md5.updateTogether(
            inputs.flatMap((one, index) => {
              const [md5, hash] = [md5s[index], hashes[index]]
              if (one === undefined || md5 === undefined || hash === undefined) {
                return []
              }
              const bytes = noise.subarray(one.byteOffset, one.byteOffset + one.byteLength)
              hash.update(bytes)
              if (!one.inSlot || index >= LANE_COUNT || bytes.byteLength > SLOT_BYTE_LENGTH) {
                return [{ md5, bytes }]
              }
              const slot = lanes.slot(index, bytes.byteLength)
              slot.set(bytes)
              return [{ md5, bytes: slot }]
            })
          )
        }
        assert.deepEqual(
          md5s.map((md5) => md5.digest()),
          hashes.map((hash) => hash.digest('hex'))
        )
      }),
      { numRuns: make === instantiateMd5 ? 300 : 50 }
    )
  })
}
