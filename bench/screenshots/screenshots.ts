/** The command behind `npm run screenshots`: pictures for the docs, of real runs. */
import { mkdir } from 'node:fs/promises'
import { createProgram, runCommand } from '#potluck/cli/command.js'
import { EXIT_CODES, PotluckError } from '#potluck/core/errors.js'
import { takeDashboard } from './dashboard.ts'
import { takeReport } from './report.ts'
import { takeTerminal } from './terminal.ts'

/** The subjects of the pictures. */
const TAKERS: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  dashboard: takeDashboard,
  report: takeReport,
  terminal: takeTerminal
}

await runCommand(async (argv, output) => {
  const names = Object.keys(TAKERS)
  const program = createProgram(
    'npm run screenshots --',
    'Makes the pictures of the docs, each from a real run.'
  )
    .argument('[names...]', `of what (${names.join(', ')}); of all without any`)
    .option('--out <folder>', 'where they are written', 'docs/images')
    .parse(argv, { from: 'user' })
  const { out } = program.opts<{ out: string }>()
  await mkdir(out, { recursive: true })
  for (const name of program.args.length === 0 ? names : program.args) {
    const take = TAKERS[name]
    if (take === undefined) {
      throw new PotluckError(
        'CONFIGURATION',
        `There are no pictures of "${name}", but of ${names.join(', ')}.`
      )
    }
    await take(out)
    output.screen.line(`${name}: done`)
  }
  return EXIT_CODES.ok
})
