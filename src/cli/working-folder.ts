/** The folder that relative paths start from. It can be deleted while a shell is still in it. */
import { realpathSync } from 'node:fs'
import { isAbsolute, parse, relative, resolve, sep } from 'node:path'
import { codeOf, messageOf, PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { PACKAGE_FOLDER } from '../package.ts'

/** Undefined if it is gone. */
export function knownWorkingFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

/** Changes to another folder if it is gone and no path needs it: Node.js starts no thread there. */
export function leaveDeletedFolder(): void {
  try {
    // Not `process.cwd`, which caches its first answer.
    realpathSync.native('.')
  } catch {
    process.chdir(parse(PACKAGE_FOLDER).root)
  }
}

/** @throws PotluckError CONFIGURATION if it is gone */
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

/** @throws PotluckError CONFIGURATION if one of them starts from a folder that is gone */
export function checkRelative(paths: readonly unknown[]): void {
  if (paths.some((path) => typeof path === 'string' && !isAbsolute(path))) {
    workingFolder()
  }
}

/** The path, independent of the working folder. @throws PotluckError CONFIGURATION if that is gone and needed */
export function absolute(path: string): string {
  return isAbsolute(path) ? resolve(path) : resolve(workingFolder(), path)
}

/** As a person in this folder would type it, unmistakably a path. */
export function shownPath(path: string): string {
  const folder = knownWorkingFolder()
  // This process may have moved to the root: a path relative to it would mislead.
  const shorter = folder === undefined || folder === parse(folder).root ? '..' : relative(folder, path)
  return printable(shorter.startsWith('..') ? path : `.${sep}${shorter}`)
}
