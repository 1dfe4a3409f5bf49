/** Addresses and ports of this machine that are free. */
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Each peer has a loopback address of its own, as machines have: systems tell peers apart by their addresses. */
export function loopbackAddress(number: number): string {
  return `127.0.1.${number}`
}

/** A TCP port that nobody uses at any address; it is given away a moment later. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') {
    throw new Error('a server of TCP has a port')
  }
  return address.port
}
