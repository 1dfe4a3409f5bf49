/** Whom false bytes are laid to, and from when on nothing is asked of it. */
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
})
