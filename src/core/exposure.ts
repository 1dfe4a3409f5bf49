/** Which addresses other machines can reach. A listener there needs a rule for who may connect. */
import { multiaddr } from '@multiformats/multiaddr'

/** 127.0.0.0/8, and the two spellings in which libp2p writes the one loopback address of IPv6. */
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|0:0:0:0:0:0:0:1|localhost)$/

/** Whether only this machine can reach a listener there, at a name or an IP address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** Transports that stay inside a process or a machine. */
const LOCAL_PROTOCOLS: ReadonlySet<string> = new Set(['memory', 'unix'])

/** The addresses that are not known to be for this machine alone. */
export function exposedAddresses(addresses: readonly string[]): string[] {
  return addresses.filter((address) => {
    const [first] = multiaddr(address).getComponents()
    return !(first !== undefined && (LOCAL_PROTOCOLS.has(first.name) || isLoopback(first.value ?? '')))
  })
}
