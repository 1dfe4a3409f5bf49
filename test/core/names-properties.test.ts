import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { foldName, nameProblem, pathProblem, printable } from '#potluck/core/names.js'
import { hostilePath } from '../../bench/torture/hostile-names.js'
import { fc } from '../fixtures/properties.js'

describe('names', () => {
  it('fault 37: shows nothing that could move a cursor, hide or reorder text', () => {
    fc.assert(
      fc.property(fc.oneof(hostilePath, fc.string({ unit: 'binary' })), (text) => {
        assert.doesNotMatch(printable(text), /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u)
        assert.doesNotMatch(printable(text), /(?:^|\u200c|\u200d|\p{ASCII})(?:\u200c|\u200d)/u)
        assert.ok(printable(text).length <= 300 * '\\u{10ffff}'.length + 1)
      })
    )
  })

  it('shows a name that it takes as it is, but for joiners where they join nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        fc.pre(nameProblem(name) === undefined)
        assert.equal(
          printable(name).replace(/\\u\{200([cd])\}/g, (_, end) => (end === 'c' ? '\u200c' : '\u200d')),
          name
        )
      })
    )
  })

  it('fault 34: takes a path exactly when it takes its parts and its length', () => {
    fc.assert(
      fc.property(hostilePath, (path) => {
        const names = path.split('/')
        const parts = names.length <= 64 && names.every((name) => nameProblem(name) === undefined)
        assert.equal(pathProblem(path) === undefined, parts && Buffer.byteLength(path) <= 2048)
      })
    )
  })

  it('fault 35: folds once for all, and every change of case or form to the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const folded = foldName(name)
        assert.equal(foldName(name.normalize('NFD')), folded)
        assert.equal(foldName(name.normalize('NFC')), folded)
        assert.equal(foldName(name.toUpperCase()), folded)
        assert.equal(foldName(folded), folded)
        assert.equal(foldName([...name].join('\u200d')), folded)
      })
    )
  })
})
