#!/usr/bin/env node
/** The command that simulates swarms: `npm run simulate`, or `node dist/simulate.js [--scenario NAME…] …`. */
import { runCommand } from './cli/command.ts'
import { simulateCommand } from './cli/simulate-command.ts'

await runCommand(simulateCommand)
