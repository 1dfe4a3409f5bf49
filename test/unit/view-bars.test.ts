import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BarState, progressBars, progressLine } from '#potluck/view/bars.js'

const MIB = 1024 * 1024
const half: BarState = {
  name: 'client1',
  heldBytes: 100 * MIB,
  totalBytes: 200 * MIB,
  complete: false,
  connected: true
}
const done: BarState = { ...half, name: 'c2', heldBytes: 200 * MIB, complete: true }
const waiting: BarState = { ...half, name: 'c3', heldBytes: 0, totalBytes: 0 }

test('a wide terminal shows name, bar, percents, bytes and rate', () => {
  const recent = { byteLength: 10 * MIB, durationMs: 2000 }
  assert.deepEqual(progressBars([{ ...half, recent }, done, waiting], 100), [
    'client1 [####################--------------------]   50 %  100.0 MiB of 200.0 MiB, 5.0 MiB/s',
    'c2      [########################################]  100 %  complete',
    'c3      [----------------------------------------]    0 %  waiting'
  ])
})

test('a narrow terminal loses the bytes first, then the bar, then the end of the name', () => {
  assert.deepEqual(progressBars([half], 40), ['client1 [###########------------]   50 %'])
  assert.deepEqual(progressBars([half], 20), ['client1   50 %'])
  assert.deepEqual(progressBars([half], 10), ['client1  …'])
})

test('no line is wider than the terminal, whatever its width', () => {
  for (let width = 0; width <= 130; width++) {
    for (const line of progressBars([half, done, waiting, { ...half, name: 'n'.repeat(64) }], width)) {
      assert.ok(line.length <= width, `${line.length} > ${width}: ${line}`)
    }
  }
})

test('fault 37: a name from elsewhere cannot move the cursor', () => {
  assert.doesNotMatch(progressBars([{ ...half, name: 'a\u001b[2J' }], 80).join(''), /\p{Cc}/u)
})

test('more held than there is fills the bar, no more', () => {
  const [line = ''] = progressBars([{ ...half, heldBytes: 400 * MIB }], 100)
  assert.match(line, /\[#{40}\] {2}100 %/)
})

test('nobody is no line', () => {
  assert.deepEqual(progressBars([], 80), [])
  assert.equal(progressLine([]), '')
})

test('one line for all where nothing can be painted', () => {
  const gone = { ...half, name: 'c4', connected: false }
  assert.equal(progressLine([half, done, gone]), 'client1 50 %, c2 complete, c4 50 % (not connected)')
})
