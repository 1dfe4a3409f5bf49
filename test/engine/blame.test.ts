/** Which peer is blamed for corrupt bytes, and when others stop asking it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Blame } from '#potluck/engine/blame.js'

describe('who sent false bytes', () => {
  it('fault 19: is banned by the second, not by the first, and told of once; nobody else is', () => {
    const [odd, ann] = [new Blame(), new Blame()]
    assert.equal(odd.add(), false)
    assert.equal(odd.isBanned, false)
    assert.equal(ann.add(), false)
    assert.equal(odd.add(), true)
    assert.equal(odd.add(), false)
    assert.deepEqual([odd.isBanned, ann.isBanned], [true, false])
  })

  it('fault 19: is excused once when its disk spoilt the chunk, and never once it is banned', () => {
    const [honest, liar] = [new Blame(), new Blame()]
    honest.admit()
    honest.add()
    honest.admit()
    assert.equal(honest.add(), false)
    honest.admit()
    assert.equal(honest.add(), true, 'says so each time')
    liar.add()
    liar.add()
    liar.admit()
    assert.equal(liar.isBanned, true)
  })
})
