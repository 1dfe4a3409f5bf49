/** Output to readers that are slow, stuck or gone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Outlet, type OutletInit } from '#potluck/cli/outlet.js'
import { fc } from '../fixtures/properties.js'

const gapLine = (count: number): string => `(${count} lines left out)\n`

/** A reader that takes as many bytes as it has room for. */
class Reader {
  text = ''
  room = 0
  problem: Error | undefined

  outlet(init: Partial<OutletInit> = {}): Outlet {
    const outlet = new Outlet({
      take: (bytes) => this.#take(bytes),
      canPass: () => false,
      maxWaitingBytes: 1000,
      gapLine,
      ...init
    })
    outlet.neverWait()
    return outlet
  }

  #take(bytes: Uint8Array): number {
    if (this.problem !== undefined) {
      throw this.problem
    }
    const taken = bytes.subarray(0, this.room)
    this.room -= taken.byteLength
    this.text += Buffer.from(taken).toString('latin1')
    return taken.byteLength
  }
}

test('fault 46: a reader that takes little at a time gets whole lines in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ length: fc.nat(40), room: fc.nat(40) })), (steps) => {
      const reader = new Reader()
      const outlet = reader.outlet()
      const lines = steps.map(({ length }, index) => `${index}:${'x'.repeat(length)}\n`)
      steps.forEach(({ room }, index) => {
        outlet.write(lines[index] ?? '')
        reader.room += room
        outlet.flush()
      })
      reader.room = Number.POSITIVE_INFINITY
      outlet.flush()
      const missing = reader.text
        .split('\n')
        .reduce((sum, line) => sum + Number(/^\((\d+)/.exec(line)?.[1] ?? 0), 0)
      const got = reader.text.split('\n').filter((line) => line !== '' && !line.startsWith('('))
      assert.deepEqual(
        got,
        lines.map((line) => line.trimEnd()).filter((line) => got.includes(line))
      )
      assert.equal(got.length + missing, lines.length)
      assert.equal(outlet.isLossy, missing > 0)
    }),
    { numRuns: 200 }
  )
})

test('fault 46: what waits has a bound; a line says how much is missing, and the rest goes on', () => {
  const reader = new Reader()
  const outlet = reader.outlet({ maxWaitingBytes: 50 })
  for (let index = 10; index < 30; index++) {
    outlet.write(`line ${index}\n`)
  }
  reader.room = 1000
  outlet.flush()
  outlet.write('after\n')
  const kept = [10, 11, 12, 13, 14, 15].map((index) => `line ${index}\n`).join('')
  assert.equal(reader.text, `${kept}(14 lines left out)\nafter\n`)
})

test('fault 46: what is painted is not left out, and comes after what was begun', () => {
  const reader = new Reader()
  const outlet = reader.outlet({ maxWaitingBytes: 10 })
  reader.room = 3
  outlet.write('begun\n')
  outlet.write('too much to wait\n')
  outlet.paint('[clear]')
  reader.room = 1000
  outlet.flush()
  assert.equal(reader.text, 'begun\n[clear](1 lines left out)\n')
})

test('fault 46: a reader that is gone throws nothing, now or later', () => {
  const reader = new Reader()
  const outlet = reader.outlet()
  reader.problem = new Error('EPIPE')
  outlet.write('one\n')
  outlet.write('two\n')
  outlet.flush()
  assert.equal(outlet.isBehind, false)
})

test('fault 46: a disk that is full takes the rest when there is room', () => {
  const reader = new Reader()
  const outlet = reader.outlet({ canPass: () => true })
  reader.room = 2
  outlet.write('one\n')
  reader.problem = new Error('ENOSPC')
  outlet.write('two\n')
  reader.problem = undefined
  reader.room = 1000
  outlet.flush()
  assert.equal(reader.text, 'one\ntwo\n')
})

test('fault 46: at the end it waits for a reader that takes something, and not for one that takes nothing', async () => {
  const patience = { idleMs: 100, totalMs: 30_000 }
  const slow = new Reader()
  const outlet = slow.outlet()
  outlet.write('a line that is taken one by one\n')
  const feeding = setInterval(() => {
    slow.room = 1
  }, 5)
  await outlet.drained(patience)
  clearInterval(feeding)
  const stuck = new Reader().outlet()
  stuck.write('nobody sees this\n')
  await stuck.drained(patience)
  assert.equal(stuck.isLossy, true)
})

test('fault 46: while nothing else is under way, a write returns when all is taken', () => {
  let tries = 0
  let text = ''
  const outlet = new Outlet({
    take: (bytes) => {
      tries++
      const taken = tries % 2 === 0 ? bytes.subarray(0, 5) : new Uint8Array()
      text += Buffer.from(taken).toString()
      return taken.byteLength
    },
    canPass: () => true,
    maxWaitingBytes: 4,
    gapLine
  })
  outlet.write('more than may wait\n')
  assert.equal(text, 'more than may wait\n')
})

test('fault 57: one that gathers writes the lines of a turn together, and all of them when it is drained', async () => {
  const pieces: string[] = []
  const outlet = new Reader().outlet({
    isGathering: true,
    take: (bytes) => {
      pieces.push(Buffer.from(bytes).toString('latin1'))
      return bytes.byteLength
    }
  })
  outlet.write('one\n')
  outlet.write('two\n')
  assert.deepEqual(pieces, [])
  await nextTurn()
  assert.deepEqual(pieces, ['one\ntwo\n'])
  outlet.write('three\n')
  await outlet.drained({ idleMs: 0, totalMs: 0 })
  assert.deepEqual(pieces, ['one\ntwo\n', 'three\n'])
})
