/** The command behind `npm run screenshots`: pictures for the docs, of real runs. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { createProgram, runCommand } from '#potluck/cli/command.js'
import { EXIT_CODES, PotluckError } from '#potluck/protocols/errors.js'
import { terminalPictures } from './terminal.js'

type Painter = (browser: Browser, runFolder: string, into: string) => Promise<void>

const PAINTERS: Readonly<Record<string, Painter>> = {
  terminal: terminalPictures
}

/** Nothing but the page that is given: Debian's Chromium asks for other things at its start otherwise. */
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

await runCommand(async (argv, output) => {
  const names = Object.keys(PAINTERS)
  const program = createProgram(
    'npm run screenshots --',
    'Makes the pictures of the docs, each from a real run.'
  )
    .argument('[names...]', `which ones (${names.join(', ')}); all without any`)
    .option('--out <folder>', 'where they are written', 'docs/images')
    .parse(argv, { from: 'user' })
  const { out } = program.opts<{ out: string }>()
  const wanted = program.args.length === 0 ? names : program.args
  await mkdir(out, { recursive: true })
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS })
  const folder = await mkdtemp(join(tmpdir(), 'potluck-screenshots-'))
  try {
    for (const name of wanted) {
      const paint = PAINTERS[name]
      if (paint === undefined) {
        throw new PotluckError(
          'CONFIGURATION',
          `There are no pictures "${name}"; choose of ${names.join(', ')}.`
        )
      }
      await paint(browser, join(folder, name), out)
      output.screen.line(`${name}: done`)
    }
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  }
  return EXIT_CODES.ok
})
