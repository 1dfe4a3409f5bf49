/**
 * The network of a pair of peers with a long path between them: a namespace for each, and one in the middle with the
 * coordinator and the proxy. Each peer has a link to the middle, shaped at both ends, and no route to the other. Pure.
 */
import { COORDINATOR, type HostsPlan } from '../links/hosts.ts'
import { addNamespace, linkEnd, pair, shaper } from '../machine/network-commands.ts'

/** The prefix of every namespace of this benchmark; the process's id and a hyphen follow. */
export const NAME_PREFIX = 'potluck-path-'

/** More than the peers move on a small machine, so that no slow link hides the cost of a path. */
export const LINK_MBIT = 1000

/** The default of most machines today. */
const CONGESTION_CONTROL = 'cubic'

/** The address of the coordinator and the proxy, on the loopback interface of the middle: the same over both links. */
const MIDDLE_ADDRESS = '10.78.0.1'

/** The port of the proxy; the coordinator has another port there. */
export const PROXY_PORT = 9100

/** @param peers names; others reach the first at the proxy */
export function pathPlan(processId: number, peers: readonly [string, string]): HostsPlan {
  const middle = `${NAME_PREFIX}${processId}-middle`
  const plan: HostsPlan = { commands: [], namespaces: [], hosts: new Map() }
  addNamespace(plan, middle)
  plan.commands.push(['ip', '-n', middle, 'addr', 'add', `${MIDDLE_ADDRESS}/32`, 'dev', 'lo'])
  plan.hosts.set(COORDINATOR, {
    namespace: middle,
    address: MIDDLE_ADDRESS,
    publicAddress: MIDDLE_ADDRESS
  })
  peers.forEach((name, index) => {
    const namespace = `${NAME_PREFIX}${processId}-${name}`
    const network = `10.78.${index + 1}.0/24`
    const address = `10.78.${index + 1}.2`
    const gateway = `10.78.${index + 1}.1`
    const port = `port${index}`
    const congestion = ['congctl', CONGESTION_CONTROL]
    addNamespace(plan, namespace)
    plan.commands.push(
      ...pair(namespace, 'eth0', middle, port),
      ...shapedLinkEnd(namespace, 'eth0', address, network),
      ...shapedLinkEnd(middle, port, gateway, network),
      ['ip', '-n', namespace, 'route', 'add', MIDDLE_ADDRESS, 'via', gateway, 'dev', 'eth0', ...congestion]
    )
    const announced = index === 0 ? { announced: `/ip4/${MIDDLE_ADDRESS}/tcp/${PROXY_PORT}` } : {}
    plan.hosts.set(name, { namespace, address, publicAddress: address, ...announced })
  })
  return plan
}

function shapedLinkEnd(namespace: string, device: string, address: string, network: string): string[][] {
  return [
    ...linkEnd({ namespace, device, address, network, congestionControl: CONGESTION_CONTROL }),
    shaper(namespace, device, LINK_MBIT)
  ]
}
