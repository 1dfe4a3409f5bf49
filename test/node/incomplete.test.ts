/** The sentence that a run ends with when something is missing for good. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Incomplete, incompleteError, type MissingContent } from '#potluck/node/incomplete.js'

function missing(origin: string, file: string, unreadableAt: readonly string[] = []): MissingContent {
  return { file: `${origin}/${file}`, chunkCount: 2, allChunkCount: 5, origin, unreadableAt }
}

function ending(changes: Partial<Incomplete>): [code: string, message: string] {
  const all = { missing: [missing('ann', 'a'), missing('ben', 'b')], apart: [], banned: [], relayed: false }
  const { code, message } = incompleteError({ ...all, ...changes })
  return [code, message]
}

describe('a run that ends without everything', () => {
  it('fault 18: names the files, the chunks and the origins', () => {
    const [code, message] = ending({})
    assert.equal(code, 'INCOMPLETE')
    assert.match(message, /ann\/a \(2 of 5 chunks, from ann\), ben\/b \(2 of 5 chunks, from ben\)/)
  })

  it('fault 20: names the liar where it was the origin of what is missing, and its files alone', () => {
    const [code, message] = ending({ banned: ['ann'] })
    assert.equal(code, 'INTEGRITY')
    assert.match(message, /^ann sent corrupt data of ann\/a, and no other peer has/)
    assert.equal(ending({ banned: ['cyd'] })[0], 'INCOMPLETE', 'who has nothing of it is not why')
  })

  it('fault 8: names where a file can be read no more', () => {
    const [, message] = ending({ missing: [missing('ann', 'a', ['ann']), missing('ben', 'b')] })
    assert.match(message, /: ann\/a changed or became unreadable at ann since it was shared/)
  })

  it('fault 22: names from whom nothing comes, and for how long', () => {
    const [, message] = ending({ silent: { names: ['ann'], stillMs: 31_000 } })
    assert.match(message, /^no data arrived for 31 s .*, although ann offered it/)
  })
})
