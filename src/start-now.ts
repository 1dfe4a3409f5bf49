/** The command that has a running coordinator start with those who are here: `potluck start-now`. */
import { runCommand } from './cli/command.ts'
import { startNowCommand } from './cli/start-now-command.ts'

await runCommand(startNowCommand)
