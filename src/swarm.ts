#!/usr/bin/env node
/** The command that runs a whole swarm on this machine: `npm start`, or `node dist/swarm.js [--size 8MiB] …`. */
import { runCommand } from './cli/command.ts'
import { swarmCommand } from './local-run/swarm-command.ts'

await runCommand(swarmCommand)
