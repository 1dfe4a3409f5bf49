/** The system packages that the benchmark of shaped links needs. Pure. */
import { IPROUTE } from '../machine/namespaces.ts'
import { ARIA2, LIBTORRENT, type Package } from '../machine/packages.ts'
import type { LinksScenario } from './scenarios.ts'
import type { SystemName } from './systems.ts'

const NFTABLES: Package = {
  name: 'nftables',
  what: 'makes routers that translate addresses',
  probe: ['nft', '--version']
}

export interface Demand {
  scenarios: readonly LinksScenario[]
  systems: readonly SystemName[]
}

export function neededPackages({ scenarios, systems }: Demand): Package[] {
  const behindNat = scenarios.some(({ links }) => links.some((link) => link.behindNat))
  return [
    IPROUTE,
    ...(behindNat ? [NFTABLES] : []),
    ...(systems.includes('libtorrent') ? [LIBTORRENT] : []),
    ...(systems.includes('aria2') ? [ARIA2] : [])
  ]
}
