/** Runs programs of the system for their output. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { messageOf, PotluckError } from '#potluck/core/errors.js'

const execute = promisify(execFile)

/** Its standard output. @throws PotluckError CONFIGURATION when it fails */
export async function outputOf(command: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const [program = '', ...argv] = command
  try {
    const { stdout } = await execute(program, argv, { env: { ...process.env, ...env } })
    return stdout
  } catch (error) {
    throw new PotluckError('CONFIGURATION', `"${command.join(' ')}" failed: ${messageOf(error).trim()}`, {
      cause: error
    })
  }
}

/** Whether it could be run and ended well; it blocks this process. */
export function succeedsNow(command: readonly string[]): boolean {
  const [program = '', ...argv] = command
  return spawnSync(program, argv, { stdio: 'ignore' }).status === 0
}
