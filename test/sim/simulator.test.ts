/** The simulator: whole swarms on a virtual clock, with the peers' own scheduler. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lowerBound } from '#potluck/core/lower-bound.js'
import { type ChangingPeer, changingBound } from '../../sim/changing-bound.js'
import { type ScenarioSettings, scenarioProblem, scenarioSchema } from '../../sim/scenario.js'
import type { SchedulerName } from '../../sim/scheduler.js'
import { Simulation, type SimulationResult } from '../../sim/simulation.js'
import { fc } from '../fixtures/properties.js'

const CHUNK_BYTES = 256 * 1024

function simulate(
  settings: Omit<ScenarioSettings, 'description'>,
  seed: number,
  scheduler: SchedulerName = 'potluck'
): SimulationResult {
  const scenario = scenarioSchema.parse({ description: 'a test', ...settings })
  assert.equal(scenarioProblem(scenario), undefined)
  return new Simulation({ scenario, seed, scheduler }).run()
}

const mbit = fc.integer({ min: 1, max: 200 })
const peers = fc.array(fc.record({ uplink: mbit, downlink: mbit }), { minLength: 2, maxLength: 6 })
const swarm = fc.record({
  peers,
  fileChunks: fc.integer({ min: 1, max: 20 }),
  rttMs: fc.integer({ min: 0, max: 300 }),
  estimateErrorFactor: fc.constantFrom(1, 3)
})

type Events = NonNullable<ScenarioSettings['events']>

/** Events of a peer: its links change, or it dies, for good or for a while. */
interface Blow {
  peer: number
  kind: 'links' | 'death' | 'absence'
  atSeconds: number
  lastsSeconds: number
  uplink: number
}

const blow: fc.Arbitrary<Blow> = fc.record({
  peer: fc.nat(),
  kind: fc.constantFrom('links', 'death', 'absence'),
  atSeconds: fc.integer({ min: 0, max: 60 }),
  lastsSeconds: fc.integer({ min: 0, max: 60 }),
  uplink: mbit
})

/** Peer 0 is spared: all can go through it. */
function eventsOf({ peer, kind, atSeconds, lastsSeconds, uplink }: Blow, peerCount: number): Events {
  const struck = 1 + (peer % (peerCount - 1))
  if (kind === 'links') {
    return [{ what: 'links', atSeconds, peer: struck, uplink }]
  }
  const death = { what: 'death' as const, atSeconds, peer: struck }
  const back = { what: 'return' as const, atSeconds: atSeconds + lastsSeconds, peer: struck }
  return kind === 'death' ? [death] : [death, back]
}

