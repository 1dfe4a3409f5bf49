/** The requirements of the compared systems: system packages, and WebTorrent from npm. */

import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf, PotluckError } from '#potluck/core/errors.js'
import { ARIA2, LIBTORRENT, type Package } from '../machine/packages.ts'
import { WEBTORRENT_FOLDER } from '../torrents/programs.ts'
import type { SystemName } from './systems.ts'
import { NGINX } from './web.ts'

const WEB: readonly Package[] = [
  { name: 'nginx', what: 'serves files', probe: [NGINX, '-v'], service: 'nginx' },
  { name: 'curl', what: 'fetches them', probe: ['curl', '--version'] }
]
const OPENSSL: Package = { name: 'openssl', what: 'makes certificates', probe: ['openssl', 'version'] }

export function neededPackages(systems: readonly SystemName[]): Package[] {
  const some = (...names: SystemName[]): boolean => names.some((name) => systems.includes(name))
  return [
    ...(some('http', 'https') ? WEB : []),
    ...(some('https') ? [OPENSSL] : []),
    ...(some('aria2', 'aria2-rc4') ? [ARIA2] : []),
    ...(some('libtorrent', 'libtorrent-rc4') ? [LIBTORRENT] : [])
  ]
}

/** Installs WebTorrent, at the versions of its own lock file, if it is missing. @throws PotluckError CONFIGURATION */
export async function installWebTorrent(say: (line: string) => void): Promise<void> {
  try {
    await access(join(WEBTORRENT_FOLDER, 'node_modules', 'webtorrent'))
    return
  } catch {
    say('Installing webtorrent with npm (to compare with), in bench/webtorrent.')
  }
  const argv = ['ci', '--ignore-scripts', '--omit=optional']
  try {
    await promisify(execFile)('npm', argv, { cwd: WEBTORRENT_FOLDER })
  } catch (error) {
    throw new PotluckError(
      'CONFIGURATION',
      `webtorrent could not be installed: ${messageOf(error).trim()}. Leave it out with --systems.`,
      { cause: error }
    )
  }
}
