import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columnsOf, cutMiddle } from '#potluck/view/columns.js'

test('a long name loses its middle: what a file is stands at its end', () => {
  assert.equal(cutMiddle('ann/film.mkv', 12), 'ann/film.mkv')
  assert.equal(cutMiddle('ann/holidays/2026/film.mkv', 13), 'ann/ho…lm.mkv')
  assert.equal(cutMiddle('ann/film.mkv', 2), 'a…')
  assert.equal(cutMiddle('ann/film.mkv', 0), '')
})

test('of letters that take two columns as many stay as fit, and none is taken apart', () => {
  for (const name of ['漢字漢字漢字漢字', '👩‍👩‍👧‍👦 family 👩‍👩‍👧‍👦', 'e\u0301'.repeat(20)]) {
    for (let width = 0; width < 30; width++) {
      assert.ok(columnsOf(cutMiddle(name, width)) <= width)
    }
  }
  assert.equal(cutMiddle('漢字と仮名', 7), '漢字…名')
})
