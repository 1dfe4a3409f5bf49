import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BoundPeer, efficiencyOf, lowerBound, withLoads } from '#potluck/core/lower-bound.js'
import { fc } from '../fixtures/properties.js'

const MBIT_BYTES = 125_000
const FILE_BYTES = 500 * 1024 * 1024

const rate = fc.integer({ min: 1000, max: 1_000_000_000 })
const byteLength = fc.integer({ min: 1, max: 2 ** 40 })

interface Brought {
  uplinkBytesPerSecond: number
  downlinkBytesPerSecond: number
  byteLength: number
}

/** Peers that each bring one file. */
const brought: fc.Arbitrary<Brought[]> = fc.array(
  fc.record({ uplinkBytesPerSecond: rate, downlinkBytesPerSecond: rate, byteLength }),
  { minLength: 2, maxLength: 8 }
)

function named(peers: readonly Brought[]): BoundPeer[] {
  const links = peers.map((peer, index) => ({ ...peer, name: `peer${index}` }))
  return withLoads(
    links,
    links.map(({ name, byteLength }) => ({ byteLength, heldBytes: new Map([[name, byteLength]]) }))
  )
}

function boundMsOf(peers: readonly Brought[]): number {
  return lowerBound(named(peers))?.boundMs ?? 0
}

