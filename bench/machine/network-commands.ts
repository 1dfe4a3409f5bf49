/** The commands of which networks of namespaces are made. Pure. */

/** A packet waits no longer in front of a link; what comes beyond that is lost, as in a home router. */
const QUEUE_MS = 50

/** How much a link that was idle sends at once: a busy machine wakes the shaper some milliseconds late. */
const BURST_MS = 10

/** No link's burst is smaller than a few frames. */
const MIN_BURST_BYTES = 16 * 1024

const BITS_PER_BYTE = 8

/** What makes a network. */
export interface NamespacePlan {
  commands: string[][]
  /** All that the commands make; whatever is in them goes with them. */
  namespaces: string[]
}

/** What puts a program into a namespace. */
export function inNamespace(namespace: string, program: string, ...argv: string[]): [string, ...string[]] {
  return ['ip', 'netns', 'exec', namespace, program, ...argv]
}

/** A new namespace, with the plan's others. */
export function addNamespace(plan: NamespacePlan, namespace: string): void {
  plan.namespaces.push(namespace)
  plan.commands.push(['ip', 'netns', 'add', namespace], ['ip', '-n', namespace, 'link', 'set', 'lo', 'up'])
}

/** Two interfaces that are joined, one in each of two namespaces. */
export function pair(namespace: string, inside: string, other: string, outside: string): string[][] {
  return [
    ['ip', '-n', namespace, 'link', 'add', inside, 'type', 'veth', 'peer', 'name', outside, 'netns', other]
  ]
}

export interface LinkEndInit {
  namespace: string
  device: string
  address: string
  /** All addresses that it reaches without a gateway, such as `10.0.0.0/24`. */
  network: string
  congestionControl: string
}

/** An interface with its address, and a route to those who are on the same network. */
export function linkEnd({ namespace, device, address, network, congestionControl }: LinkEndInit): string[][] {
  return [
    ['ip', '-n', namespace, 'addr', 'add', `${address}/24`, 'dev', device, 'noprefixroute'],
    ['ip', '-n', namespace, 'link', 'set', device, 'up'],
    // The sysctl takes only what the system allows to new namespaces; a route takes any.
    ['ip', '-n', namespace, 'route', 'add', network, 'dev', device, 'congctl', congestionControl]
  ]
}

/** Of what leaves by the interface. */
export function shaper(namespace: string, device: string, rateMbit: number): string[] {
  const burst = Math.max(MIN_BURST_BYTES, Math.round((rateMbit * 1000 * BURST_MS) / BITS_PER_BYTE))
  const limits = ['rate', `${rateMbit}mbit`, 'burst', String(burst), 'latency', `${QUEUE_MS}ms`]
  return ['tc', '-n', namespace, 'qdisc', 'add', 'dev', device, 'root', 'tbf', ...limits]
}
