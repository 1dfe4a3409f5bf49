/** The ports that a host listens on: its coordinator's, and its peer's next to it. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { codeOf } from '../core/errors.ts'

/** The usual port of a coordinator, and others if that is in use. The peers use the odd ports between them. */
const USUAL_PORTS = [9000, 9002, 9004, 9006, 9008]

const MAX_PORT = 65_535

const HOST_AND_PORT = /^\/(?:ip4|ip6|dns[46]?)\/([^/]+)\/tcp\/(\d+)/

/**
 * The port of a coordinator without a configured port: one with an unfinished swarm to carry on, or else the first free
 * one. So the invitation stays valid after a kill, even if the host was not on the first port.
 *
 * @param stateFileOf returns the state file for a port
 */
export async function usualPort(
  stateFileOf: (port: number) => string,
  isFree: (port: number) => Promise<boolean> = isFreeEverywhere
): Promise<number> {
  const free: number[] = []
  for (const port of USUAL_PORTS) {
    if (await isFree(port)) {
      free.push(port)
    }
  }
  // If all are in use, listening on the first one reports the error.
  return free.find((port) => existsSync(stateFileOf(port))) ?? free[0] ?? USUAL_PORTS[0] ?? 0
}

/**
 * The addresses of the peer beside a coordinator: the same ones, each at the next port, so that people know which two
 * to open. It is any free port if the coordinator uses one, or if the next one is in use.
 *
 * @param listen the coordinator's addresses
 */
export async function besideAddresses(
  { listen, announce }: { listen: readonly string[]; announce: readonly string[] },
  isFree: (host: string, port: number) => Promise<boolean> = isFreeAt
): Promise<{ listen: string[]; announce: string[] }> {
  const next = listen.map((address) => withPort(address, nextPort))
  for (const address of next) {
    const [, host = '', port = '0'] = HOST_AND_PORT.exec(address) ?? []
    if (port === '0' || !(await isFree(host, Number(port)))) {
      // The public address of the coordinator leads to no peer.
      return { listen: listen.map((address) => withPort(address, () => 0)), announce: [] }
    }
  }
  return { listen: next, announce: announce.map((address) => withPort(address, nextPort)) }
}

function withPort(address: string, change: (port: number) => number): string {
  return address.replace(/\/tcp\/(\d+)/, (_, port: string) => `/tcp/${change(Number(port))}`)
}

function nextPort(port: number): number {
  return port === 0 || port >= MAX_PORT ? 0 : port + 1
}

async function isFreeEverywhere(port: number): Promise<boolean> {
  return (await isFreeAt('0.0.0.0', port)) && (await isFreeAt('::', port))
}

/** Other reasons against listening are reported when the role listens. */
function isFreeAt(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(codeOf(error) !== 'EADDRINUSE'))
    server.listen({ host, port, ipv6Only: host.includes(':') }, () => server.close(() => resolve(true)))
  })
}
