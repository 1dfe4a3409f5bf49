#!/usr/bin/env node
/** The command that simulates swarms: `npm run simulate -- [--scenario NAME…] …`. */
import { runCommand } from '#potluck/cli/command.js'
import { simulateCommand } from './command/simulate-command.ts'

await runCommand(simulateCommand)
