/** Addresses of libp2p as people write them: a multiaddr, or HOST:PORT as in every other program. */
import { isIPv4, isIPv6 } from 'node:net'
import { parseHttpAddress } from './http-address.ts'

/**
 * The multiaddr for a text: `/ip4/192.0.2.1/tcp/9000` for `192.0.2.1:9000`, `/ip6/::1/tcp/9000` for `[::1]:9000`,
 * `/dns/host.example/tcp/9000` for `host.example:9000`. A text that begins with `/` is returned unchanged, right or
 * wrong.
 *
 * @throws Error that says what is wrong with a text that is neither
 */
export function multiaddrTextOf(text: string): string {
  if (text.startsWith('/')) {
    return text
  }
  const address = parseHttpAddress(text)
  if (address === undefined) {
    throw new Error('neither HOST:PORT nor a multiaddr')
  }
  const { host, port } = address
  if (isIPv6(host)) {
    return `/ip6/${host}/tcp/${port}`
  }
  if (!isIPv4(host)) {
    return `/dns/${host}/tcp/${port}`
  }
  // URLs allow short forms of such addresses: with a part missing, the address would be another machine's.
  if (!text.startsWith(`${host}:`)) {
    throw new Error('an IPv4 address has four numbers from 0 to 255')
  }
  return `/ip4/${host}/tcp/${port}`
}
