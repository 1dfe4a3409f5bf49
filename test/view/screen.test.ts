import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { Screen } from '#potluck/view/screen.js'
import { COLOURED, PLAIN } from '#potluck/view/style.js'
import { EmulatedTerminal as Terminal } from '../fixtures/emulated-terminal.js'

test('painted lines stand below those that stay, and are painted over', async () => {
  const terminal = new Terminal()
  const screen = new Screen(terminal)
  screen.paint(['one 10 %', 'two 20 %'])
  screen.line('ann registered')
  screen.line('ben registered')
  assert.deepEqual(await terminal.lines(), ['ann registered', 'ben registered', 'one 10 %', 'two 20 %'])
  screen.end()
  assert.deepEqual(await terminal.lines(), ['ann registered', 'ben registered'])
})

test('a picture that shrinks leaves nothing behind, and a line after it neither', async () => {
  // The second kind stands for terminals and recorders that do not know how to take away what is below.
  for (const erasesBelow of [true, false]) {
    const terminal = new Terminal({ rows: 12, erasesBelow })
    const screen = new Screen(terminal)
    const lines: string[] = []
    for (const height of [5, 3, 7, 1, 11, 2, 4]) {
      screen.paint(Array.from({ length: height }, (_, row) => `row ${row} of ${height}, ${'x'.repeat(60)}`))
      const text = `line ${height}`
      screen.line(text)
      lines.push(text)
      const painted = (await terminal.lines()).slice(lines.length)
      assert.deepEqual((await terminal.lines()).slice(0, lines.length), lines)
      assert.ok(painted.every((line) => line.endsWith(`, ${'x'.repeat(60)}`)))
    }
    screen.end()
    screen.line('16 of 16 files identical')
    assert.deepEqual(await terminal.lines(), [...lines, '16 of 16 files identical'])
  }
})

test('after the end nothing is painted any more', async () => {
  const terminal = new Terminal()
  const screen = new Screen(terminal)
  screen.paint(['one 10 %'])
  screen.end()
  screen.line('Connection closed')
  screen.paint(['one 20 %'])
  assert.deepEqual(await terminal.lines(), ['Connection closed'])
})

test('a terminal that becomes narrower keeps nothing of what was painted', async () => {
  const terminal = new Terminal({ columns: 80 })
  const screen = new Screen(terminal)
  screen.line('ann registered')
  screen.paint(['x'.repeat(70), 'y'.repeat(70)])
  await terminal.lines()
  terminal.resize(30)
  screen.line('ben registered')
  screen.paint(['z'.repeat(20)])
  assert.deepEqual(await terminal.lines(), ['ann registered', 'ben registered', 'z'.repeat(20)])
})

test('one that becomes wider as well', async () => {
  const terminal = new Terminal({ columns: 30 })
  const screen = new Screen(terminal)
  screen.line('ann registered')
  screen.paint(['x'.repeat(20)])
  await terminal.lines()
  terminal.resize(80)
  screen.paint(['y'.repeat(60)])
  assert.deepEqual(await terminal.lines(), ['ann registered', 'y'.repeat(60)])
})

test('what is painted is as wide as the terminal is now, but for one column', () => {
  const terminal = new Terminal({ columns: 80, rows: 12 })
  const screen = new Screen(terminal)
  assert.deepEqual(screen.size, { columns: 79, rows: 12 })
  terminal.resize(30)
  assert.deepEqual(screen.size, { columns: 29, rows: 12 })
})

test('a terminal without a size is taken for one of 80 columns and 24 rows', () => {
  const terminal = new Terminal()
  Object.assign(terminal, { columns: 0, rows: 0 })
  assert.deepEqual(new Screen(terminal).size, { columns: 79, rows: 24 })
})

test('colours only where the terminal has them and they are wanted', () => {
  assert.equal(new Screen(new Terminal()).style, COLOURED)
  assert.equal(new Screen(new Terminal({ hasColors: false })).style, PLAIN)
  assert.equal(new Screen(new PassThrough()).style, PLAIN)
})

test('a quiet screen shows nothing', async () => {
  const terminal = new Terminal()
  const screen = new Screen(terminal, { quiet: true })
  assert.equal(screen.live, false)
  screen.paint(['one 10 %'])
  screen.line('ann registered')
  screen.end()
  assert.deepEqual(await terminal.lines(), [])
})

test('nothing is painted where there is no terminal', () => {
  const stream = new PassThrough()
  const screen = new Screen(stream)
  screen.paint(['one 10 %'])
  screen.line('ann registered')
  screen.end()
  assert.equal(stream.read()?.toString(), 'ann registered\n')
})

test('fault 46: a terminal that is behind gets no frames, and a whole picture later', async () => {
  const terminal = new Terminal()
  const screen = new Screen(terminal)
  screen.paint(['one 10 %', 'two 10 %'])
  terminal.isBehind = true
  screen.line('ann registered')
  for (let percent = 20; percent < 90; percent += 10) {
    screen.line(`at ${percent} %`)
  }
  terminal.isBehind = false
  screen.line('ben registered')
  const lines = await terminal.lines()
  assert.deepEqual(lines.slice(-4), ['at 80 %', 'ben registered', 'one 10 %', 'two 10 %'])
  assert.equal(lines.length, 11)
  assert.equal(terminal.frames, 2)
})
