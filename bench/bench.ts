/**
 * The command `npm run bench`: this project beside other systems, or alone with `micro`, `path` or `scaling` as the
 * first word.
 */
import { type CommandBody, runCommand } from '#potluck/cli/command.js'
import { microCommand } from './micro/micro-command.ts'
import { pathCommand } from './path/path-command.ts'
import { scalingCommand, systemsCommand } from './systems/systems-command.ts'

const BENCHES: ReadonlyMap<string, CommandBody> = new Map([
  ['micro', microCommand],
  ['path', pathCommand],
  ['scaling', scalingCommand]
])

await runCommand(async (argv, output) => {
  const [first = '', ...rest] = argv
  const bench = BENCHES.get(first)
  return bench === undefined ? await systemsCommand(argv, output) : await bench(rest, output)
})
