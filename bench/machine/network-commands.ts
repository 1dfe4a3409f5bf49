/** The commands that make networks of namespaces. Pure. */

/** The longest that a packet waits in front of a link; more packets are dropped, as in a home router. */
const QUEUE_MS = 50

/** How much an idle link sends at once: a busy machine wakes the shaper some milliseconds late. */
const BURST_MS = 10

/** Every link's burst is at least a few frames. */
const MIN_BURST_BYTES = 16 * 1024

const BITS_PER_BYTE = 8

/** A plan of a network. */
export interface NamespacePlan {
  commands: string[][]
  /** All that the commands make; everything in them is removed with them. */
  namespaces: string[]
}

/** The command that runs a program in a namespace. */
export function inNamespace(namespace: string, program: string, ...argv: string[]): [string, ...string[]] {
  return ['ip', 'netns', 'exec', namespace, program, ...argv]
}

/** A new namespace, added to the plan's others. */
export function addNamespace(plan: NamespacePlan, namespace: string): void {
  plan.namespaces.push(namespace)
  plan.commands.push(['ip', 'netns', 'add', namespace], ['ip', '-n', namespace, 'link', 'set', 'lo', 'up'])
}

/** Two joined interfaces, one in each of two namespaces. */
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

/** An interface with its address, and a route to the hosts on the same network. */
export function linkEnd({ namespace, device, address, network, congestionControl }: LinkEndInit): string[][] {
  return [
    ['ip', '-n', namespace, 'addr', 'add', `${address}/24`, 'dev', device, 'noprefixroute'],
    ['ip', '-n', namespace, 'link', 'set', device, 'up'],
    // The sysctl accepts only what the system allows in new namespaces; a route accepts any.
    ['ip', '-n', namespace, 'route', 'add', network, 'dev', device, 'congctl', congestionControl]
  ]
}

/** Shapes what leaves through the interface. */
export function shaper(namespace: string, device: string, rateMbit: number): string[] {
  const burst = Math.max(MIN_BURST_BYTES, Math.round((rateMbit * 1000 * BURST_MS) / BITS_PER_BYTE))
  const limits = ['rate', `${rateMbit}mbit`, 'burst', String(burst), 'latency', `${QUEUE_MS}ms`]
  return ['tc', '-n', namespace, 'qdisc', 'add', 'dev', device, 'root', 'tbf', ...limits]
}
