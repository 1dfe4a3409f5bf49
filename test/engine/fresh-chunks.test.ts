/** The first copies that are left to give, against a set. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { seededRandom } from '#potluck/core/random.js'
import { FreshChunks, MAX_CONTENTS_TRIED } from '#potluck/engine/fresh-chunks.js'
import { Holdings } from '#potluck/engine/holdings.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import { fc } from '../fixtures/properties.js'

const CHUNK_BYTES = 1024
const SELF = 'self'
const CHUNKS_EACH = 5

/** Two contents of ours, one of another peer, one of several peers, and one of ours of which little is held. */
const CONTENTS = [
  { root: 'ours', origin: SELF, heldCount: CHUNKS_EACH },
  { root: 'theirs', origin: 'other', heldCount: CHUNKS_EACH },
  { root: 'also ours', origin: SELF, heldCount: CHUNKS_EACH },
  { root: 'of several', origin: undefined, heldCount: CHUNKS_EACH },
  { root: 'ours in part', origin: SELF, heldCount: 2 }
]
const CHUNK_COUNT = CONTENTS.length * CHUNKS_EACH

function swarmState(): SwarmState {
  const state = new SwarmState(seededRandom(1))
  for (const { root, origin, heldCount } of CONTENTS) {
    const held = new Bitfield(CHUNKS_EACH)
    for (let index = 0; index < heldCount; index++) {
      held.add(index)
    }
    const extent = { byteLength: CHUNKS_EACH * CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
    state.addContent(root, extent, held, origin)
  }
  return state
}

type Step =
  | { kind: 'add' | 'delete' | 'spoil'; chunk: number }
  | { kind: 'copied' | 'uncopied'; chunk: number }
  | { kind: 'refresh'; underWay: number[] }
  | { kind: 'first'; notOf: string[] }

const chunk = fc.nat(CHUNK_COUNT - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'add' as const,
      'delete' as const,
      'spoil' as const,
      'copied' as const,
      'uncopied' as const
    ),
    chunk
  }),
  fc.record({ kind: fc.constant('refresh' as const), underWay: fc.array(chunk) }),
  fc.record({
    kind: fc.constant('first' as const),
    notOf: fc.subarray(CONTENTS.map(({ root }) => root))
  })
)

describe('fresh chunks', () => {
  it('are our own that are held, were not spoilt and are nobody else’s', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const state = swarmState()
        const other = new Holdings('other')
        const fresh = new FreshChunks(state, SELF)
        const model = new Set<number>()
        const spoilt = new Set<number>()
        const isOurs = (each: number): boolean =>
          state.originOf(each) === SELF && state.holds(each) && !spoilt.has(each)
        for (const action of steps) {
          switch (action.kind) {
            case 'add':
              fresh.add(action.chunk)
              if (isOurs(action.chunk)) {
                model.add(action.chunk)
              }
              break
            case 'delete':
              assert.equal(fresh.delete(action.chunk), model.delete(action.chunk))
              break
            case 'spoil':
              fresh.spoil(action.chunk)
              spoilt.add(action.chunk)
              model.delete(action.chunk)
              break
            case 'copied':
              state.addHave(other, action.chunk)
              break
            case 'uncopied':
              state.dropHave(other, action.chunk)
              break
            case 'refresh':
              fresh.refresh((each) => action.underWay.includes(each))
              model.clear()
              for (let each = 0; each < CHUNK_COUNT; each++) {
                if (isOurs(each) && state.copies(each) === 0 && !action.underWay.includes(each)) {
                  model.add(each)
                }
              }
              break
            case 'first': {
              const first = fresh.first(({ root }) => !action.notOf.includes(root))
              const could = [...model].filter((each) => !action.notOf.includes(state.refOf(each).root))
              assert.equal(first === undefined, could.length === 0)
              if (first !== undefined) {
                const { root } = state.refOf(first)
                const alike = could.filter((each) => state.refOf(each).root === root)
                assert.equal(first, Math.min(...alike), 'the first of its content')
              }
              break
            }
          }
          assert.equal(fresh.count, model.size)
        }
      }),
      { numRuns: 500 }
    )
  })

  it('are all given, each once, content after content', () => {
    const state = swarmState()
    const fresh = new FreshChunks(state, SELF)
    fresh.refresh(() => false)
    const given: number[] = []
    for (let first = fresh.first(() => true); first !== undefined; first = fresh.first(() => true)) {
      given.push(first)
      fresh.delete(first)
    }
    assert.deepEqual(given, [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21])
  })

  it('are none of a content that nobody takes', () => {
    const state = swarmState()
    const fresh = new FreshChunks(state, SELF)
    const isTaken = ({ root }: { root: string }): boolean => root !== 'ours'
    fresh.refresh(() => false, undefined, isTaken)
    assert.equal(fresh.count, CHUNKS_EACH + 2)
    fresh.refresh(() => false)
    assert.equal(fresh.count, 2 * CHUNKS_EACH + 2, 'somebody takes it after all')
  })

  it('are found behind however many that some do without and nobody is ready for', () => {
    const state = new SwarmState(seededRandom(1))
    const extent = { byteLength: CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
    const decliner = new Holdings('decliner')
    for (let number = 0; number <= 2 * MAX_CONTENTS_TRIED; number++) {
      state.addContent(`${number}`, extent, Bitfield.full(1), SELF)
      if (number < 2 * MAX_CONTENTS_TRIED) {
        state.setHoldings(decliner, `${number}`, false, new Uint8Array(), true)
      }
    }
    const fresh = new FreshChunks(state, SELF)
    fresh.refresh(() => false)
    const found = [1, 2, 3].map(() =>
      fresh.first((content) => decliner.takes(content) || content.declinedBy === 0)
    )
    assert.deepEqual(found, [undefined, undefined, 2 * MAX_CONTENTS_TRIED])
  })
})
