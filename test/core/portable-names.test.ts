/** Names that not every system can store, and what they become. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { foldName, nameProblem, portableName } from '#potluck/core/names.js'
import { nameProblems, portableNames } from '#potluck/core/portable-names.js'
import { fc } from '../fixtures/properties.js'

/** Many names that some system cannot store, and many that differ only slightly. */
const piece = fc.constantFrom(
  ...[
    'a',
    'A',
    'b',
    '\u00e9',
    'e\u0301',
    '.',
    ' ',
    '?',
    ':',
    '\\',
    '*',
    '\u0001',
    '\u202e',
    '\u200d',
    '\ud800'
  ],
  ...['con', 'NUL', '.txt', 'x'.repeat(130), '\u{1f980}', '_', '~2']
)
const name = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''))
const names = fc.uniqueArray(fc.oneof(name, fc.string({ minLength: 1, unit: 'binary' })), { maxLength: 12 })

describe('a portable name', () => {
  for (const [original, portable] of [
    ['plain.txt', 'plain.txt'],
    ['what?', 'what_'],
    ['a:b*c.txt', 'a_b_c.txt'],
    ['NUL', 'NUL_'],
    ['nul.tar.gz', 'nul_.tar.gz'],
    ['end. ', 'end__'],
    [' start', '_start'],
    ['line\nbreak', 'line_break'],
    ['\u202egpj.exe', '_gpj.exe'],
    ['..', '__'],
    [`${'n'.repeat(300)}.jpeg`, `${'n'.repeat(250)}.jpeg`],
    ['\u{1f980}'.repeat(64), '\u{1f980}'.repeat(63)]
  ] as const) {
    it(`of ${JSON.stringify(original).slice(0, 40)} is ${JSON.stringify(portable).slice(0, 40)}`, () => {
      assert.equal(portableName(original), portable)
    })
  }

  it('can be stored by every system, and is its own portable name', () => {
    fc.assert(
      fc.property(fc.oneof(name, fc.string({ unit: 'binary' })), (original) => {
        const portable = portableName(original)
        assert.equal(nameProblem(portable), undefined, JSON.stringify([original, portable]))
        assert.equal(portableName(portable), portable)
        assert.ok(nameProblem(original) !== undefined || portable === original, 'one that can stay stays')
      }),
      { numRuns: 2000 }
    )
  })
})

describe('the portable names of a folder', () => {
  it('keeps names that can stay, and gives no other of them', () => {
    const chosen = portableNames([
      'a?',
      'a_',
      'a:',
      'README',
      'readme',
      'ReadMe',
      'x~2?',
      'photo?.jpg',
      'photo_.jpg'
    ])
    assert.deepEqual(Object.fromEntries(chosen), {
      README: 'README',
      a_: 'a_',
      'photo_.jpg': 'photo_.jpg',
      ReadMe: 'ReadMe~2',
      'a:': 'a_~2',
      'a?': 'a_~3',
      'photo?.jpg': 'photo_~2.jpg',
      readme: 'readme~3',
      'x~2?': 'x~2_'
    })
  })

  it('are different on every system, the same in any order, and stay what they are', () => {
    fc.assert(
      fc.property(names, fc.nat(), (all, turn) => {
        const chosen = portableNames(all)
        const portable = [...chosen.values()]
        assert.deepEqual([...chosen.keys()].sort(), [...all].sort())
        assert.equal(new Set(portable.map(foldName)).size, all.length, 'no two meet')
        for (const one of portable) {
          assert.equal(nameProblem(one), undefined, JSON.stringify(one))
        }
        const at = turn % (all.length + 1)
        assert.deepEqual(
          new Map([...portableNames([...all.slice(at), ...all.slice(0, at)].reverse())]),
          chosen
        )
        assert.deepEqual(
          [...portableNames(portable)].filter(([from, to]) => from !== to),
          []
        )
        const good = all.filter((one) => !nameProblems(all).has(one))
        assert.deepEqual(
          good.filter((one) => chosen.get(one) !== one),
          [],
          'what can stay stays'
        )
      }),
      { numRuns: 1000 }
    )
  })

  it('have their problems named, all of them', () => {
    assert.deepEqual(
      [...nameProblems(['fine', 'what?', 'README', 'readme', 'nul'])].map(
        ([of, problem]) => `${of}: ${problem}`
      ),
      [
        'nul: its name has a part that Windows keeps for devices',
        'readme: some systems take its name for the same as README',
        'what?: its name has one of the characters < > : " | ? * \\ /'
      ]
    )
  })
})
