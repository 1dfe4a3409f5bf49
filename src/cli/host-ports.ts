/** On which ports a host listens: its coordinator, and its peer beside that. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { codeOf } from '../core/errors.ts'

/** Where a coordinator is expected, and others for where that is taken. The peers beside them have the odd ones. */
const USUAL_PORTS = [9000, 9002, 9004, 9006, 9008]

const MAX_PORT = 65_535

const HOST_AND_PORT = /^\/(?:ip4|ip6|dns[46]?)\/([^/]+)\/tcp\/(\d+)/

/**
 * The port of a coordinator that was told none: one where an unfinished swarm waits to be carried on, or else the first
 * that is free. So the invitation of a host that was killed stays good, also where that was not on the first port.
 *
 * @param stateFileOf where the unfinished swarm of a port is kept
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
  // Where all are taken, listening on the first one says what is wrong.
  return free.find((port) => existsSync(stateFileOf(port))) ?? free[0] ?? USUAL_PORTS[0] ?? 0
}

/**
 * The addresses of the peer beside a coordinator: the same ones, each at the next port, so that people know which two to
 * open. Any free port where the coordinator has one, or where the next one is taken.
 *
 * @param listen of the coordinator
 */
export async function besideAddresses(
  { listen, announce }: { listen: readonly string[]; announce: readonly string[] },
  isFree: (host: string, port: number) => Promise<boolean> = isFreeAt
): Promise<{ listen: string[]; announce: string[] }> {
  const next = listen.map((address) => withPort(address, nextPort))
  for (const address of next) {
    const [, host = '', port = '0'] = HOST_AND_PORT.exec(address) ?? []
    if (port === '0' || !(await isFree(host, Number(port)))) {
      // What leads to the coordinator from outside would lead to nobody.
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

/** What cannot be listened on for another reason than that it is taken is told when the role listens. */
function isFreeAt(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(codeOf(error) !== 'EADDRINUSE'))
    server.listen({ host, port, ipv6Only: host.includes(':') }, () => server.close(() => resolve(true)))
  })
}
