/** Whom false bytes are laid to, and from when on nothing is asked of it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Blame } from '#potluck/engine/blame.js'

describe('who sent false bytes', () => {
  it('fault 19: is banned by the second, not by the first, and told of once; nobody else is', () => {
    const blame = new Blame()
    assert.equal(blame.add('odd'), false)
    assert.equal(blame.isBanned('odd'), false)
    assert.equal(blame.add('ann'), false)
    assert.equal(blame.add('odd'), true)
    assert.equal(blame.add('odd'), false)
    assert.deepEqual([blame.isBanned('odd'), blame.isBanned('ann')], [true, false])
    assert.deepEqual(blame.banned, ['odd'])
  })
})
