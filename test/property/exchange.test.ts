/** Invariants of the swarm state and the picker, against a naive model. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { pickChunk } from '#potluck/node/exchange/picker.js'
import { RarityOrder } from '#potluck/node/exchange/rarity-order.js'
import { SwarmState } from '#potluck/node/exchange/swarm-state.js'
import { Bitfield } from '#potluck/protocols/bitfield.js'

const CHUNK = 1024
const PEERS = ['a', 'b', 'c']

/** A small seeded generator (mulberry32), so that a run replays. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('rarity order', () => {
  it('keeps chunks sorted by availability through any steps', () => {
    const step = fc.record({ chunk: fc.nat(19), availability: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.nat(), (steps, seed) => {
        const order = new RarityOrder(seeded(seed))
        order.grow(20)
        const model = new Map<number, number>()
        for (const { chunk, availability } of steps) {
          const known = model.get(chunk)
          if (known === undefined) {
            order.add(chunk, availability)
            model.set(chunk, availability)
          } else {
            order.remove(chunk, known)
            model.delete(chunk)
          }
        }
        const walked = [...order]
        const heldBySomebody = [...model].filter(([, availability]) => availability > 0)
        assert.deepEqual(new Set(walked), new Set(heldBySomebody.map(([chunk]) => chunk)))
        assert.equal(walked.length, heldBySomebody.length)
        const availabilities = walked.map((chunk) => model.get(chunk) ?? -1)
        assert.deepEqual(
          availabilities,
          availabilities.toSorted((a, b) => a - b)
        )
        assert.equal(order.length, model.size)
      })
    )
  })

  it('puts each of equals first about equally often', () => {
    const first = new Map<number, number>()
    for (let seed = 0; seed < 2000; seed++) {
      const order = new RarityOrder(seeded(seed))
      order.grow(4)
      for (const chunk of [0, 1, 2, 3]) {
        order.add(chunk, 1)
      }
      const chunk = [...order][0] ?? -1
      first.set(chunk, (first.get(chunk) ?? 0) + 1)
    }
    for (const chunk of [0, 1, 2, 3]) {
      const times = first.get(chunk) ?? 0
      assert.ok(times > 400 && times < 600, `chunk ${chunk} came first ${times} of 2000 times`)
    }
  })
})

type Step =
  | { kind: 'have'; peer: string; root: string; chunkIndex: number }
  | { kind: 'holdings'; peer: string; root: string; chunks: number[] }
  | { kind: 'drop'; peer: string; root: string; chunkIndex: number }
  | { kind: 'gone'; peer: string }
  | { kind: 'ask'; peer: string }
  | { kind: 'arrive' | 'fail'; nth: number }
  | { kind: 'lose'; root: string; chunkIndex: number }

const CHUNK_COUNTS = new Map([
  ['x', 5],
  ['y', 3],
  ['empty', 0]
])
const peer = fc.constantFrom(...PEERS)
const root = fc.constantFrom(...CHUNK_COUNTS.keys(), 'unknown')
const chunkIndex = fc.nat(6)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('have' as const), peer, root, chunkIndex }),
  fc.record({ kind: fc.constant('holdings' as const), peer, root, chunks: fc.array(fc.nat(4)) }),
  fc.record({ kind: fc.constant('drop' as const), peer, root, chunkIndex }),
  fc.record({ kind: fc.constant('gone' as const), peer }),
  fc.record({ kind: fc.constant('ask' as const), peer }),
  fc.record({ kind: fc.constantFrom('arrive' as const, 'fail' as const), nth: fc.nat(5) }),
  fc.record({ kind: fc.constant('lose' as const), root, chunkIndex })
)

describe('picker', () => {
  it('asks only for what is missing, of a peer that holds it, and of one peer at a time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.nat(), (steps, seed) => {
        const state = new SwarmState(seeded(seed))
        const held = new Set<string>()
        const claims = new Map<string, Set<string>>(PEERS.map((name) => [name, new Set()]))
        const inFlight = new Map<string, { root: string; chunkIndex: number }>()
        for (const [name, count] of CHUNK_COUNTS) {
          state.addContent(name, { byteLength: count * CHUNK, chunkByteLength: CHUNK }, new Bitfield(count))
          state.open(name)
        }
        const exists = (name: string, index: number): boolean => index < (CHUNK_COUNTS.get(name) ?? 0)
        for (const action of steps) {
          switch (action.kind) {
            case 'have': {
              const known = state.addHave(action.peer, action.root, action.chunkIndex)
              assert.equal(known, exists(action.root, action.chunkIndex))
              if (known) {
                claims.get(action.peer)?.add(`${action.root}/${action.chunkIndex}`)
              }
              break
            }
            case 'holdings': {
              const count = CHUNK_COUNTS.get(action.root)
              const claimed = new Bitfield(count ?? 8)
              for (const index of action.chunks) {
                if (index < claimed.length) {
                  claimed.add(index)
                }
              }
              assert.equal(
                state.setHoldings(action.peer, action.root, false, claimed.toBytes()),
                count !== undefined
              )
              const mine = claims.get(action.peer)
              for (let index = 0; count !== undefined && index < count; index++) {
                mine?.delete(`${action.root}/${index}`)
                if (claimed.has(index)) {
                  mine?.add(`${action.root}/${index}`)
                }
              }
              break
            }
            case 'drop':
              state.dropHave(action.peer, action.root, action.chunkIndex)
              claims.get(action.peer)?.delete(`${action.root}/${action.chunkIndex}`)
              break
            case 'gone':
              state.removeRemote(action.peer)
              claims.get(action.peer)?.clear()
              break
            case 'ask': {
              const chunk = pickChunk(state, action.peer)
              const could = [...(claims.get(action.peer) ?? [])].filter(
                (key) => !held.has(key) && !inFlight.has(key)
              )
              assert.equal(chunk === undefined, could.length === 0, 'asks whenever it could')
              if (chunk !== undefined) {
                const key = `${chunk.root}/${chunk.chunkIndex}`
                assert.ok(could.includes(key), `${key} may be asked of ${action.peer}`)
                const rarity = (name: string): number =>
                  PEERS.filter((other) => claims.get(other)?.has(name)).length
                assert.equal(rarity(key), Math.min(...could.map(rarity)), 'the rarest first')
                state.request(chunk.root, chunk.chunkIndex)
                inFlight.set(key, chunk)
              }
              break
            }
            case 'arrive':
            case 'fail': {
              const entry = [...inFlight][action.nth]
              if (entry !== undefined) {
                const [key, chunk] = entry
                inFlight.delete(key)
                if (action.kind === 'arrive') {
                  assert.ok(state.store(chunk.root, chunk.chunkIndex))
                  held.add(key)
                } else {
                  state.release(chunk.root, chunk.chunkIndex)
                }
              }
              break
            }
            case 'lose':
              state.lose(action.root, action.chunkIndex)
              held.delete(`${action.root}/${action.chunkIndex}`)
              break
          }
          assert.equal(state.missingChunks, 8 - held.size)
          assert.equal(state.heldBytes, held.size * CHUNK)
          assert.equal(state.totalBytes, 8 * CHUNK)
        }
        for (const name of PEERS) {
          assert.equal(state.remoteComplete(name), claims.get(name)?.size === 8)
        }
      }),
      { numRuns: 500 }
    )
  })

  it('asks for nothing whose digests are not known', () => {
    const state = new SwarmState(seeded(1))
    state.addContent('x', { byteLength: 3 * CHUNK, chunkByteLength: CHUNK }, new Bitfield(3))
    assert.ok(state.setHoldings('a', 'x', true, new Uint8Array()))
    assert.equal(pickChunk(state, 'a'), undefined)
    assert.deepEqual(
      [...state.closedContents()].map(({ root: name }) => name),
      ['x']
    )
    state.open('x')
    assert.equal(pickChunk(state, 'a')?.root, 'x')
    assert.deepEqual([...state.closedContents()], [])
  })

  it('knows the length of the last chunk', () => {
    const state = new SwarmState(seeded(1))
    state.addContent('x', { byteLength: CHUNK + 1, chunkByteLength: CHUNK }, new Bitfield(2))
    state.open('x')
    state.addHave('a', 'x', 1)
    assert.equal(pickChunk(state, 'a')?.byteLength, 1)
    state.addHave('b', 'x', 0)
    assert.equal(pickChunk(state, 'b')?.byteLength, CHUNK)
  })
})