describe('simulated swarm', () => {
  it('ends, not before its bound, whatever befalls it', () => {
    const hard = fc.record({
      swarm,
      blows: fc.array(blow, { maxLength: 4 }),
      cut: fc.array(fc.tuple(fc.nat(), fc.nat()))
    })
    fc.assert(
      fc.property(hard, fc.nat(), ({ swarm: settings, blows, cut }, seed) => {
        const count = settings.peers.length
        const unreachable = cut
          .map(([one, other]): [number, number] => [1 + (one % (count - 1)), 1 + (other % (count - 1))])
          .filter(([one, other]) => one !== other)
        const events = blows.flatMap((one) => eventsOf(one, count))
        const result = simulate({ ...settings, events, unreachable }, seed)
        assert.ok(result.complete)
        assert.ok(result.makespanMs >= result.boundMs - 1e-3)
      }),
      { numRuns: 100 }
    )
  })

  it('moves every chunk to everyone, once but for what it counts as duplicates', () => {
    fc.assert(
      fc.property(
        swarm,
        fc.nat(),
        fc.constantFrom('potluck', 'rarest', 'owner'),
        (settings, seed, scheduler) => {
          const { chunkBytes, duplicateBytes, complete } = simulate(settings, seed, scheduler)
          const count = settings.peers.length
          const neededBytes = count * (count - 1) * settings.fileChunks * CHUNK_BYTES
          assert.ok(complete)
          assert.ok(chunkBytes - duplicateBytes >= neededBytes)
          if (scheduler !== 'potluck') {
            assert.deepEqual([chunkBytes, duplicateBytes], [neededBytes, 0])
          }
        }
      ),
      { numRuns: 100 }
    )
  })

  it('runs the same again with the same seed, and not with another', () => {
    const settings = {
      peers: [{ count: 4, uplink: 50, downlink: 100 }],
      fileChunks: 20,
      events: [
        { what: 'death' as const, atSeconds: 1, peer: 2 },
        { what: 'return' as const, atSeconds: 3, peer: 2 }
      ]
    }
    assert.deepEqual(simulate(settings, 1), simulate(settings, 1))
    assert.notDeepEqual({ ...simulate(settings, 2), seed: 1 }, simulate(settings, 1))
  })

  it('takes three times the bound when each file comes straight from its owner, as reckoned by hand', () => {
    const settings = {
      peers: [
        { count: 2, uplink: 1000, downlink: 1000 },
        { count: 2, uplink: 20, downlink: 100 }
      ],
      fileChunks: 400
    }
    const { efficiency, slowestOriginCopies, term } = simulate(settings, 1, 'owner')
    assert.equal(term, 'origin')
    assert.equal(slowestOriginCopies, 3)
    assert.ok(Math.abs(3 * efficiency - 1) < 0.01)
  })

  it('ends without what was lost with its only holder', () => {
    const settings = {
      peers: [
        { count: 3, uplink: 100, downlink: 100 },
        { uplink: 1, downlink: 100 }
      ],
      fileChunks: 50,
      events: [{ what: 'death' as const, atSeconds: 10, peer: 3 }]
    }
    const { complete, lostChunks } = simulate(settings, 1)
    assert.ok(complete)
    // In 10 s, 1 Mbit/s carries 4 chunks and three quarters.
    assert.ok(lostChunks >= 46 && lostChunks < 50)
  })

  it('comes to a standstill when nobody can reach anybody', () => {
    const settings = {
      peers: [{ count: 2, uplink: 100, downlink: 100 }],
      fileChunks: 1,
      unreachable: [[0, 1] as [number, number]]
    }
    const { complete, efficiency } = simulate(settings, 1)
    assert.deepEqual([complete, efficiency], [false, 0])
  })
})

describe('bound of changing links', () => {
  const rate = fc.integer({ min: 1, max: 1_000_000 })
  const load = fc.record({
    soleBytes: fc.integer({ min: 0, max: 1_000_000 }),
    missingBytes: fc.integer({ min: 1, max: 1_000_000 }),
    uplinkBytesPerSecond: rate,
    downlinkBytesPerSecond: rate
  })
  const constant = (bytesPerSecond: number) => [{ fromMs: 0, bytesPerSecond }]
  const named = fc
    .array(load, { minLength: 1, maxLength: 5 })
    .map((loads) => loads.map((one, index) => ({ ...one, name: `peer${index}` })))

  it('is the lower bound where nothing changes, and where a change changes nothing', () => {
    fc.assert(
      fc.property(named, fc.integer({ min: 1, max: 100_000 }), (loads, fromMs) => {
        const same = (again: boolean): ChangingPeer[] =>
          loads.map(({ uplinkBytesPerSecond, downlinkBytesPerSecond, ...one }) => ({
            ...one,
            uplink: [
              ...constant(uplinkBytesPerSecond),
              ...(again ? [{ fromMs, bytesPerSecond: uplinkBytesPerSecond }] : [])
            ],
            downlink: constant(downlinkBytesPerSecond)
          }))
        const expected = lowerBound(loads)?.boundMs ?? assert.fail()
        assert.equal(changingBound(same(false))?.boundMs, expected)
        assert.ok(Math.abs((changingBound(same(true))?.boundMs ?? 0) - expected) <= 1e-6 * expected)
      })
    )
  })

  it('is the time by which the bytes have fitted through', () => {
    const ann = {
      name: 'ann',
      soleBytes: 3000,
      missingBytes: 0,
      uplink: [
        { fromMs: 0, bytesPerSecond: 1000 },
        { fromMs: 2000, bytesPerSecond: 0 },
        { fromMs: 5000, bytesPerSecond: 500 }
      ],
      downlink: constant(1)
    }
    const bound = changingBound([ann])
    assert.equal(bound?.boundMs.toFixed(3), '7000.000')
    assert.equal(bound?.term, 'origin')
    assert.equal(changingBound([{ ...ann, uplink: ann.uplink.slice(0, 2) }]), undefined, 'never')
  })
})
