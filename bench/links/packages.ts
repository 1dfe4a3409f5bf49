/** What of the system is needed, and how it is installed where it is missing: by its name, with apt-get. */
import { PotluckError } from '#potluck/protocols/errors.js'
import { countOf } from '#potluck/protocols/units.js'
import { outputOf, succeedsNow } from './commands.ts'
import type { LinksScenario } from './scenarios.ts'
import type { SystemName } from './systems.ts'
import { PYTHON } from './torrents.ts'

interface Package {
  name: string
  what: string
  /** Ends well when it is there. */
  probe: string[]
}

const IPROUTE: Package = {
  name: 'iproute2',
  what: 'makes namespaces and shapes links',
  probe: ['ip', '-Version']
}
const NFTABLES: Package = {
  name: 'nftables',
  what: 'makes routers that translate addresses',
  probe: ['nft', '--version']
}
const LIBTORRENT: Package = {
  name: 'python3-libtorrent',
  what: 'to compare with',
  probe: [PYTHON, '-c', 'import libtorrent']
}
const ARIA2: Package = { name: 'aria2', what: 'to compare with', probe: ['aria2c', '--version'] }

export interface Demand {
  scenarios: readonly LinksScenario[]
  systems: readonly SystemName[]
}

/** Installs what is missing, and says so before. @throws PotluckError CONFIGURATION */
export async function installMissing(demand: Demand, say: (line: string) => void): Promise<void> {
  const missing = neededPackages(demand).filter(({ probe }) => !succeedsNow(probe))
  if (missing.length === 0) {
    return
  }
  const names = missing.map(({ name }) => name)
  if (!succeedsNow(['apt-get', '--version'])) {
    throw new PotluckError(
      'CONFIGURATION',
      `${names.join(', ')} would be needed, and there is no apt-get here to install it with. Install it by other means, or leave it out with --only, --no-baselines or --scenario.`
    )
  }
  const listed = missing.map(({ name, what }) => `${name} (${what})`).join(', ')
  say(`Installing ${countOf(missing.length, 'package')} of the system with apt-get: ${listed}.`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await outputOf(['apt-get', 'update'], env)
  await outputOf(['apt-get', 'install', '-y', '--no-install-recommends', ...names], env)
}

export function neededPackages({ scenarios, systems }: Demand): Package[] {
  const behindNat = scenarios.some(({ lines }) => lines.some((line) => line.behindNat))
  return [
    IPROUTE,
    ...(behindNat ? [NFTABLES] : []),
    ...(systems.includes('libtorrent') ? [LIBTORRENT] : []),
    ...(systems.includes('aria2') ? [ARIA2] : [])
  ]
}
