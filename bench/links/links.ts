/** The command that measures on shaped links: `npm run bench:links`. */
import { runCommand } from '#potluck/cli/command.js'
import { linksCommand } from './links-command.ts'

await runCommand(linksCommand)
