/** One exchange of two peers over the path: the throughput of each, and the duration. */
import { fileURLToPath } from 'node:url'
import type { NamedPlace } from '#potluck/local-run/verify.js'
import type { Gathering } from '../links/gathering.ts'
import { COORDINATOR, type Hosts } from '../links/hosts.ts'
import { CpuMeter } from '../links/meter.ts'
import { gatherWithPotluck, PORT } from '../links/potluck.ts'
import type { Arrival } from '../links/steady-rate.ts'
import { Crew } from '../machine/crew.ts'
import { measuredWithin, type RunResult } from '../machine/run-result.ts'
import { settleMachine } from '../machine/settle-machine.ts'
import { middleRate } from './middle-rate.ts'
import { PROXY_PORT } from './path-plan.ts'
import type { Measurement } from './report.ts'

const PROXY = fileURLToPath(new URL('./delaying-proxy.js', import.meta.url))

/** A slower run is broken, whatever the path. */
const LEAST_BYTES_PER_SECOND = 2_000_000

/** Additional time for any run: starting, connecting, ending. */
const LIMIT_EXTRA_MS = 60_000

export interface PathRunInit {
  network: Hosts
  /** Others reach the first through the proxy. */
  places: readonly [NamedPlace, NamedPlace]
  /** The length of each source. */
  byteLength: number
  logs: string
  /** The round trip. */
  delayMs: number
  signal: AbortSignal
}

/** A failed run is also a result. @throws the signal's reason */
export async function measurePath(init: PathRunInit): Promise<RunResult<Measurement>> {
  const { places, byteLength, signal } = init
  const moved = places.length * byteLength
  const limitMs = LIMIT_EXTRA_MS + Math.ceil((moved * 1000) / LEAST_BYTES_PER_SECOND)
  return await measuredWithin(limitMs, signal, async (limited) => {
    await settleMachine(places, moved, signal)
    return { measurement: await measured({ ...init, signal: limited }) }
  })
}

async function measured(init: PathRunInit): Promise<Measurement> {
  const arrivals = new Map<string, Arrival[]>(init.places.map(({ name }) => [name, []]))
  const meter = new CpuMeter()
  try {
    const { makespanMs } = await gatheredThroughProxy(init, meter, (name, arrival) =>
      arrivals.get(name)?.push(arrival)
    )
    const rates = [...arrivals].map(([name, all]): [string, number | undefined] => [name, middleRate(all)])
    return {
      makespanMs,
      receivedMbit: Object.fromEntries(
        rates.filter((rate): rate is [string, number] => rate[1] !== undefined)
      ),
      busyShare: meter.busyShare,
      ownBusyShare: meter.ownBusyShare
    }
  } finally {
    meter.stop()
  }
}

/** Without the proxy there is no path, so its end fails a run. */
async function gatheredThroughProxy(
  init: PathRunInit,
  meter: CpuMeter,
  onStored: (name: string, arrival: Arrival) => void
): Promise<Gathering> {
  const { network, delayMs } = init
  const crew = new Crew(network)
  const over = new AbortController()
  const signal = AbortSignal.any([init.signal, over.signal])
  let gathering: Promise<Gathering> | undefined
  try {
    await crew.until(
      startProxy(crew, init, delayMs / 2, (processId) => meter.watch(processId)),
      signal
    )
    gathering = gatherWithPotluck({ ...init, meter, signal, onProgress: () => undefined, onStored })
    return await crew.until(gathering, signal)
  } finally {
    over.abort()
    // Its result was reported above; here it only has to end.
    await gathering?.catch(() => undefined)
    await crew.end()
  }
}

/** Resolves when it listens. */
function startProxy(
  crew: Crew,
  { network, places }: PathRunInit,
  delayMs: number,
  onStart: (processId: number) => void
): Promise<void> {
  const from = [network.host(COORDINATOR).address, String(PROXY_PORT)]
  const to = [network.host(places[0].name).address, String(PORT)]
  return new Promise((resolve) => {
    crew.start({
      at: COORDINATOR,
      call: [process.execPath, PROXY, ...from, ...to, String(delayMs)],
      onStart,
      onOutput: () => resolve()
    })
  })
}
