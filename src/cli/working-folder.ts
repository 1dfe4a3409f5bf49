/** The folder that relative paths start from. It can be deleted while a shell is still in it. */
import { realpathSync } from 'node:fs'
import { isAbsolute, parse, relative, resolve, sep } from 'node:path'
import { codeOf, messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { PACKAGE_FOLDER } from '../package.ts'

/** Undefined where it is gone. */
export function knownWorkingFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

/** Goes elsewhere where it is gone and no path needs it: Node.js starts no thread there. */
export function leaveDeletedFolder(): void {
  try {
    // Not `process.cwd`, which answers what it answered before.
    realpathSync.native('.')
  } catch {
    process.chdir(parse(PACKAGE_FOLDER).root)
  }
}

/** @throws PotluckError CONFIGURATION where it is gone */
function workingFolder(): string {
  try {
    return process.cwd()
  } catch (error) {
    const gone = codeOf(error) === 'ENOENT'
    const what = gone ? 'was deleted' : `cannot be found (${messageOf(error)})`
    throw new PotluckError(
      'CONFIGURATION',
      `The working folder of this command ${what}, and relative paths start from it. Change to another folder with cd, or give absolute paths only, then run the command again.`,
      { cause: error }
    )
  }
}

/** @throws PotluckError CONFIGURATION where one of them starts from a folder that is gone */
export function checkRelative(paths: readonly unknown[]): void {
  if (paths.some((path) => typeof path === 'string' && !isAbsolute(path))) {
    workingFolder()
  }
}

/** The path, whatever becomes of the working folder. @throws PotluckError CONFIGURATION where that is gone and needed */
export function absolute(path: string): string {
  return isAbsolute(path) ? resolve(path) : resolve(workingFolder(), path)
}

/** As somebody in this folder would write it, with no doubt that it is a path. */
export function shownPath(path: string): string {
  const folder = knownWorkingFolder()
  // At the root nothing is relative to where the command was called.
  const shorter = folder === undefined || folder === parse(folder).root ? '..' : relative(folder, path)
  return printable(shorter.startsWith('..') ? path : `.${sep}${shorter}`)
}
