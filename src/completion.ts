/** The command that prints a script for a shell: `potluck completion bash`. */
import { runCommand } from './cli/command.ts'
import { completionCommand } from './cli/completion-command.ts'
import { programs } from './programs.ts'

await runCommand(async (argv, output) => completionCommand(argv, output, programs))
