import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BoundMember, BoundWatch } from '#potluck/coordinator/swarm/bound-watch.js'
import { Bitfield } from '#potluck/core/bitfield.js'
import { openBound } from '#potluck/protocols/coordination/index.js'

const CHUNK = 262144

/** A member that brings one file of 1,000 bytes, of a content of its own unless told otherwise. */
function member(name: string, changes: Partial<BoundMember> = {}, root = `root-${name}`): BoundMember {
  const manifest = {
    kind: 'file' as const,
    origin: name,
    originId: `id-${name}`,
    path: 'file',
    byteLength: 1000,
    chunkByteLength: CHUNK,
    md5: 'm',
    root
  }
  return {
    name,
    registeredAtMs: 0,
    manifests: [{ manifest, bytes: new Uint8Array() }],
    configured: {},
    measured: {},
    missingBytesAtStart: 2000,
    declined: new Map(),
    ...changes
  }
}

function capacities(uplinkBytesPerSecond: number, downlinkBytesPerSecond: number) {
  return { uplinkBytesPerSecond, downlinkBytesPerSecond }
}

const THREE = [
  member('ann', { configured: capacities(1000, 1000) }),
  member('ben', { configured: capacities(100, 1000) }),
  member('cat', { configured: capacities(1000, 1000) })
]

describe('bound watch', () => {
  it('tells the bound by configured capacities, and how a run compares with it', () => {
    const watch = new BoundWatch(THREE, 0)
    const bound = {
      boundMs: 10_000,
      term: 'origin',
      boundPeer: 'ben',
      boundBytesPerSecond: 100,
      basis: 'configured'
    }
    const news = watch.news(THREE, 0)
    assert.deepEqual(news?.bound, bound)
    const fast = { bytesPerSecond: 1000, configured: true }
    assert.deepEqual(news?.capacities, [
      { name: 'ann', uplink: fast, downlink: fast },
      { name: 'ben', uplink: { ...fast, bytesPerSecond: 100 }, downlink: fast },
      { name: 'cat', uplink: fast, downlink: fast }
    ])
    assert.deepEqual(watch.outcome(THREE, 12_500), { ...bound, efficiency: 0.8 })
    assert.equal(watch.outcome(THREE, 9000)?.efficiency, 1, 'the capacity was told too low')
  })

  it('takes a measured rate only where nothing is configured, and says which it took', () => {
    const members = [
      member('ann', { configured: capacities(400, 10_000), measured: capacities(9, 9) }),
      member('ben', { configured: { uplinkBytesPerSecond: 400 }, measured: capacities(9, 200) }),
      member('cat', { measured: capacities(400, 10_000) })
    ]
    const downlink = new BoundWatch(members, 0).outcome(members, 5000)
    assert.deepEqual([downlink?.term, downlink?.boundPeer, downlink?.basis], ['downlink', 'ben', 'measured'])
    const faster = members.map((each) => ({ ...each, measured: capacities(400, 10_000) }))
    const uplinks = new BoundWatch(faster, 0).outcome(faster, 5000)
    assert.deepEqual(uplinks, {
      boundMs: 5000,
      term: 'uplinks',
      boundBytesPerSecond: 1200,
      basis: 'mixed',
      efficiency: 1
    })
  })

  it('waits until every member has told what it lacks', () => {
    const members = THREE.map((each, index) =>
      index === 1 ? { ...each, missingBytesAtStart: undefined } : each
    )
    const watch = new BoundWatch(members, 0)
    assert.equal(watch.news(members, 0), undefined)
    assert.equal(watch.outcome(members, 1000), undefined)
    assert.ok(watch.news(THREE, 1))
  })

  it('counts what a member held besides its own files as anybody’s', () => {
    const resumed = THREE.map((each) => (each.name === 'cat' ? { ...each, missingBytesAtStart: 1500 } : each))
    const outcome = new BoundWatch(resumed, 0).outcome(resumed, 10_000)
    assert.deepEqual([outcome?.boundMs, outcome?.boundPeer], [5000, 'ben'])
    const complete = THREE.map((each) => ({ ...each, missingBytesAtStart: 0 }))
    assert.equal(new BoundWatch(complete, 0).outcome(complete, 10_000), undefined, 'nothing to send')
    const liars = THREE.map((each) => ({ ...each, missingBytesAtStart: 1e15 }))
    assert.equal(new BoundWatch(liars, 0).outcome(liars, 10_000)?.boundMs, 10_000, 'no more than there is')
  })

  it('knows that a content of two origins is nobody’s alone, and counts it once', () => {
    const shared = [
      member('ann', { configured: capacities(1, 1000), missingBytesAtStart: 1000 }, 'same'),
      member('ben', { configured: capacities(1, 1000), missingBytesAtStart: 1000 }, 'same'),
      member('cat', { configured: capacities(500, 1000), missingBytesAtStart: 1000 })
    ]
    const outcome = new BoundWatch(shared, 0).outcome(shared, 10_000)
    assert.deepEqual([outcome?.term, outcome?.boundMs.toFixed(0)], ['uplinks', '5976'])
  })

  it('tells again when the bound has moved, but not all the time', () => {
    const watch = new BoundWatch(THREE, 0)
    const slower = (uplink: number): BoundMember[] =>
      THREE.map((each) => (each.name === 'ben' ? { ...each, configured: capacities(uplink, 1000) } : each))
    assert.ok(watch.news(THREE, 0))
    assert.equal(watch.news(slower(50), 4000), undefined, 'too soon')
    assert.equal(watch.news(slower(98), 6000), undefined, 'too little')
    assert.equal(watch.news(slower(50), 7000)?.bound.boundMs, 20_000)
    assert.equal(watch.news(slower(10), 8000), undefined, 'too soon again')
    assert.ok(watch.news(slower(10), 12_000))
  })
})

