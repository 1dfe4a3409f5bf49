/** Free addresses and ports of this machine. */
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Each peer has a loopback address of its own, as machines do: some systems tell peers apart by their addresses. */
export function loopbackAddress(number: number): string {
  return `127.0.1.${number}`
}

/** A TCP port that is free at every address; another program may take it a moment later. */
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

/**
 * Below the ports that systems hand out (from 32768 on, on Linux): no other program gets it while the process that
 * listens there is away for a moment.
 *
 * @param random from 0 up to and not including 1
 */
export async function steadyFreePort(random: () => number): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 10_000 + Math.floor(random() * 20_000)
    if (await isFree(port)) {
      return port
    }
  }
  throw new Error('no free port from 10000 to 29999')
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    return false
  }
  await once(server.close(), 'close')
  return true
}
