/**
 * The command lines of the commands, in the form that the user called this one: in a clone by their files, after an
 * install by their names.
 */
import { basename, sep } from 'node:path'

export type CommandName = 'host' | 'join' | 'start-now' | 'coordinator' | 'peer' | 'start' | 'completion'

/** The command line of a command. */
export type CallOf = (command: CommandName) => string

/** The form after an install. */
export const installedCall: CallOf = (command) => `potluck ${command}`

const IN_A_CLONE: Readonly<Record<CommandName, string>> = {
  host: 'node dist/potluck.js host',
  join: 'node dist/potluck.js join',
  'start-now': 'node dist/potluck.js start-now',
  coordinator: 'node dist/coordinator.js',
  peer: 'node dist/peer.js',
  start: 'npm start --',
  completion: 'node dist/potluck.js completion'
}

/**
 * @param script what Node.js was started with: one of our files, or the link that npm makes to it
 * @param environment has the name of the script that npm runs
 */
export function callOf(
  command: CommandName,
  script = process.argv[1] ?? '',
  environment: Readonly<Record<string, string | undefined>> = process.env
): string {
  const program = programOf(script, environment)
  return program === undefined ? IN_A_CLONE[command] : `${program} ${command}`
}

/** How `potluck` was called; undefined if it was one of the other files. */
export function programOf(
  script: string,
  environment: Readonly<Record<string, string | undefined>>
): string | undefined {
  const name = basename(script)
  if (name !== 'potluck' && name !== 'potluck.js') {
    return undefined
  }
  if (environment['npm_command'] === 'exec' || script.includes(`node_modules${sep}.bin`)) {
    return 'npx potluck'
  }
  return name === 'potluck' || script.includes(`${sep}node_modules${sep}`)
    ? 'potluck'
    : 'node dist/potluck.js'
}
