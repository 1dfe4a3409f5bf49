/**
 * The network of a scenario as a list of commands: one namespace for each peer, one for the coordinator, one for each
 * router in front of a peer, and one with the bridge that joins them all. Pure.
 *
 * Each link is shaped where its bytes leave: the uplink at the peer's (or its router's) end of the pair, the downlink
 * at the bridge's end. The coordinator's link is not shaped; it carries no file.
 */
import { addNamespace, inNamespace, linkEnd, pair, shaper } from '../machine/network-commands.ts'
import { COORDINATOR, type Host, type HostsPlan } from './hosts.ts'
import type { PeerLink } from './scenarios.ts'

/** The prefix of every namespace and folder of this benchmark; the process's id and a hyphen follow. */
export const NAME_PREFIX = 'potluck-links-'

/** The members of the bridge: every peer, or the router in front of it, and the coordinator. */
const NETWORK = '10.77.0.0/24'

export interface PlanInit {
  /** The process that owns the network. */
  processId: number
  peers: ReadonlyArray<{ name: string; link: PeerLink }>
  /** The congestion control of TCP between the peers. */
  congestionControl: string
}

/** Others see its own address, or that of the router in front of it. */
export interface BridgedHost extends Host {
  /** The bridge's end of its link, where its bytes are counted. */
  bridgePort: string
}

export interface NetworkPlan extends HostsPlan<BridgedHost> {
  bridgeNamespace: string
}

export function networkPlan({ processId, peers, congestionControl }: PlanInit): NetworkPlan {
  const prefix = `${NAME_PREFIX}${processId}-`
  const bridge = `${prefix}bridge`
  const plan: NetworkPlan = { commands: [], namespaces: [], bridgeNamespace: bridge, hosts: new Map() }
  addNamespace(plan, bridge)
  plan.commands.push(
    ['ip', '-n', bridge, 'link', 'add', 'bridge', 'type', 'bridge'],
    ['ip', '-n', bridge, 'link', 'set', 'bridge', 'up']
  )
  const hosts = [{ name: COORDINATOR, link: undefined }, ...peers]
  hosts.forEach(({ name, link }, index) => {
    const namespace = `${prefix}${name}`
    const publicAddress = `10.77.0.${index + 1}`
    const bridgePort = `port${index}`
    addNamespace(plan, namespace)
    if (link?.behindNat !== true) {
      plan.commands.push(
        ...attached({ namespace, bridge, bridgePort, address: publicAddress, link, congestionControl })
      )
      plan.hosts.set(name, { namespace, address: publicAddress, publicAddress, bridgePort })
      return
    }
    const router = `${namespace}-nat`
    const address = `192.168.${index}.2`
    addNamespace(plan, router)
    plan.commands.push(
      ...attached({ namespace: router, bridge, bridgePort, address: publicAddress, link, congestionControl }),
      ...routed({ namespace, router, address, gateway: `192.168.${index}.1`, congestionControl })
    )
    plan.hosts.set(name, { namespace, address, publicAddress, bridgePort })
  })
  return plan
}

interface Attachment {
  namespace: string
  bridge: string
  bridgePort: string
  address: string
  link: PeerLink | undefined
  congestionControl: string
}

/** A pair of interfaces from the namespace to the bridge, shaped at both ends. */
function attached({
  namespace,
  bridge,
  bridgePort,
  address,
  link,
  congestionControl
}: Attachment): string[][] {
  const commands = [
    ...pair(namespace, 'eth0', bridge, bridgePort),
    ...linkEnd({ namespace, device: 'eth0', address, network: NETWORK, congestionControl }),
    ['ip', '-n', bridge, 'link', 'set', bridgePort, 'master', 'bridge', 'up']
  ]
  if (link !== undefined) {
    commands.push(shaper(namespace, 'eth0', link.uplinkMbit), shaper(bridge, bridgePort, link.downlinkMbit))
  }
  return commands
}

interface Routing {
  namespace: string
  router: string
  address: string
  gateway: string
  congestionControl: string
}

/** The router sends its peer's packets under its own address, and lets only replies in. */
function routed({ namespace, router, address, gateway, congestionControl }: Routing): string[][] {
  const rules = [
    'add table ip nat',
    'add chain ip nat post { type nat hook postrouting priority 100 ; }',
    'add rule ip nat post oifname eth0 masquerade',
    'add table ip gate',
    'add chain ip gate in { type filter hook input priority 0 ; policy drop ; }',
    'add chain ip gate through { type filter hook forward priority 0 ; policy drop ; }',
    'add rule ip gate through iifname lan0 accept',
    'add rule ip gate through ct state established,related accept'
  ]
  return [
    ...pair(namespace, 'eth0', router, 'lan0'),
    ['ip', '-n', router, 'addr', 'add', `${gateway}/24`, 'dev', 'lan0'],
    ['ip', '-n', router, 'link', 'set', 'lan0', 'up'],
    ['ip', '-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0'],
    ['ip', '-n', namespace, 'link', 'set', 'eth0', 'up'],
    ['ip', '-n', namespace, 'route', 'add', 'default', 'via', gateway, 'congctl', congestionControl],
    inNamespace(router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1'),
    ...rules.map((rule) => inNamespace(router, 'nft', rule))
  ]
}
