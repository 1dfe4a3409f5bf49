/** Sets of chunk numbers, against sets. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChunkSet } from '#potluck/engine/chunk-set.js'
import { fc } from '../fixtures/properties.js'

/** Some around the ends of words of 32 bits, which are where bits get lost. */
const chunk = fc.oneof(fc.nat(200), fc.constantFrom(0, 31, 32, 63, 64, 95, 96))
const chunks = fc.uniqueArray(chunk)

function setOf(members: number[]): ChunkSet {
  const set = new ChunkSet()
  for (const member of members) {
    set.add(member)
  }
  return set
}

describe('chunk set', () => {
  it('holds what was added and not taken out again', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ chunk, out: fc.boolean() })), (steps) => {
        const set = new ChunkSet()
        const model = new Set<number>()
        for (const { chunk: member, out } of steps) {
          const isChange = out ? set.delete(member) : set.add(member)
          assert.equal(isChange, out ? model.delete(member) : !model.has(member))
          if (!out) {
            model.add(member)
          }
          assert.equal(set.count, model.size)
        }
        for (let member = 0; member <= 1000; member++) {
          assert.equal(set.has(member), model.has(member))
        }
      })
    )
  })

  it('counts those of a range', () => {
    fc.assert(
      fc.property(chunks, chunk, fc.nat(300), (members, start, end) => {
        const within = members.filter((member) => member >= start && member < end)
        assert.equal(setOf(members).countIn(start, end), within.length)
      })
    )
  })

  it('finds the first that is common with another set', () => {
    fc.assert(
      fc.property(chunks, chunks, chunk, fc.nat(300), (ours, theirs, start, end) => {
        const common = ours.filter((member) => theirs.includes(member) && member >= start && member < end)
        assert.equal(setOf(ours).firstCommon(setOf(theirs), start, end), Math.min(end, ...common))
      }),
      { numRuns: 1000 }
    )
  })
})
