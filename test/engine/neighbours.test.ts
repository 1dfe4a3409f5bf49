import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MAX_FULL_MESH_PEERS, neighboursOf, RINGS } from '#potluck/engine/neighbours.js'
import { fc } from '../fixtures/properties.js'

/** Ids in no order at all, so that an answer which depends on the order given shows. */
const large = fc.uniqueArray(fc.string({ unit: 'binary-ascii', minLength: 4, maxLength: 12 }), {
  minLength: MAX_FULL_MESH_PEERS + 1,
  maxLength: 200
})

function graphOf(peerIds: readonly string[]): Map<string, string[]> {
  return new Map(peerIds.map((peerId) => [peerId, neighboursOf(peerIds, peerId)]))
}

/** The number of steps from the first peer to the furthest one; Infinity if one is unreachable. */
function eccentricityOf(graph: ReadonlyMap<string, string[]>): number {
  const [first = ''] = graph.keys()
  let frontier = [first]
  const reached = new Set(frontier)
  let steps = 0
  while (reached.size < graph.size) {
    frontier = [...new Set(frontier.flatMap((peerId) => graph.get(peerId) ?? []))].filter(
      (peerId) => !reached.has(peerId)
    )
    if (frontier.length === 0) {
      return Number.POSITIVE_INFINITY
    }
    for (const peerId of frontier) {
      reached.add(peerId)
    }
    steps++
  }
  return steps
}

describe('neighbours', () => {
  it('are all others in a small swarm', () => {
    const peerIds = Array.from({ length: MAX_FULL_MESH_PEERS }, (_, index) => `peer${index}`)
    for (const [peerId, neighbours] of graphOf(peerIds)) {
      assert.deepEqual(new Set(neighbours), new Set(peerIds.filter((other) => other !== peerId)))
    }
    assert.deepEqual(neighboursOf(['a'], 'a'), [])
    assert.deepEqual(neighboursOf([], 'a'), [])
  })

  it('of a large swarm are mutual, never oneself, bounded in number, and reach everyone', () => {
    fc.assert(
      fc.property(large, (peerIds) => {
        const graph = graphOf(peerIds)
        for (const [peerId, neighbours] of graph) {
          assert.ok(!neighbours.includes(peerId))
          assert.ok(neighbours.length <= 2 * RINGS && neighbours.length >= RINGS)
          assert.equal(new Set(neighbours).size, neighbours.length)
          for (const neighbour of neighbours) {
            assert.ok(graph.get(neighbour)?.includes(peerId), `${neighbour} knows ${peerId}`)
          }
        }
        assert.ok(Number.isFinite(eccentricityOf(graph)))
      }),
      { numRuns: 10 }
    )
  })

  it('are the same whatever the order in which the members are listed', () => {
    fc.assert(
      fc.property(large, fc.nat(), (peerIds, chosen) => {
        const self = peerIds[chosen % peerIds.length] ?? ''
        assert.deepEqual(neighboursOf(peerIds.toReversed(), self), neighboursOf(peerIds, self))
      }),
      { numRuns: 20 }
    )
  })

  it('of a thousand peers are few steps apart', () => {
    const peerIds = Array.from({ length: 1000 }, (_, index) => `peer${index}`)
    assert.ok(eccentricityOf(graphOf(peerIds)) <= 4)
  })

  it('of one who is no member are nobody', () => {
    const peerIds = Array.from({ length: 100 }, (_, index) => `peer${index}`)
    assert.deepEqual(neighboursOf(peerIds, 'stranger'), [])
  })
})
