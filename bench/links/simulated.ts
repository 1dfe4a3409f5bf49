/** Simulates the measured links: the comparison with the real run shows how accurate the simulator is. Pure. */
import { chunkCountOf, DEFAULT_CHUNK_BYTE_LENGTH } from '#potluck/core/chunks.js'
import { scenarioSchema } from '../../sim/scenario.js'
import { Simulation } from '../../sim/simulation.js'
import type { NamedLink } from './bound.ts'
import type { LinksScenario } from './scenarios.ts'

/** Only queues add delay; they hold 50 ms and are kept short. */
const RTT_MS = 20

/** The lower bound divided by the makespan of this project's scheduler on modelled links. */
export function simulatedEfficiency(
  { name, links }: LinksScenario,
  measured: readonly NamedLink[],
  byteLength: number
): number {
  const hidden = links.flatMap(({ behindNat }, index) => (behindNat ? [index] : []))
  const unreachable = hidden.flatMap((one) =>
    hidden.filter((other) => other > one).map((other): [number, number] => [one, other])
  )
  const scenario = scenarioSchema.parse({
    description: name,
    peers: measured.map((link) => ({
      uplink: mbit(link.uplinkBytesPerSecond),
      downlink: mbit(link.downlinkBytesPerSecond)
    })),
    fileChunks: chunkCountOf({ byteLength, chunkByteLength: DEFAULT_CHUNK_BYTE_LENGTH }),
    rttMs: RTT_MS,
    unreachable
  })
  return new Simulation({ scenario, seed: 1, scheduler: 'potluck' }).run().efficiency
}

/** A measured value is never undefined; only its type allows it. */
function mbit(bytesPerSecond = 0): number {
  return (8 * bytesPerSecond) / 1_000_000
}
