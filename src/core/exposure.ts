/** Which addresses others than this machine can reach: behind those, somebody has to say who may come in. */
import { multiaddr } from '@multiformats/multiaddr'

/** 127.0.0.0/8, and the two ways in which libp2p writes the one address of version 6. */
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|0:0:0:0:0:0:0:1|localhost)$/

/** Whether only this machine reaches what listens there: on a name or an IP address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** Transports that stay inside a process or a machine. */
const LOCAL_PROTOCOLS: ReadonlySet<string> = new Set(['memory', 'unix'])

/** The addresses that are not this machine's own alone; whatever is not known to be so counts as one of them. */
export function exposedAddresses(addresses: readonly string[]): string[] {
  return addresses.filter((address) => {
    const [first] = multiaddr(address).getComponents()
    return !(first !== undefined && (LOCAL_PROTOCOLS.has(first.name) || isLoopback(first.value ?? '')))
  })
}
