/** Where this package lies and which version it is. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** The folder that holds package.json and config/, two above the compiled file. */
export const PACKAGE_FOLDER = fileURLToPath(new URL('../..', import.meta.url))

/** The `version` of package.json. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
