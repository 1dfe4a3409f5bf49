#!/usr/bin/env node
/** The command that runs the whole scenario on this machine: `npm start`, or `node dist/swarm.js [--size 8MiB] …`. */
import { runCommand } from './cli/command.ts'
import { swarmCommand } from './scenario/swarm-command.ts'

await runCommand(swarmCommand)