describe('a bound from the coordinator', () => {
  const told = {
    boundMs: 1,
    term: 'origin',
    boundPeer: 'ann',
    boundBytesPerSecond: 2,
    basis: 'measured',
    efficiency: 0.5
  }

  it('is taken as it was told', () => {
    assert.deepEqual(openBound(told), told)
    const { boundPeer, ...together } = { ...told, term: 'uplinks' }
    assert.deepEqual(openBound(together), together)
  })

  it('fault 31: is left out when it cannot be one', () => {
    for (const wrong of [
      { term: 'luck' },
      { basis: '' },
      { boundMs: Number.NaN },
      { boundBytesPerSecond: -1 },
      { efficiency: Number.POSITIVE_INFINITY }
    ]) {
      assert.equal(openBound({ ...told, ...wrong }), undefined)
    }
  })

  it('counts from when a late member came what has to pass through its link', () => {
    const [ann, ben, cat] = [
      member('ann', { configured: capacities(1000, 1000), missingBytesAtStart: 1000 }),
      member('ben', { configured: capacities(1000, 1000), missingBytesAtStart: 1000 }),
      member('cat', { configured: capacities(1000, 1000), registeredAtMs: 60_500 })
    ]
    const watch = new BoundWatch([ann, ben], 500)
    assert.equal(watch.outcome([ann, ben], 1)?.boundMs, 1000)
    const grown = [ann, ben].map((each) => ({ ...each, missingBytesAtStart: 2000 }))
    watch.onLate([...grown, cat])
    const { boundMs, term, boundPeer, efficiency } = watch.outcome([...grown, cat], 64_000) ?? {}
    assert.deepEqual([boundMs, term, boundPeer], [62_000, 'downlink', 'cat'])
    assert.equal(efficiency, 62 / 64)
  })

  it('counts what is wanted: of each peer what it lacks of that, of an origin what another one wants', () => {
    const members = THREE.map((each) => ({ ...each }))
    const watch = new BoundWatch(members, 0)
    const boundMs = () => watch.outcome(members, 1)?.boundMs
    assert.equal(boundMs(), 10_000, "ben's file, at its uplink")
    const choose = (name: string, missingBytesAtStart: number) => {
      const chooser = members.find((each) => each.name === name) ?? assert.fail()
      Object.assign(chooser, { missingBytesAtStart, declined: new Map([['ben', Bitfield.full(1)]]) })
    }
    choose('ann', 1000)
    assert.ok((boundMs() ?? 0) < 3000, 'what it lacks less may be of that file, as far as is known')
    watch.onChoice()
    assert.equal(boundMs(), 10_000, 'cat wants it all the same')
    choose('cat', 1000)
    watch.onChoice()
    assert.equal(boundMs(), 2000, 'nobody does, so what ben lacks binds, at its downlink')
  })

  it('takes a content for wanted where one of its files is', () => {
    const file = Bitfield.full(1)
    const boundOf = (...declined: string[]) => {
      const members = ['ann', 'ben', 'cat'].map((name) => {
        const isCat = name === 'cat'
        const changes = { configured: capacities(1000, isCat ? 1 : 1000), missingBytesAtStart: 1000 }
        return member(name, changes, isCat ? 'other' : 'same')
      })
      const [, , cat = assert.fail()] = members
      cat.declined = new Map(declined.map((origin) => [origin, file]))
      return new BoundWatch(members, 0).outcome(members, 1)?.boundMs
    }
    const [fetched, spared] = [1_000_000, 1000]
    assert.deepEqual([boundOf(), boundOf('ann'), boundOf('ann', 'ben')], [fetched, fetched, spared])
  })
})
