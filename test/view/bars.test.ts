import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BarRow, barRows, progressLine } from '#potluck/view/bars.js'
import { columnsOf } from '#potluck/view/columns.js'
import { COLOURED, PLAIN } from '#potluck/view/style.js'

const MIB = 1024 * 1024
const half: BarRow = {
  name: 'client1',
  doneBytes: 100 * MIB,
  totalBytes: 200 * MIB,
  details: ['5.0 MiB/s', 'from ann, ben']
}
const done: BarRow = {
  name: 'c2',
  doneBytes: 200 * MIB,
  totalBytes: 200 * MIB,
  details: [],
  note: 'complete after 40.1 s',
  kind: 'good'
}
const slow: BarRow = { ...half, name: 'c3', doneBytes: 0, details: ['10.0 KiB/s', 'from cat'] }

function rows(all: BarRow[], width: number, style = PLAIN): string[] {
  return barRows(all, { width, style, numbers: 1 })
}

test('a wide terminal shows name, bar, percents, rate and sources', () => {
  assert.deepEqual(rows([half, done, slow], 100), [
    'client1 ####################--------------------   50 %   5.0 MiB/s  from ann, ben',
    'c2      ########################################  100 %  complete after 40.1 s',
    'c3      ----------------------------------------    0 %  10.0 KiB/s  from cat'
  ])
})

test('a narrow terminal loses the sources first, then the rate, then the bar, then the middle of the name', () => {
  assert.doesNotMatch(rows([half], 40).join(), /from/)
  assert.match(rows([half], 40).join(), /5\.0 MiB\/s/)
  assert.doesNotMatch(rows([half], 30).join(), /MiB/)
  assert.deepEqual(rows([half], 20), ['client1   50 %'])
  assert.deepEqual(rows([half], 10), ['client1  …'])
})

for (const style of [PLAIN, COLOURED]) {
  test(`no line is wider than the terminal, whatever its width (${style === PLAIN ? 'plain' : 'coloured'})`, () => {
    const long = { ...half, name: 'n'.repeat(64), details: ['1 byte', `from ${'m'.repeat(64)}`] }
    const wide = { ...half, name: '漢字'.repeat(16) }
    for (let width = 0; width <= 130; width++) {
      for (const line of rows([half, done, slow, long, wide], width, style)) {
        assert.ok(columnsOf(line) <= width, `${columnsOf(line)} > ${width}: ${line}`)
      }
    }
  })
}

test('names of two columns a letter leave the bars under one another', () => {
  const [first = '', second = ''] = rows([{ ...half, name: '漢字' }, half], 80)
  assert.equal(columnsOf(first.slice(0, first.indexOf('#'))), columnsOf(second.slice(0, second.indexOf('#'))))
})

test('fault 37: a name from elsewhere cannot move the cursor', () => {
  assert.doesNotMatch(rows([{ ...half, name: 'a\u001b[2J' }], 80).join(''), /\p{Cc}/u)
})

test('more held than there is fills the bar, no more', () => {
  const [line = ''] = rows([{ ...half, doneBytes: 400 * MIB, details: [] }], 100)
  assert.match(line, / #{40} {2}100 %/)
})

test('a bar is full only of what is whole', () => {
  const [line = ''] = rows([{ ...half, doneBytes: 200 * MIB - 1, details: [] }], 100)
  assert.match(line, / #{39}- {3}99 %/)
})

test('nobody is no line', () => {
  assert.deepEqual(rows([], 80), [])
  assert.equal(progressLine([]), '')
})

test('one line for all where nothing can be painted', () => {
  const peer = { name: 'client1', fetchedBytes: 1, wantedBytes: 2 }
  const here = { ...peer, complete: false, connected: true }
  assert.equal(
    progressLine([here, { ...here, name: 'c2', complete: true }, { ...here, name: 'c4', connected: false }]),
    'client1 50 %, c2 complete, c4 50 % (not connected)'
  )
})

test('fault 43: joined emoji count as many columns as a terminal takes that cannot join them', () => {
  assert.equal(columnsOf('\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'), 6)
  assert.equal(columnsOf('\u0645\u06cc\u200c\u062e'), 3)
})
