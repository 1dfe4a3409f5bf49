import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  foldName,
  nameProblem,
  pathProblem,
  peerNameProblem,
  printable,
  printableLines
} from '#potluck/core/names.js'

const PERSIAN = '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.txt'
const FAMILY = '\u{1f468}\u{1f3fd}\u200d\u{1f469}\u200d\u{1f467} \u2764\ufe0f\u200d\u{1f525}.jpg'

describe('names', () => {
  const refused: [string, string[]][] = [
    ['steps and emptiness', ['', '.', '..']],
    ['separators', ['a/b', 'a\\b']],
    ['what Windows reserves', ['a<b', 'a>b', 'a:b', 'a"b', 'a|b', 'a?b', 'a*b', 'C:', 'file:stream']],
    ['ends that Windows drops', ['a.', 'a ', ' a', '...', ' ']],
    [
      'devices',
      ['con', 'CON', 'nul.txt', 'Aux', 'com1', 'LPT9.tar.gz', 'com\u00b9', 'conin$', 'CONOUT$', 'prn']
    ],
    ['control characters', ['a\0b', 'a\nb', '\u001b[2J', '\u007f', '\u0085']],
    ['the invisible', ['a\u202eb', 'a\u200bb', '\ufeff', 'a\u2028b', 'a\u2029b', '\ud800', '\udc00a']],
    [
      'joiners with nothing else, or beside what is refused without them',
      ['\u200d', '\u200c.', '.\u200d.', 'co\u200dn']
    ],
    ['what is too long', ['a'.repeat(256), '\u00e9'.repeat(128), '\u{1f372}'.repeat(64)]]
  ]
  for (const [what, names] of refused) {
    it(`fault 34: refuses ${what}`, () => {
      for (const name of names) {
        assert.notEqual(nameProblem(name), undefined, JSON.stringify(name))
      }
    })
  }

  it('fault 43: takes everything else', () => {
    const names = [
      'a',
      '.hidden',
      'a b',
      'a.b.c',
      '...a',
      'common',
      'com10',
      'nulle',
      'r\u00e9sum\u00e9',
      '\u{1f372}',
      '~',
      '-rf',
      '$HOME',
      '%2e%2e',
      'a\ufffdb',
      PERSIAN,
      FAMILY,
      'Auf\u200clage'
    ]
    for (const name of [...names, 'a'.repeat(255), '\u00e9'.repeat(127)]) {
      assert.equal(nameProblem(name), undefined, name)
    }
  })

  it('fault 34: takes a path when it takes every part of it, and not more than a system can hold', () => {
    assert.equal(pathProblem('a/b/c'), undefined)
    for (const path of ['', '/', '/a', 'a/', 'a//b', 'a/../b', './a', 'a/con/b', `${'a/'.repeat(1024)}a`]) {
      assert.notEqual(pathProblem(path), undefined, path)
    }
  })

  it('fault 41: takes no path of which every member would have to keep a thousand folders', () => {
    assert.equal(pathProblem(`${'a/'.repeat(63)}a`), undefined)
    assert.equal(pathProblem(`${'a/'.repeat(64)}a`), 'more than 64 parts')
  })

  it('fault 34: takes as a peer’s name what can be a folder and the beginning of a log’s name', () => {
    assert.equal(peerNameProblem('ann'), undefined)
    assert.equal(peerNameProblem('a'.repeat(64)), undefined)
    for (const name of ['a'.repeat(65), '.potluck', '.POTLUCK', '.pot\u200cluck', 'a/b', '..']) {
      assert.notEqual(peerNameProblem(name), undefined, name)
    }
  })

  it('fault 35: folds what one system or another takes for the same, and nothing else', () => {
    const same: [string, string][] = [
      ['README', 'readme'],
      ['\u00e9', 'e\u0301'],
      ['stra\u00dfe', 'STRASSE'],
      ['\ufb01le', 'file'],
      ['stra\u1e9ee', 'strasse'],
      ['\u0390', '\u03aa\u0301'],
      ['\u03c2', '\u03a3'],
      ['\u0645\u06cc\u062e\u0648\u0627\u0647\u0645.txt', PERSIAN],
      ['ann', 'an\u200dn']
    ]
    for (const [one, other] of same) {
      assert.equal(foldName(one), foldName(other), one)
    }
    assert.notEqual(foldName('a'), foldName('b'))
    assert.notEqual(foldName('e'), foldName('\u00e9'))
  })

  it('fault 37: shows what could move a cursor or hide text as an escape, and cuts what is long', () => {
    assert.equal(printable('plain \u00e9 \u{1f372}'), 'plain \u00e9 \u{1f372}')
    assert.equal(printable('\u001b[2J\n\u202e'), '\\u{1b}[2J\\u{a}\\u{202e}')
    assert.equal(printable('a'.repeat(301)), `${'a'.repeat(300)}…`)
  })

  it('fault 43: shows joiners between what they join, and as an escape where they only hide a difference', () => {
    for (const text of [PERSIAN, FAMILY, '\u0915\u094d\u200d\u0937']) {
      assert.equal(printable(text), text)
      assert.equal(printableLines(`${text}\n${text}`), `${text}\n${text}`)
    }
    assert.equal(printable('an\u200dn'), 'an\\u{200d}n')
    assert.equal(printable('\u200da'), '\\u{200d}a')
    assert.equal(printable('\u{1f468}\u200d\u200d\u{1f469}'), '\u{1f468}\u200d\\u{200d}\u{1f469}')
    assert.equal(printable('\u0432\u200c'), '\u0432\\u{200c}')
  })
})
