/** The schema of a scenario file: every setting with its type, its limits and its default. */
import * as z from 'zod'
import {
  DEFAULT_CHUNK_BYTE_LENGTH,
  MAX_CHUNK_BYTE_LENGTH,
  MIN_CHUNK_BYTE_LENGTH
} from '#potluck/core/chunks.js'

/** The coordinator's limit as well. */
const MAX_PEERS = 1024

/** As many as the simulator can do in a day; the exchange itself takes longer. */
const MAX_FILE_CHUNKS = 100_000

/** Faster than any link between two machines. */
const MAX_MBIT_PER_SECOND = 1_000_000

const MAX_RTT_MS = 10_000

const rate = z.number().min(0).max(MAX_MBIT_PER_SECOND)

const roundTrip = z.number().min(0).max(MAX_RTT_MS)

const peerIndex = z
  .int()
  .min(0)
  .max(MAX_PEERS - 1)

const pair = z.tuple([peerIndex, peerIndex])

const time = z.number().min(0)

export const scenarioSchema = z.strictObject({
  /** The purpose. */
  description: z.string().describe('a sentence'),

  /** Groups of similar peers, numbered from 0 in this order, with the initial rates of their links in Mbit/s. */
  peers: z
    .array(
      z.strictObject({
        count: z.int().min(1).max(MAX_PEERS).default(1),
        uplink: rate.positive(),
        downlink: rate.positive()
      })
    )
    .min(1)
    .describe(
      `a list of { "count", "uplink", "downlink" }, the links in Mbit/s above 0 and up to ${MAX_MBIT_PER_SECOND}`
    ),

  /** The length of each peer's file in chunks. */
  fileChunks: z
    .int()
    .min(1)
    .max(MAX_FILE_CHUNKS)
    .default(2000)
    .describe(`a whole number from 1 to ${MAX_FILE_CHUNKS}`),

  chunkByteLength: z
    .int()
    .min(MIN_CHUNK_BYTE_LENGTH)
    .max(MAX_CHUNK_BYTE_LENGTH)
    .default(DEFAULT_CHUNK_BYTE_LENGTH)
    .describe(`a whole number of bytes from ${MIN_CHUNK_BYTE_LENGTH} to ${MAX_CHUNK_BYTE_LENGTH}`),

  /** Between any two peers without an entry in `roundTrips`. */
  rttMs: roundTrip.default(40).describe(`a number of milliseconds from 0 to ${MAX_RTT_MS}`),

  roundTrips: z
    .array(z.strictObject({ between: pair, rttMs: roundTrip }))
    .default([])
    .describe(`a list of { "between": [peer, peer], "rttMs" }, with up to ${MAX_RTT_MS} ms`),

  /** The announced uplinks are wrong by up to this factor, either way, each by its own. */
  estimateErrorFactor: z.number().min(1).max(100).default(1).describe('a number from 1 to 100'),

  /** An event of a peer: other rates of its links in Mbit/s, its death, or its return. */
  events: z
    .array(
      z.discriminatedUnion('what', [
        z.strictObject({
          what: z.literal('links'),
          atSeconds: time,
          peer: peerIndex,
          uplink: rate.optional(),
          downlink: rate.optional()
        }),
        z.strictObject({ what: z.literal('death'), atSeconds: time, peer: peerIndex }),
        z.strictObject({ what: z.literal('return'), atSeconds: time, peer: peerIndex })
      ])
    )
    .default([])
    .describe(
      'a list of { "what": "links", "death" or "return", "atSeconds", "peer" }, with "uplink" and "downlink" of links'
    ),

  /** Peers that do without the files of some others. */
  declines: z
    .array(z.strictObject({ peer: peerIndex, origins: z.array(peerIndex).max(MAX_PEERS) }))
    .default([])
    .describe('a list of { "peer", "origins": [peer, …] }'),

  /** Pairs that have no connection. */
  unreachable: z.array(pair).default([]).describe('a list of [peer, peer]'),

  /** The efficiency that a run must reach; left out if nothing is promised. */
  expectedEfficiency: z.number().min(0).max(1).optional().describe('a number from 0 to 1')
})

export type Scenario = z.output<typeof scenarioSchema>
export type ScenarioSettings = z.input<typeof scenarioSchema>
export type ScenarioEvent = Scenario['events'][number]

/** A link's rate as bytes per second: network rates count in powers of ten. */
export function bytesPerSecondOf(mbitPerSecond: number): number {
  return (mbitPerSecond * 1_000_000) / 8
}

/** The links of every peer at the start, in Mbit/s, in the order of their numbers. */
export function linksOf({ peers }: Scenario): { uplink: number; downlink: number }[] {
  return peers.flatMap(({ count, uplink, downlink }) =>
    Array.from({ length: count }, () => ({ uplink, downlink }))
  )
}

/** Why the scenario contradicts itself; undefined when it does not. */
export function scenarioProblem(scenario: Scenario): string | undefined {
  const count = linksOf(scenario).length
  if (count < 2 || count > MAX_PEERS) {
    return `it has ${count} peers, and a swarm has from 2 to ${MAX_PEERS}`
  }
  const named = [
    ...scenario.events.map(({ peer }) => peer),
    ...scenario.unreachable.flat(),
    ...scenario.declines.flatMap(({ peer, origins }) => [peer, ...origins]),
    ...scenario.roundTrips.flatMap(({ between }) => between)
  ]
  const missing = named.find((peer) => peer >= count)
  return missing === undefined ? undefined : `it speaks of peer ${missing}, and the last one is ${count - 1}`
}
