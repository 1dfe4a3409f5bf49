/** The command `npm run torture`. */
import { runCommand } from '#potluck/cli/command.js'
import { tortureCommand } from './torture-command.ts'

await runCommand(tortureCommand)