/** Whether two floating-point results mean the same. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
}

describe('lower bound', () => {
  it('is the closed formula where each peer brings one file', () => {
    fc.assert(
      fc.property(brought, (peers) => {
        const total = peers.reduce((sum, peer) => sum + peer.byteLength, 0)
        const uplinks = peers.reduce((sum, peer) => sum + peer.uplinkBytesPerSecond, 0)
        const expectedSeconds = Math.max(
          ...peers.map((peer) => peer.byteLength / peer.uplinkBytesPerSecond),
          ...peers.map((peer) => (total - peer.byteLength) / peer.downlinkBytesPerSecond),
          ((peers.length - 1) * total) / uplinks
        )
        assert.ok(near(boundMsOf(peers), expectedSeconds * 1000))
      })
    )
  })

  it('grows with the bytes and falls with the capacities, in proportion', () => {
    fc.assert(
      fc.property(brought, fc.integer({ min: 2, max: 1000 }), (peers, factor) => {
        const larger = peers.map((peer) => ({ ...peer, byteLength: peer.byteLength * factor }))
        const faster = peers.map((peer) => ({
          ...peer,
          uplinkBytesPerSecond: peer.uplinkBytesPerSecond * factor,
          downlinkBytesPerSecond: peer.downlinkBytesPerSecond * factor
        }))
        assert.ok(near(boundMsOf(larger), boundMsOf(peers) * factor))
        assert.ok(near(boundMsOf(faster), boundMsOf(peers) / factor))
      })
    )
  })

  it('never grows with a capacity, nor by not knowing one', () => {
    const changes = fc.record({ at: fc.nat(), more: rate, known: fc.boolean(), up: fc.boolean() })
    fc.assert(
      fc.property(brought, changes, (peers, { at, more, known, up }) => {
        const key = up ? 'uplinkBytesPerSecond' : 'downlinkBytesPerSecond'
        const before = named(peers)
        const after = before.map((peer, index) =>
          index === at % before.length
            ? { ...peer, [key]: known ? (peer[key] ?? 0) + more : undefined }
            : peer
        )
        assert.ok((lowerBound(after)?.boundMs ?? 0) <= (lowerBound(before)?.boundMs ?? 0))
      })
    )
  })

  it('never grows when a peer holds more of a content at the start', () => {
    const held = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 3, maxLength: 3 })
    const links = ['ann', 'ben', 'cat'].map((name) => ({
      name,
      uplinkBytesPerSecond: 7,
      downlinkBytesPerSecond: 11
    }))
    const boundOf = (held: number[]): number => {
      const heldBytes = new Map(links.map(({ name }, index) => [name, held[index] ?? 0]))
      return lowerBound(withLoads(links, [{ byteLength: 1000, heldBytes }]))?.boundMs ?? 0
    }
    fc.assert(
      fc.property(held, fc.nat(2), fc.nat(1000), (before, at, more) => {
        // One peer has all of it: bytes that no one holds can never be sent.
        const start = before.map((bytes, index) => (index === 0 ? 1000 : bytes))
        const after = start.map((bytes, index) => (index === at ? Math.min(1000, bytes + more) : bytes))
        assert.ok(boundOf(after) <= boundOf(start))
      })
    )
  })

  const table: [string, number[], number[], number, string, string | undefined][] = [
    ['two cloud, two laptops', [1000, 1000, 20, 20], [1000, 1000, 100, 100], 209.7, 'origin', 'peer2'],
    ['one fast, three slow', [1000, 20, 20, 20], [1000, 100, 100, 100], 209.7, 'origin', 'peer1'],
    ['one very slow uplink', [1000, 1000, 1000, 10], [1000, 1000, 1000, 1000], 419.4, 'origin', 'peer3'],
    ['all uplinks together', [100, 100, 50, 50], [100, 100, 100, 100], 167.8, 'uplinks', undefined],
    ['all equal', [100, 100, 100, 100], [100, 100, 100, 100], 125.8, 'downlink', 'peer0']
  ]
  for (const [what, up, down, seconds, term, peer] of table) {
    it(`of four files of 500 MiB is ${seconds} s: ${what}`, () => {
      const bound = lowerBound(
        named(
          up.map((uplink, index) => ({
            uplinkBytesPerSecond: uplink * MBIT_BYTES,
            downlinkBytesPerSecond: (down[index] ?? 0) * MBIT_BYTES,
            byteLength: FILE_BYTES
          }))
        )
      )
      assert.equal(((bound?.boundMs ?? 0) / 1000).toFixed(1), seconds.toFixed(1))
      assert.deepEqual([bound?.term, bound?.peer], [term, peer])
    })
  }

  it('counts a content of several origins as nobody alone has it', () => {
    const links = ['ann', 'ben', 'cat'].map((name) => ({ name, uplinkBytesPerSecond: 10 }))
    const heldBytes = new Map([
      ['ann', 100],
      ['ben', 100]
    ])
    const [ann, ben, cat] = withLoads(links, [{ byteLength: 100, heldBytes }])
    assert.deepEqual([ann?.soleBytes, ann?.missingBytes], [0, 0])
    assert.deepEqual([ben?.soleBytes, ben?.missingBytes], [0, 0])
    assert.deepEqual([cat?.soleBytes, cat?.missingBytes], [0, 100])
  })

  it('counts what each peer wants, and what another peer wants of what one alone has', () => {
    const names = ['ann', 'ben', 'cat', 'dan'].map((name) => ({ name }))
    const someNames = fc.subarray(names.map(({ name }) => name))
    const content = fc.record({
      byteLength: fc.integer({ min: 1, max: 1000 }),
      origins: someNames,
      decliners: someNames
    })
    fc.assert(
      fc.property(fc.array(content, { maxLength: 5 }), (contents) => {
        const loads = withLoads(
          names,
          contents.map(({ byteLength, origins, decliners }) => ({
            byteLength,
            heldBytes: new Map(origins.map((name) => [name, byteLength])),
            declinedBy: new Set(decliners)
          }))
        )
        for (const { name, soleBytes, missingBytes } of loads) {
          let sole = 0
          let missing = 0
          for (const { byteLength, origins, decliners } of contents) {
            const isAlone = origins.length === 1 && origins[0] === name
            const isWanted = names.some((other) => other.name !== name && !decliners.includes(other.name))
            sole += isAlone && isWanted ? byteLength : 0
            missing += origins.includes(name) || decliners.includes(name) ? 0 : byteLength
          }
          assert.deepEqual([soleBytes, missingBytes], [sole, missing], name)
        }
      })
    )
  })

  it('is not known where nothing is known, or nothing has to be sent', () => {
    const heldBytes = new Map([['ann', 100]])
    const contents = [{ byteLength: 100, heldBytes }]
    assert.equal(lowerBound([]), undefined)
    assert.equal(lowerBound(withLoads([{ name: 'ann' }, { name: 'ben' }], contents)), undefined)
    assert.equal(lowerBound(withLoads([{ name: 'ann', uplinkBytesPerSecond: 10 }], contents)), undefined)
    const partly = [{ name: 'ann' }, { name: 'ben', downlinkBytesPerSecond: 50 }]
    assert.deepEqual(lowerBound(withLoads(partly, contents)), {
      boundMs: 2000,
      term: 'downlink',
      peer: 'ben'
    })
  })

  it('makes an efficiency from 0 to 1', () => {
    assert.equal(efficiencyOf(50, 100), 0.5)
    assert.equal(efficiencyOf(100, 100), 1)
    assert.equal(efficiencyOf(120, 100), 1)
  })
})
