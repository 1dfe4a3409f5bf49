/** Which files and folders of a share are left out by patterns: those that systems make for themselves, and those that people name. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PotluckError } from '../core/errors.ts'
import { printable } from '../core/names.ts'
import { matcherOf, patternProblem } from '../core/path-patterns.ts'
import { hasCode } from '../core/system-errors.ts'
import { diskError } from './disk-errors.ts'
import { patiently } from './patiently.ts'

/** At the top of a shared folder. */
export const IGNORE_FILE = '.potluckignore'

/** As long as thousands of patterns. */
const MAX_IGNORE_BYTE_LENGTH = 256 * 1024

/** macOS's and Windows' notes on a folder, and what Office writes beside a file that is open. */
const OF_SYSTEMS = ['.DS_Store', '[Tt]humbs.db', '[Dd]esktop.ini', '~$*']

const isOfSystems = matcherOf(OF_SYSTEMS)

export class Exclusions {
  readonly #matches: (path: string) => boolean

  private constructor(patterns: readonly string[]) {
    this.#matches = matcherOf([...OF_SYSTEMS, ...patterns])
  }

  /**
   * Those of a shared folder: the patterns of its `.potluckignore`, then those that are given.
   *
   * @throws PotluckError SHARE_UNUSABLE for a file of patterns that has none, DISK
   */
  static async of(folder: string, patterns: readonly string[], signal: AbortSignal): Promise<Exclusions> {
    const file = join(folder, IGNORE_FILE)
    return new Exclusions([...patternsIn(file, await textOf(file, signal)), ...patterns])
  }

  /** Why something is left out. @param path in the shared folder, with "/" at the end of a folder's */
  reasonFor(path: string): 'system' | 'pattern' | undefined {
    if (!this.#matches(path)) {
      return undefined
    }
    return isOfSystems(path) ? 'system' : 'pattern'
  }
}

function patternsIn(file: string, text: string): string[] {
  const patterns: string[] = []
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.startsWith('#')) {
      continue
    }
    const problem = patternProblem(line)
    if (problem !== undefined) {
      throw new PotluckError(
        'SHARE_UNUSABLE',
        `line ${index + 1} of ${printable(file)} is ${problem}; correct it`
      )
    }
    patterns.push(line)
  }
  return patterns
}

/** Of what is no file there is none. */
async function textOf(file: string, signal: AbortSignal): Promise<string> {
  try {
    return await patiently(async () => {
      const status = await stat(file)
      if (status.size > MAX_IGNORE_BYTE_LENGTH) {
        throw new PotluckError(
          'SHARE_UNUSABLE',
          `${printable(file)} is too long for a file of patterns; shorten it`
        )
      }
      return status.isFile() ? await readFile(file, 'utf8') : ''
    }, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) {
      return ''
    }
    throw diskError(error, 'read', file)
  }
}
