/** Which paths patterns mean. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matcherOf, patternProblem } from '#potluck/core/path-patterns.js'
import { fc } from '../fixtures/properties.js'

const PATHS = [
  'ann/a.iso',
  'ann/photos/1.jpg',
  'ann/photos/old/2.JPG',
  'ben/a.iso',
  'ben/photos',
  'ben/empty/'
]

const part = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(...'abcAB019 -_#[]{}()+$^~éñ雪') })
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

/** The path itself, as a pattern. */
function escaped(text: string): string {
  return `/${text.replaceAll(/[\\[\]*?!#]/g, '\\$&').replaceAll(/ /g, '\\ ')}`
}

describe('path patterns', () => {
  const table: [what: string, patterns: string[], meant: string[]][] = [
    ['nothing', [], []],
    ['a kind of file, anywhere', ['*.iso'], ['ann/a.iso', 'ben/a.iso']],
    ['all of a peer', ['/ann/'], ['ann/a.iso', 'ann/photos/1.jpg', 'ann/photos/old/2.JPG']],
    ['a folder, not a file of its name', ['photos/'], ['ann/photos/1.jpg', 'ann/photos/old/2.JPG']],
    ['what the last pattern does not take back', ['*.iso', '!/ben/*'], ['ann/a.iso']],
    ['any depth', ['ann/**/*.JPG'], ['ann/photos/old/2.JPG']],
    ['an empty folder', ['ben/empty/'], ['ben/empty/']],
    ['everything', ['*'], PATHS]
  ]
  for (const [what, patterns, meant] of table) {
    it(`mean ${what}: ${patterns.join(', ')}`, () => {
      assert.deepEqual(PATHS.filter(matcherOf(patterns)), meant)
    })
  }

  it('mean the path itself and nothing else where all that is special is escaped', () => {
    fc.assert(
      fc.property(path, path, (one, other) => {
        const matches = matcherOf([escaped(one)])
        assert.ok(matches(one))
        assert.equal(matches(other), other === one || other.startsWith(`${one}/`))
      })
    )
  })

  it('of any kind have a problem or an answer, and never an exception', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), path, (pattern, path) => {
        if (patternProblem(pattern) === undefined) {
          assert.equal(typeof matcherOf([pattern])(path), 'boolean')
        }
      }),
      { numRuns: 1000 }
    )
  })

  it('have a problem where they would mean nothing', () => {
    for (const pattern of ['', ' ', '!', '! ', '# all', 'a\nb', 'a\0', 'x'.repeat(5000)]) {
      assert.notEqual(patternProblem(pattern), undefined, JSON.stringify(pattern))
    }
    for (const pattern of ['a', '\\#a', '!a', '*', '[', '\\', 'a b']) {
      assert.equal(patternProblem(pattern), undefined, pattern)
    }
  })
})
