/** Both halves of the scheduler between a few peers, with all events in any order. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../fixtures/properties.js'
import { ClosedWorld, type Trouble, type WorldSettings } from './closed-world.js'

const PEERS = { min: 2, max: 5 }
const MIB = 1024 * 1024

const content = fc.record({
  chunkCount: fc.nat(12),
  // Mostly of one origin; of two, no copy is a first one.
  holders: fc.array(fc.nat(), { minLength: 1, maxLength: 2 })
})

function troubles(kinds: [Trouble['kind'], ...Trouble['kind'][]]): fc.Arbitrary<Trouble[]> {
  const trouble = fc.record({
    kind: fc.constantFrom(...kinds),
    afterSteps: fc.integer({ min: 1, max: 800 }),
    peer: fc.nat(),
    other: fc.nat(),
    times: fc.integer({ min: 1, max: 60 })
  })
  return fc.array(trouble, { maxLength: 8 })
}

/** A content that some peers may decline, even all that would have wanted it. */
const chosenContent = fc.record({
  chunkCount: fc.nat(12),
  holders: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
  decliners: fc.array(fc.nat(), { maxLength: 4 })
})

function worlds(
  befalling: fc.Arbitrary<Trouble[]>,
  paceMs: fc.Arbitrary<number>
): fc.Arbitrary<WorldSettings> {
  return fc.record({
    seed: fc.nat(),
    peerCount: fc.integer(PEERS),
    contents: fc.array(content, { minLength: 1, maxLength: 5 }),
    apart: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 2 }),
    // The second so long that two chunks fill what may be leaving.
    chunkByteLength: fc.constantFrom(MIB / 4, 16 * MIB),
    maxInFlight: fc.integer({ min: 1, max: 16 }),
    paceMs,
    troubles: befalling
  })
}

/** So that no answer is late. */
const QUICK = fc.constant(1)
const ANY_PACE = fc.constantFrom(1, 20, 200)

/** Everything that passes. */
const PASSING: [Trouble['kind'], ...Trouble['kind'][]] = [
  'death',
  'cut',
  'broken stream',
  'loss',
  'pause',
  'not-held',
  'unreadable',
  'corrupt'
]

function run(settings: WorldSettings): ClosedWorld {
  const world = new ClosedWorld(settings)
  try {
    world.run()
  } catch (error) {
    throw new Error(`after:\n${world.log.slice(-60).join('\n')}`, { cause: error })
  }
  return world
}

function assertComplete(world: ClosedWorld): void {
  const missing = world.peers.map(({ id, state }) => `${id} misses ${state.missingChunks}`)
  assert.ok(world.isComplete, `${missing.join(', ')} after:\n${world.log.slice(-60).join('\n')}`)
}

describe('a closed world', () => {
  it('ends with everyone complete when nothing befalls it, each chunk asked for once', () => {
    fc.assert(
      fc.property(worlds(fc.constant([]), QUICK), (settings) => {
        const world = run(settings)
        assertComplete(world)
        for (const { asks } of world.peers) {
          for (const [chunk, arrivals] of asks.arrivals) {
            // One that comes as a first copy may have been asked of somebody else: nobody knew that it would come.
            const asked = arrivals.filter((how) => how === 'chunk').length
            assert.ok(asked <= 1 && arrivals.length - asked <= 1, `chunk ${chunk} came by ${arrivals}`)
          }
        }
      }),
      { numRuns: 60 }
    )
  })

  it('of two peers sends each chunk once', () => {
    fc.assert(
      fc.property(worlds(fc.constant([]), QUICK), (settings) => {
        for (const { asks } of run({ ...settings, peerCount: 2 }).peers) {
          for (const [chunk, arrivals] of asks.arrivals) {
            assert.equal(arrivals.length, 1, `chunk ${chunk} came by ${arrivals}`)
          }
        }
      }),
      { numRuns: 60 }
    )
  })

  it('fault 19: ends with everyone complete whatever befalls it and passes', () => {
    fc.assert(
      fc.property(worlds(troubles(PASSING), ANY_PACE), (settings) => assertComplete(run(settings))),
      { numRuns: 100 }
    )
  })

  it('fault 59: ends with everyone having what it wants, and nothing that it does without, whatever passes', () => {
    const contents = fc.array(chosenContent, { minLength: 1, maxLength: 5 })
    const chosen = fc
      .tuple(worlds(troubles(PASSING), ANY_PACE), contents)
      // Peers that are apart get nothing from each other where all between them do without it.
      .map(([settings, contents]) => ({ ...settings, contents, apart: [] }))
    fc.assert(
      fc.property(chosen, (settings) => {
        const world = run(settings)
        assertComplete(world)
        for (const { id, state } of world.peers) {
          for (const { root, declined, held } of state.contents()) {
            assert.ok(!declined || held.count === 0, `${id} has chunks of ${root}, which it does without`)
          }
        }
      }),
      { numRuns: 150 }
    )
  })

  it('fault 60: ends with everyone complete when contents come late, whatever passes', () => {
    const late = fc.record({
      chunkCount: fc.nat(12),
      holders: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
      afterSteps: fc.nat(400)
    })
    const growing = fc
      .tuple(worlds(troubles(PASSING), ANY_PACE), fc.array(late, { minLength: 1, maxLength: 4 }))
      .map(([settings, late]) => ({ ...settings, contents: [...settings.contents, ...late] }))
    fc.assert(
      fc.property(growing, (settings) => assertComplete(run(settings))),
      { numRuns: 100 }
    )
  })

  it('goes on when news of a chunk that was lost and is back overtakes the answer that it was lost', () => {
    assertComplete(
      run({
        seed: 2130706431,
        peerCount: 4,
        contents: [
          { chunkCount: 9, holders: [0, 1414579366] },
          { chunkCount: 7, holders: [238685011] },
          { chunkCount: 11, holders: [966854] }
        ],
        apart: [
          [800724537, 394768047],
          [785544151, 506764498]
        ],
        chunkByteLength: 16777216,
        maxInFlight: 6,
        paceMs: 200,
        troubles: [
          { kind: 'death', afterSteps: 195, peer: 1322833251, other: 0, times: 4 },
          { kind: 'loss', afterSteps: 319, peer: 0, other: 0, times: 23 }
        ]
      })
    )
  })

  it('ends with everyone who is left having all that is left', () => {
    fc.assert(
      fc.property(worlds(troubles([...PASSING, 'end', 'end']), ANY_PACE), (settings) => {
        const { peers, log } = run({ ...settings, apart: [] })
        const states = peers.map(({ state }) => state)
        for (let chunk = 0; chunk < (states[0]?.chunkCount ?? 0); chunk++) {
          const holders = states.filter((state) => state.holds(chunk)).length
          assert.ok(
            holders === 0 || holders === states.length,
            `${holders} of ${states.length} hold chunk ${chunk} after:\n${log.slice(-60).join('\n')}`
          )
        }
      }),
      { numRuns: 60 }
    )
  })

  it('runs the same way again from the same seed', () => {
    fc.assert(
      fc.property(worlds(troubles(PASSING), ANY_PACE), (settings) => {
        assert.deepEqual(run(settings).log, run(settings).log)
      }),
      { numRuns: 10 }
    )
  })
})
