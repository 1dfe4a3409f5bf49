/**
 * One run of one system on an existing network: the bytes that it moved, its duration, and whether all files are right.
 */
import type { LowerBound } from '#potluck/core/lower-bound.js'
import { verifyCopies } from '#potluck/local-run/verify.js'
import type { LinkBytes } from '../machine/counters.ts'
import { measuredWithin, type RunResult } from '../machine/run-result.ts'
import type { Gathering, GatheringInit } from './gathering.ts'
import { CpuMeter } from './meter.ts'
import type { Network } from './network.ts'
import { type Measurement, slowestOriginCopies } from './report.ts'
import type { LinksScenario } from './scenarios.ts'
import { SYSTEMS, type SystemName } from './systems.ts'

/** A run that takes this many times the bound will not end. */
const LIMIT_FACTOR = 10

/** Additional time for any run: starting, connecting, ending. */
const LIMIT_EXTRA_MS = 60_000

const GIGABYTE = 1e9

export interface RunInit extends Omit<GatheringInit, 'meter'> {
  network: Network
  scenario: LinksScenario
  bound: LowerBound
}

/** A failed run is also a result. @throws the signal's reason */
export async function measureRun(system: SystemName, init: RunInit): Promise<RunResult<Measurement>> {
  const { places, signal, bound } = init
  const limitMs = Math.ceil(bound.boundMs * LIMIT_FACTOR + LIMIT_EXTRA_MS)
  return await measuredWithin(limitMs, signal, async (limited) => {
    const measurement = await measured(system, { ...init, signal: limited })
    const { problems } = await verifyCopies(places, signal, () => undefined)
    const [problem] = problems
    return problem === undefined ? { measurement } : { failure: problem }
  })
}

async function measured(system: SystemName, init: RunInit): Promise<Measurement> {
  const { network } = init
  const meter = new CpuMeter()
  try {
    const before = await network.linkBytes()
    const gathering = await SYSTEMS[system]({ ...init, meter })
    return measurementOf(init, gathering, meter, difference(before, await network.linkBytes()))
  } finally {
    meter.stop()
  }
}

function measurementOf(
  { scenario, places, byteLength, bound }: RunInit,
  { makespanMs, finishSpreadMs, ownSentBytes, duplicateBytes }: Gathering,
  { cpuSeconds, busyShare, ownBusyShare }: CpuMeter,
  bytes: ReadonlyMap<string, LinkBytes>
): Measurement {
  const neededBytes = places.length * (places.length - 1) * byteLength
  const linkBytes = Object.fromEntries(
    places.map(({ name }) => [name, bytes.get(name) ?? { sentBytes: 0, receivedBytes: 0 }])
  )
  const receivedBytes = Object.values(linkBytes).reduce((sum, link) => sum + link.receivedBytes, 0)
  const ownSent = places.map(({ name }) => ownSentBytes.get(name) ?? 0)
  return {
    makespanMs,
    efficiency: bound.boundMs / makespanMs,
    slowestOriginCopies: slowestOriginCopies(scenario, ownSent, byteLength),
    ...(duplicateBytes === undefined ? {} : { duplicateBytes }),
    finishSpreadMs,
    linkBytes,
    receivedPerNeeded: receivedBytes / neededBytes,
    cpuSecondsPerGigabyte: cpuSeconds / (neededBytes / GIGABYTE),
    busyShare,
    ownBusyShare
  }
}

function difference(
  before: ReadonlyMap<string, LinkBytes>,
  after: ReadonlyMap<string, LinkBytes>
): Map<string, LinkBytes> {
  return new Map(
    [...after].map(([name, { sentBytes, receivedBytes }]) => [
      name,
      {
        sentBytes: sentBytes - (before.get(name)?.sentBytes ?? 0),
        receivedBytes: receivedBytes - (before.get(name)?.receivedBytes ?? 0)
      }
    ])
  )
}
