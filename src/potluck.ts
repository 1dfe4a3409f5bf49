#!/usr/bin/env node
/** The command that an install brings: `potluck host`, `potluck join`, `potluck start` and others. */
import { runCommand } from './cli/command.ts'
import { chosenCommand } from './cli/potluck-command.ts'

const ENTRIES = {
  host: () => import('./host.ts'),
  join: () => import('./join.ts'),
  'start-now': () => import('./start-now.ts'),
  coordinator: () => import('./coordinator.ts'),
  peer: () => import('./peer.ts'),
  start: () => import('./swarm.ts'),
  completion: () => import('./completion.ts')
}

const [name, ...rest] = process.argv.slice(2)
const chosen = chosenCommand(name, rest)
if ('entry' in chosen) {
  process.argv.splice(2, process.argv.length, ...chosen.argv)
  await ENTRIES[chosen.entry]()
} else {
  await runCommand(chosen.help)
}
