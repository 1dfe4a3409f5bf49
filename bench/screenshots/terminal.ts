/**
 * Pictures of a terminal: a real `npm start` in a terminal of its own (`script`, of util-linux). A terminal emulator
 * keeps its letters and colours, and a browser draws them.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import serialize from '@xterm/addon-serialize'
import xterm from '@xterm/headless'
import type { Browser } from 'playwright-core'
import { PACKAGE_FOLDER } from '#potluck/package.js'
import { launchBrowser } from '../machine/browser.ts'
import { smallPng } from './small-png.ts'

const COLUMNS = 100
const ROWS = 26

/** The files are large enough for a picture from the middle. */
const SIZE = '160MiB'

/** The percentage of all at which the picture is taken; each peer begins with a quarter. */
const FROM_PERCENT = 55

const STYLE = `
  body { margin: 0; background: transparent; }
  .terminal { display: inline-block; margin: 16px; padding: 14px 18px 16px; border-radius: 10px; background: #16181d;
    box-shadow: 0 6px 18px rgb(0 0 0 / 30%); }
  .terminal pre, .terminal div, .terminal span { font: 14px/1.35 "DejaVu Sans Mono", monospace !important; }
  .terminal pre div { background: transparent !important; color: #d5d9e2 !important; }
  .bar { display: flex; gap: 7px; margin: 0 0 12px -4px; }
  .bar i { width: 11px; height: 11px; border-radius: 50%; background: #3a3f4b; }
`

/** Writes `terminal.png`, from the middle of a run, and `terminal-end.png`. */
export async function takeTerminal(folder: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'potluck-terminal-'))
  const browser = await launchBrowser()
  try {
    await takePictures(browser, join(scratch, 'run'), folder)
  } finally {
    await browser.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

async function takePictures(browser: Browser, runFolder: string, into: string): Promise<void> {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true, scrollback: 200 })
  const serializer = new serialize.SerializeAddon()
  terminal.loadAddon(serializer)
  const start = `stty cols ${COLUMNS} rows ${ROWS}; exec node dist/swarm.js --size ${SIZE} --dir ${runFolder} --clean`
  const child = spawn('script', ['--quiet', '--return', '--command', start, '/dev/null'], {
    cwd: PACKAGE_FOLDER,
    env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const ended = once(child, 'close')
  let html: string | undefined
  for await (const bytes of child.stdout) {
    await new Promise<void>((resolve) => terminal.write(bytes, resolve))
    if (html === undefined && percentOf(terminal) >= FROM_PERCENT) {
      html = serializer.serializeAsHTML({ includeGlobalBackground: false })
    }
  }
  const [exitCode] = await ended
  if (exitCode !== 0 || html === undefined) {
    throw new Error(`the run ended with ${exitCode}, ${html === undefined ? 'before' : 'after'} its picture`)
  }
  await draw(browser, html, join(into, 'terminal.png'))
  await draw(
    browser,
    serializer.serializeAsHTML({ includeGlobalBackground: false, scrollback: 0 }),
    join(into, 'terminal-end.png')
  )
}

/** The percentage of all together in the last line of the bars; 0 before there is one. */
function percentOf(terminal: InstanceType<typeof xterm.Terminal>): number {
  const { active } = terminal.buffer
  for (let row = active.length - 1; row >= 0; row--) {
    const line = active.getLine(row)?.translateToString(true) ?? ''
    const percent = /^All .* (\d+) % /.exec(line)?.[1]
    if (percent !== undefined) {
      return Number(percent)
    }
  }
  return 0
}

async function draw(browser: Browser, html: string, path: string): Promise<void> {
  const page = await browser.newPage({ deviceScaleFactor: 2, viewport: { width: 1000, height: 700 } })
  const pre = /<pre>[\s\S]*<\/pre>/.exec(html)?.[0] ?? html
  await page.setContent(
    `<style>${STYLE}</style><div class="terminal"><div class="bar"><i></i><i></i><i></i></div>${pre}</div>`
  )
  await writeFile(path, smallPng(await page.locator('.terminal').screenshot()))
  await page.close()
}
