/** Programs that the benchmarks need, and how to install missing ones: by package name, with apt-get. */
import { PotluckError } from '#potluck/core/errors.js'
import { countOf } from '#potluck/core/units.js'
import { outputOf, succeedsNow } from './commands.ts'

export interface Package {
  name: string
  what: string
  /** A command that succeeds if it is there. */
  probe: string[]
  /** The service that starts when it is installed, and with the machine: it is stopped and disabled. */
  service?: string
}

/** Debian's own, for which python3-libtorrent is made; another one may be first in the path. */
export const PYTHON = '/usr/bin/python3'

export const LIBTORRENT: Package = {
  name: 'python3-libtorrent',
  what: 'to compare with',
  probe: [PYTHON, '-c', 'import libtorrent']
}
export const ARIA2: Package = { name: 'aria2', what: 'to compare with', probe: ['aria2c', '--version'] }

/**
 * Installs what is missing, and announces it before.
 *
 * @param without the flags that make it unnecessary
 * @throws PotluckError CONFIGURATION
 */
export async function installMissing(
  packages: readonly Package[],
  without: string,
  say: (line: string) => void
): Promise<void> {
  const missing = packages.filter(({ probe }) => !succeedsNow(probe))
  if (missing.length === 0) {
    return
  }
  const names = missing.map(({ name }) => name)
  if (!succeedsNow(['apt-get', '--version'])) {
    throw new PotluckError(
      'CONFIGURATION',
      `${names.join(', ')} would be needed, and there is no apt-get here to install it with. Install it by other means, or leave it out with ${without}.`
    )
  }
  const listed = missing.map(({ name, what }) => `${name} (${what})`).join(', ')
  say(`Installing ${countOf(missing.length, 'package')} of the system with apt-get: ${listed}.`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await outputOf(['apt-get', 'update'], env)
  await outputOf(['apt-get', 'install', '-y', '--no-install-recommends', ...names], env)
  for (const { service } of missing) {
    if (service !== undefined) {
      // Without a service manager, as in a container, there is nothing to stop.
      succeedsNow(['systemctl', 'disable', '--now', service])
    }
  }
}
