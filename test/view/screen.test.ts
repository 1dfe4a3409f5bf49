import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import xterm from '@xterm/headless'
import { Screen, type ScreenStream } from '#potluck/view/screen.js'
import { COLOURED, PLAIN } from '#potluck/view/style.js'

/** A terminal that keeps what it shows, and the stream that leads to it. */
class Terminal extends PassThrough implements ScreenStream {
  readonly isTTY = true
  isBehind = false
  /** How often a line of the painted ones came. */
  frames = 0
  columns: number
  rows: number
  readonly #terminal
  readonly #hasColors: boolean

  constructor({ columns = 80, rows = 12, hasColors = true } = {}) {
    super()
    this.columns = columns
    this.rows = rows
    this.#hasColors = hasColors
    this.#terminal = new xterm.Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true })
    this.on('data', (bytes: Buffer) => {
      this.#terminal.write(bytes)
      this.frames += bytes.toString().split('one 10 %').length - 1
    })
  }

  hasColors(): boolean {
    return this.#hasColors
  }

  resize(columns: number): void {
    this.columns = columns
    this.#terminal.resize(columns, this.rows)
    this.emit('resize')
  }

  /** The lines that are not empty, from the top. */
  async lines(): Promise<string[]> {
    await new Promise<void>((resolve) => this.#terminal.write('', resolve))
    const { active } = this.#terminal.buffer
    return Array.from(
      { length: active.length },
      (_, index) => active.getLine(index)?.translateToString(true) ?? ''
    ).filter((line) => line !== '')
  }
}

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
