/** The function that all shown text passes through. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { printableLines } from '#potluck/core/names.js'
import { headlineText } from '#potluck/dashboard/server/feed.js'
import { progressLine } from '#potluck/view/bars.js'
import { visibleJson } from '#potluck/view/escape.js'

/** One of each kind: control, formatting, line and paragraph separator, and one beyond 16 bits. */
const HIDDEN = ['\u0000', '\u001b', '\u0085', '\u202e', '\u200b', '\ufeff', '\u2028', '\u2029', '\u{e0001}']

describe('escaping', () => {
  it('fault 37: of a text leaves its lines and shows everything else that is invisible', () => {
    assert.equal(printableLines('one\ntwo \u00e9 \u{1f372}'), 'one\ntwo \u00e9 \u{1f372}')
    for (const character of HIDDEN) {
      assert.equal(printableLines(`a${character}b`), `a\\u{${(character.codePointAt(0) ?? 0).toString(16)}}b`)
    }
  })

  it('fault 37: of JSON leaves its value as it is', () => {
    for (const character of HIDDEN) {
      const json = visibleJson(JSON.stringify(`a${character}b`))
      assert.match(json, /^"a\\u[\da-f]{4}(\\u[\da-f]{4})?b"$/)
      assert.equal(JSON.parse(json), `a${character}b`)
    }
  })

  it('fault 37: is done to the names in a line of progress, and to the reason of an end', () => {
    const peer = { name: 'a\u202eb', connected: true, wantedBytes: 10, fetchedBytes: 5 }
    for (const text of [
      progressLine([{ ...peer, complete: false }]),
      progressLine([{ ...peer, complete: true }]),
      headlineText(
        { phase: 'incomplete', expectedPeers: 1, outcome: { reason: 'a\u202eb', results: [] } },
        { fetchedBytes: 0, wantedBytes: 0 },
        []
      )
    ]) {
      assert.match(text, /a\\u\{202e\}b/)
    }
  })
})
