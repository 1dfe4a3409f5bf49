/**
 * Measures the goodput of a network's links: plain TCP between each peer and the coordinator's place, one direction at
 * a time.
 */
import { fileURLToPath } from 'node:url'
import { PotluckError } from '#potluck/core/errors.js'
import { Crew } from '../machine/crew.ts'
import { COORDINATOR } from './hosts.ts'
import type { Network } from './network.ts'
import type { PeerLink } from './scenarios.ts'

const PROBE = fileURLToPath(new URL('./goodput-probe.js', import.meta.url))

/** Free: only this runs in the coordinator's namespace. */
const PORT = 5001

/** The time for each measurement, which sends for about 4 s. */
const TIMEOUT_MS = 15_000

/**
 * The share of a link's rate that TCP carries: at most 1448 bytes of each frame's 1514. It is less if the machine had
 * too little processor time; then the link does not have its configured rate.
 */
const LEAST_SHARE = 0.92
const LARGEST_SHARE = 0.975

/** Another process of this machine can disturb one measurement. */
const ATTEMPTS = 5

const MBIT_BYTES_PER_SECOND = 125_000

export interface Goodput {
  uplinkBytesPerSecond: number
  downlinkBytesPerSecond: number
}

/**
 * Measures all uplinks at once, then all downlinks.
 *
 * @throws PotluckError CONFIGURATION when a link's goodput does not match its rate; the signal's reason
 */
export async function measureGoodput(
  network: Network,
  peers: ReadonlyArray<{ name: string; link: PeerLink }>,
  signal: AbortSignal
): Promise<Map<string, Goodput>> {
  let problem = ''
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const names = peers.map(({ name }) => name)
    const up = await measureAll(network, names, 'up', signal)
    const down = await measureAll(network, names, 'down', signal)
    const goodput = new Map(
      names.map((name) => [
        name,
        { uplinkBytesPerSecond: up.get(name) ?? 0, downlinkBytesPerSecond: down.get(name) ?? 0 }
      ])
    )
    const found = problemOf(peers, goodput)
    if (found === undefined) {
      return goodput
    }
    problem = found
  }
  throw new PotluckError(
    'CONFIGURATION',
    `${problem}, also when measured ${ATTEMPTS} times. Run it again when this machine has nothing else to do.`
  )
}

/** The first link with a share of its rate outside of what TCP can carry. */
export function problemOf(
  peers: ReadonlyArray<{ name: string; link: PeerLink }>,
  goodput: ReadonlyMap<string, Goodput>
): string | undefined {
  for (const { name, link } of peers) {
    const measured = goodput.get(name)
    const ways = [
      { way: 'uplink', rateMbit: link.uplinkMbit, bytesPerSecond: measured?.uplinkBytesPerSecond ?? 0 },
      { way: 'downlink', rateMbit: link.downlinkMbit, bytesPerSecond: measured?.downlinkBytesPerSecond ?? 0 }
    ]
    for (const { way, rateMbit, bytesPerSecond } of ways) {
      const carriedMbit = bytesPerSecond / MBIT_BYTES_PER_SECOND
      const share = carriedMbit / rateMbit
      if (!(share >= LEAST_SHARE && share <= LARGEST_SHARE)) {
        return `The ${way} of ${name} is shaped to ${rateMbit} Mbit/s, of which TCP should carry about 95 %, but it carried ${carriedMbit.toFixed(1)} Mbit/s`
      }
    }
  }
  return undefined
}

/** Bytes per second, by the peer's name. */
async function measureAll(
  network: Network,
  names: readonly string[],
  mode: 'up' | 'down',
  signal: AbortSignal
): Promise<Map<string, number>> {
  const measured = new Map<string, number>()
  const crew = new Crew(network)
  const target = [network.host(COORDINATOR).address, String(PORT)]
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  try {
    const serving = new Promise<void>((resolve) => {
      const call = [process.execPath, PROBE, 'serve', ...target] as const
      crew.start({ at: COORDINATOR, call, onOutput: () => resolve() })
    })
    await crew.until(serving, inTime)
    const all = names.map(
      (name) =>
        new Promise<void>((resolve) => {
          const onOutput = (line: string): void => {
            measured.set(name, Number(line))
            resolve()
          }
          crew.start({ at: name, call: [process.execPath, PROBE, mode, ...target], onOutput })
        })
    )
    await crew.until(Promise.all(all), inTime)
  } finally {
    await crew.end()
  }
  return measured
}
