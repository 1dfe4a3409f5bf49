import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type JoinRequest, Roster } from '#potluck/coordinator/swarm/roster.js'
import { Bitfield } from '#potluck/core/bitfield.js'
import {
  COORDINATION_VERSION,
  MAX_MANIFESTS,
  type ReportedCapacities
} from '#potluck/protocols/coordination/index.js'
import type { Manifest, SignedManifest } from '#potluck/protocols/manifest/index.js'

const CHUNK = 262144

const NOTHING = { totalBytes: 0, heldBytes: 0, receivedBytes: 0, sentBytes: 0 }

function rosterOf(expectedPeers: number, late: 'yes' | 'no' = 'yes'): Roster {
  return new Roster({ expectedPeers, chunkByteLength: CHUNK, late })
}

function request(name: string, changes: Partial<JoinRequest> = {}): JoinRequest {
  return { peerId: `id-${name}`, version: COORDINATION_VERSION, name, multiaddrs: [], ...changes }
}

function names(members: readonly { name: string }[]): string[] {
  return members.map(({ name }) => name)
}

/** Ann and Ben have brought a file of 100 bytes each, at 0 ms. */
function exchanging(): Roster {
  const roster = rosterOf(2)
  for (const name of ['ann', 'ben']) {
    roster.join(request(name), 0)
  }
  for (const name of ['ann', 'ben']) {
    roster.publish(`id-${name}`, [manifestOf(name, { byteLength: 100 })])
  }
  roster.catalogAtMs = 0
  return roster
}

/** The roster does not look into the bytes: they were opened before. */
function manifestOf(origin: string, changes: Partial<Manifest> = {}): SignedManifest {
  const manifest: Manifest = {
    kind: 'file',
    origin,
    originId: `id-${origin}`,
    path: 'file',
    byteLength: 1,
    chunkByteLength: CHUNK,
    md5: 'm',
    root: `root-${origin}`,
    ...changes
  }
  return { manifest, bytes: new Uint8Array() }
}

function refusalOf(outcome: object | undefined): unknown {
  return outcome !== undefined && 'code' in outcome ? outcome.code : undefined
}

describe('roster', () => {
  it('fault 41: takes no more manifests of all together than a peer takes in', () => {
    const roster = rosterOf(2)
    roster.join(request('ann'), 0)
    roster.join(request('ben'), 0)
    const manifests = (origin: string, count: number): SignedManifest[] =>
      Array.from({ length: count }, (_, index) => manifestOf(origin, { path: `${index}` }))
    const half = MAX_MANIFESTS / 2
    assert.equal(roster.publish('id-ann', manifests('ann', half)), undefined)
    assert.equal(refusalOf(roster.publish('id-ben', manifests('ben', half + 1))), 'MANIFESTS_INVALID')
    assert.equal(roster.publish('id-ben', manifests('ben', half)), undefined)
    assert.equal(roster.publish('id-ben', manifests('ben', half)), undefined, 'again')
  })

  it('goes from joining to publishing to exchanging to complete', () => {
    const roster = rosterOf(2)
    assert.equal(roster.phase, 'joining')
    roster.join(request('ann'), 10)
    assert.equal(roster.phase, 'joining')
    roster.join(request('ben'), 20)
    assert.equal(roster.phase, 'publishing')
    assert.equal(roster.publish('id-ann', [manifestOf('ann')]), undefined)
    assert.equal(roster.publish('id-ben', []), undefined)
    assert.equal(roster.phase, 'exchanging')
    assert.deepEqual(
      roster.catalog.map(({ manifest }) => manifest.origin),
      ['ann']
    )
    assert.equal(roster.makespanMs(400), 390, 'until now')
    roster.complete('id-ann', { atMs: 500, entries: 9 }, 600)
    assert.equal(roster.phase, 'exchanging')
    roster.complete('id-ben', { atMs: 700, entries: 9 }, 710)
    assert.equal(roster.phase, 'complete')
    assert.equal(roster.makespanMs(9000), 690)
  })

  it('starts with those who are here, and then has no place left', () => {
    const roster = rosterOf(3)
    roster.join(request('ann'), 10)
    roster.join(request('ben'), 20)
    assert.equal(roster.waitingSinceMs, 10)
    roster.start()
    assert.equal(roster.phase, 'publishing')
    assert.equal(roster.waitingSinceMs, undefined)
    roster.leave('id-ann', 30)
    assert.equal(roster.members.length, 2, 'it is waited for')
    assert.equal(roster.setExpectedPeers(4), false)
  })

  it('waits for another number of peers until it starts', () => {
    const roster = rosterOf(2)
    roster.join(request('ann'), 10)
    assert.equal(roster.setExpectedPeers(2), false, 'the same')
    assert.equal(roster.setExpectedPeers(3), true)
    roster.join(request('ben'), 20)
    assert.equal(roster.phase, 'joining')
    assert.equal(roster.setExpectedPeers(2), true)
    assert.equal(roster.phase, 'publishing')
  })

  it('fault 31: takes completion times neither from before the join nor from the future', () => {
    const roster = rosterOf(1)
    roster.join(request('ann'), 100)
    roster.publish('id-ann', [])
    assert.equal(roster.complete('id-ann', { atMs: -5, entries: 9 }, 200)?.completedAtMs, 100)
    assert.equal(roster.complete('id-ann', { atMs: 150, entries: 9 }, 200), undefined, 'completes once')
    const other = rosterOf(1)
    other.join(request('ann'), 100)
    other.publish('id-ann', [])
    assert.equal(other.complete('id-ann', { atMs: 1e9, entries: 9 }, 200)?.completedAtMs, 200)
  })

  const refused: [string, string, Partial<JoinRequest>][] = [
    ['another version', 'VERSION', { version: COORDINATION_VERSION + 1 }],
    ['a name that is a path', 'NAME_INVALID', { name: '../x' }],
    ['a name in use', 'NAME_TAKEN', { name: 'ann', peerId: 'id-other' }],
    ['a name that differs by case only', 'NAME_TAKEN', { name: 'ANN', peerId: 'id-other' }],
    ['an identity in use under another name', 'NAME_TAKEN', { name: 'amy', peerId: 'id-ann' }],
    ['addresses without end', 'ADDRESSES_INVALID', { multiaddrs: ['x'.repeat(1000)] }],
    ['one peer too many', 'STARTED', { name: 'eve' }]
  ]
  for (const [what, code, changes] of refused) {
    it(`fault 31, fault 32, fault 34, fault 35, fault 40: refuses ${what}`, () => {
      const roster = rosterOf(2, 'no')
      roster.join(request('ann'), 0)
      roster.join(request('ben'), 0)
      assert.equal(refusalOf(roster.join(request('eve', changes), 1)), code)
      assert.equal(roster.members.length, 2)
    })
  }

  it('fault 31: takes a time that is none for now', () => {
    const roster = rosterOf(1)
    roster.join(request('ann'), 100)
    roster.publish('id-ann', [])
    assert.equal(roster.complete('id-ann', { atMs: Number.NaN, entries: 9 }, 200)?.completedAtMs, 200)
  })

  it('awaits manifests from those who have not published, and then whoever is not complete', () => {
    const roster = rosterOf(2)
    roster.join(request('ann'), 0)
    roster.join(request('ben'), 0)
    const names = (): string[] => roster.awaited.map(({ name }) => name)
    roster.publish('id-ann', [])
    assert.deepEqual(names(), ['ben'])
    roster.publish('id-ben', [])
    assert.deepEqual(names(), ['ann', 'ben'])
    roster.complete('id-ben', { atMs: 1, entries: 9 }, 1)
    assert.deepEqual(names(), ['ann'])
  })

  it('asks a member that returns to say anew that it is complete', () => {
    const roster = rosterOf(2)
    for (const name of ['ann', 'ben']) {
      roster.join(request(name), 0)
    }
    for (const name of ['ann', 'ben']) {
      roster.publish(`id-${name}`, [])
    }
    roster.complete('id-ann', { atMs: 1, entries: 9 }, 1)
    roster.leave('id-ann', 2)
    roster.join(request('ann'), 3)
    assert.deepEqual(roster.awaited.length, 2)
  })

  it('fault 60: has nobody complete any more once a late member has brought something', () => {
    const roster = exchanging()
    assert.ok(roster.complete('id-ann', { atMs: 5, entries: 2 }, 5))
    const cat = roster.join(request('cat'), 6)
    assert.ok('late' in cat && cat.late)
    assert.equal(roster.phase, 'exchanging', 'the catalog is there already')
    assert.equal(roster.expectedPeers, 3)
    assert.deepEqual(names(roster.awaited), ['ben', 'cat'])
    assert.equal(roster.complete('id-cat', { atMs: 7, entries: 2 }, 7), undefined, 'not before it published')
    assert.equal(roster.publish('id-cat', [manifestOf('cat')]), undefined)
    assert.deepEqual(names(roster.awaited), ['ann', 'ben', 'cat'])
    assert.equal(roster.complete('id-ben', { atMs: 8, entries: 2 }, 8), undefined, 'of the catalog as it was')
    const short = { files: 1, message: 'gone' }
    assert.equal(roster.fallShort('id-ben', { ...short, entries: 2 }), undefined, 'likewise')
    for (const name of ['ann', 'ben', 'cat']) {
      assert.ok(roster.complete(`id-${name}`, { atMs: 9, entries: 3 }, 9))
    }
    assert.equal(roster.phase, 'complete')
    assert.equal(roster.exchangeMs(20), 9)
  })

  it('fault 60: lets those be complete who are when a late member brings nothing', () => {
    const roster = exchanging()
    roster.complete('id-ann', { atMs: 5, entries: 2 }, 5)
    roster.join(request('cat'), 6)
    roster.publish('id-cat', [])
    assert.deepEqual(names(roster.awaited), ['ben', 'cat'])
  })

  it('fault 60: gives the place of a late member free that leaves before it brought anything', () => {
    const roster = exchanging()
    for (const name of ['ann', 'ben']) {
      roster.complete(`id-${name}`, { atMs: 5, entries: 2 }, 5)
      roster.join(request('cat'), 6)
    }
    assert.equal(roster.phase, 'exchanging', 'it is waited for')
    assert.deepEqual(
      names(roster.lasting),
      ['ann', 'ben'],
      'it comes anew to a coordinator that is restarted'
    )
    roster.leave('id-cat', 7)
    assert.equal(roster.phase, 'complete')
    assert.deepEqual(names(roster.members), ['ann', 'ben'])
  })

  it('fault 60: keeps what members lacked of what came late as well', () => {
    const roster = exchanging()
    const missing = (totalBytes: number, heldBytes: number): number | undefined => {
      roster.progress('id-ann', { ...NOTHING, totalBytes, heldBytes })
      return roster.members[0]?.missingBytesAtStart
    }
    assert.equal(missing(200, 100), 100)
    assert.equal(missing(200, 150), 100)
    roster.join(request('cat'), 6)
    roster.publish('id-cat', [manifestOf('cat', { byteLength: 1000 })])
    assert.equal(missing(200, 160), 100, 'it does not know yet')
    assert.equal(missing(1200, 170), 1090, 'ten of it may have come meanwhile: never too much')
    assert.equal(missing(1200, 1200), 1090)
  })

  it('fault 52, fault 60: takes the files of one that was left out, where late ones are admitted', () => {
    for (const late of ['yes', 'no'] as const) {
      const roster = rosterOf(2, late)
      roster.join(request('ann'), 0)
      roster.join(request('ben'), 0)
      roster.publish('id-ann', [manifestOf('ann')])
      roster.leaveOut(roster.unpublished)
      roster.catalogAtMs = 1
      assert.equal(roster.phase, 'exchanging')
      const refusal = refusalOf(roster.publish('id-ben', [manifestOf('ben')]))
      assert.equal(refusal, late === 'yes' ? undefined : 'LEFT_OUT')
      assert.equal(roster.awaited.length, late === 'yes' ? 2 : 1)
    }
  })

  it('fault 40: refuses whoever comes after the end', () => {
    const roster = rosterOf(1)
    roster.join(request('ann'), 0)
    roster.publish('id-ann', [])
    roster.complete('id-ann', { atMs: 1, entries: 9 }, 1)
    assert.equal(refusalOf(roster.join(request('ben'), 2)), 'ENDED')
  })

  it('gives the place of a member free that leaves before all are here', () => {
    const roster = rosterOf(2)
    roster.join(request('ann'), 0)
    roster.leave('id-ann', 1)
    assert.equal(roster.members.length, 0)
    assert.equal(refusalOf(roster.join(request('ann', { peerId: 'another' }), 2)), undefined)
  })

  it('fault 17, fault 24: keeps the place of a member that leaves later, and knows it again by its files', () => {
    const roster = rosterOf(1)
    roster.join(request('ann'), 0)
    roster.publish('id-ann', [manifestOf('ann')])
    assert.equal(roster.leave('id-ann', 5)?.lostAtMs, 5)
    assert.equal(roster.members[0]?.connected, false)
    const outcome = roster.join(request('ann', { multiaddrs: ['/ip4/192.0.2.1/tcp/1'] }), 9)
    assert.ok('rejoined' in outcome && outcome.rejoined)
    const [member] = roster.members
    assert.deepEqual(
      [member?.registeredAtMs, member?.connected, member?.lostAtMs, member?.multiaddrs],
      [0, true, undefined, ['/ip4/192.0.2.1/tcp/1']]
    )
    assert.equal(roster.publish('id-ann', [manifestOf('ann')]), undefined, 'the same files')
    assert.equal(refusalOf(roster.publish('id-ann', [manifestOf('ann', { root: 'x' })])), 'SHARE_CHANGED')
    assert.equal(refusalOf(roster.publish('id-ann', [])), 'SHARE_CHANGED')
  })

  for (const [what, manifests] of [
    ['of another', [manifestOf('ben')]],
    ['in the name of another', [manifestOf('ben', { originId: 'id-ann' })]],
    ['by another identity', [manifestOf('ann', { originId: 'id-ben' })]],
    ['of another chunk length', [manifestOf('ann', { chunkByteLength: 1024 })]],
    ['of one name and two contents', [manifestOf('ann'), manifestOf('ann', { root: 'other' })]]
  ] as const) {
    it(`fault 24: refuses manifests ${what}`, () => {
      const roster = rosterOf(1)
      roster.join(request('ann'), 0)
      assert.equal(refusalOf(roster.publish('id-ann', [...manifests])), 'MANIFESTS_INVALID')
      assert.equal(roster.phase, 'publishing')
    })
  }

  it('fault 31: knows what a member completed, and takes no time from before the join or from the future', () => {
    const roster = rosterOf(2)
    const ann = roster.join(request('ann'), 100)
    roster.join(request('ben'), 100)
    assert.ok('member' in ann)
    const { member } = ann
    const file = manifestOf('ben', { path: 'sub/file', byteLength: 7, md5: 'five' })
    roster.publish('id-ben', [file])
    const completion = { origin: 'ben', path: 'sub/file', atMs: 150 }
    assert.deepEqual(roster.completeFile(member, completion, 200), {
      manifest: file.manifest,
      elapsedMs: 50
    })
    assert.equal(roster.completeFile(member, { ...completion, atMs: -1 }, 200)?.elapsedMs, 0)
    assert.equal(roster.completeFile(member, { ...completion, atMs: 1e9 }, 200)?.elapsedMs, 100)
    assert.equal(roster.completeFile(member, { ...completion, atMs: Number.NaN }, 200), undefined)
    assert.equal(roster.completeFile(member, { ...completion, path: 'other' }, 200), undefined)
  })

  it('forgets what a member published that leaves before all are here', () => {
    const roster = rosterOf(2)
    const ann = roster.join(request('ann'), 0)
    assert.ok('member' in ann)
    roster.publish('id-ann', [manifestOf('ann')])
    const completion = { origin: 'ann', path: 'file', atMs: 1 }
    assert.notEqual(roster.completeFile(ann.member, completion, 2), undefined)
    roster.leave('id-ann', 1)
    assert.equal(roster.completeFile(ann.member, completion, 2), undefined)
  })

  it('fault 31: believes no capacity that cannot be, and keeps the most that was measured', () => {
    const roster = rosterOf(1)
    const told = { uplinkBytesPerSecond: 0, downlinkBytesPerSecond: 1e15 }
    const joined = roster.join(request('ann', told), 0)
    assert.ok('member' in joined)
    const { member } = joined
    assert.deepEqual(member.configured, { downlinkBytesPerSecond: 125e9 })
    const measure = (capacities: ReportedCapacities): object => {
      roster.progress('id-ann', { ...NOTHING, ...capacities })
      return member.measured
    }
    assert.deepEqual(measure({}), {})
    assert.deepEqual(measure({ uplinkBytesPerSecond: 700 }), { uplinkBytesPerSecond: 700 })
    assert.deepEqual(measure({ uplinkBytesPerSecond: 500, downlinkBytesPerSecond: 2e11 }), {
      uplinkBytesPerSecond: 700,
      downlinkBytesPerSecond: 125e9
    })
    assert.deepEqual(member.progress, NOTHING, 'the progress is of bytes alone')
    roster.join(request('ann', { uplinkBytesPerSecond: 9 }), 5)
    assert.deepEqual(member.configured, { uplinkBytesPerSecond: 9 }, 'as told when it came back')
  })

  it('takes a capacity that changes as told before the exchange, and at its most from then on', () => {
    const roster = rosterOf(1)
    const joined = roster.join(request('ann', { uplinkBytesPerSecond: 100, downlinkBytesPerSecond: 100 }), 0)
    assert.ok('member' in joined)
    const { member } = joined
    const tell = (uplinkBytesPerSecond: number | undefined, downlinkBytesPerSecond: number): object => {
      const uplink = uplinkBytesPerSecond === undefined ? {} : { uplinkBytesPerSecond }
      roster.setCapacities('id-ann', { ...uplink, downlinkBytesPerSecond })
      return member.configured
    }
    assert.deepEqual(tell(50, 200), { uplinkBytesPerSecond: 50, downlinkBytesPerSecond: 200 })
    roster.publish('id-ann', [])
    assert.deepEqual(tell(60, 10), { uplinkBytesPerSecond: 60, downlinkBytesPerSecond: 200 })
    assert.deepEqual(tell(undefined, 10), { downlinkBytesPerSecond: 200 }, 'it may have been any')
    assert.deepEqual(tell(60, 300), { downlinkBytesPerSecond: 300 }, 'and stays so')
    roster.join(request('ann', { uplinkBytesPerSecond: 1, downlinkBytesPerSecond: 1 }), 5)
    assert.deepEqual(member.configured, { downlinkBytesPerSecond: 300 }, 'also when it comes back')
    roster.setCapacities('id-eve', {})
  })

  it('keeps what a member lacked at the start of the exchange', () => {
    const roster = rosterOf(2)
    const joined = roster.join(request('ann'), 0)
    assert.ok('member' in joined)
    const { member } = joined
    const tell = (heldBytes: number): number | undefined => {
      roster.progress('id-ann', { ...NOTHING, totalBytes: 100, heldBytes })
      return member.missingBytesAtStart
    }
    roster.publish('id-ann', [manifestOf('ann')])
    roster.join(request('ben'), 0)
    assert.equal(tell(10), undefined, 'of an earlier coordinator’s catalog')
    roster.publish('id-ben', [manifestOf('ben', { byteLength: 99 })])
    assert.equal(tell(40), 60)
    assert.equal(tell(50), 60)
    roster.progress('id-ben', { ...NOTHING, totalBytes: 1, heldBytes: 5 })
    assert.equal(roster.members[1]?.missingBytesAtStart, 0, 'never less than nothing')
  })

  it('knows whether all that was received is told as sent', () => {
    const roster = rosterOf(2)
    roster.join(request('ann'), 0)
    roster.join(request('ben'), 0)
    roster.publish('id-ann', [manifestOf('ann', { byteLength: 10 })])
    roster.publish('id-ben', [])
    assert.equal(roster.sendsTold, true)
    roster.progress('id-ann', { ...NOTHING, receivedBytes: 10, sentBytes: 5 })
    assert.equal(roster.sendsTold, false)
    roster.progress('id-ben', { ...NOTHING, receivedBytes: 5, sentBytes: 9 })
    assert.equal(roster.sendsTold, false)
    roster.progress('id-ben', { ...NOTHING, receivedBytes: 5, sentBytes: 10 })
    assert.equal(roster.sendsTold, true)
  })

  it('fault 52: tells no numbers that cannot be', () => {
    const roster = rosterOf(2)
    roster.join(request('ann'), 0)
    roster.join(request('eve'), 0)
    const huge = Number.MAX_SAFE_INTEGER
    const lie = { totalBytes: huge, heldBytes: huge, receivedBytes: huge, sentBytes: huge }
    roster.progress('id-eve', lie)
    assert.deepEqual(roster.members[1]?.progress, NOTHING, 'nothing is there to hold yet')
    roster.publish('id-ann', [manifestOf('ann', { byteLength: 10 })])
    roster.publish('id-eve', [])
    roster.progress('id-eve', lie)
    const believed = { totalBytes: 10, heldBytes: 10, receivedBytes: 40, sentBytes: 40 }
    assert.deepEqual(roster.members[1]?.progress, believed)
    assert.equal(roster.complete('id-eve', { atMs: Number.NaN, entries: 9 }, 50)?.completedAtMs, 50)
    assert.equal(
      roster.complete('id-ann', { atMs: Number.POSITIVE_INFINITY, entries: 9 }, 60)?.completedAtMs,
      60
    )
    assert.equal(roster.phase, 'complete', 'whatever time they say')
  })

  it('fault 52: is not complete when one says so for itself, however often', () => {
    const roster = rosterOf(2)
    roster.join(request('ann'), 0)
    roster.join(request('eve'), 0)
    roster.publish('id-ann', [manifestOf('ann')])
    roster.publish('id-eve', [])
    for (let atMs = 1; atMs < 5; atMs++) {
      roster.complete('id-eve', { atMs, entries: 9 }, atMs)
      assert.equal(roster.phase, 'exchanging')
    }
    assert.deepEqual(
      roster.awaited.map(({ name }) => name),
      ['ann']
    )
  })

  it('takes manifests from members only', () => {
    assert.equal(refusalOf(rosterOf(1).publish('id-eve', [])), 'MANIFESTS_INVALID')
  })

  it('fault 59: takes from a member what it does without, where that is in the catalog', () => {
    const roster = rosterOf(2)
    for (const name of ['ann', 'ben']) {
      roster.join(request(name), 0)
    }
    const [ann = assert.fail(), ben = assert.fail()] = roster.members
    const bits = (...indices: number[]) => {
      const entries = new Bitfield(3)
      for (const index of indices) {
        entries.add(index)
      }
      return entries
    }
    const choice = (origin: string, entries: Uint8Array<ArrayBuffer>) => ({ declined: [{ origin, entries }] })
    const some = choice('ben', bits(0, 2).toBytes())
    assert.equal(roster.choose(ann, some), false, 'there is no catalog yet')
    roster.publish('id-ann', [manifestOf('ann')])
    roster.publish(
      'id-ben',
      [0, 1, 2].map((index) => manifestOf('ben', { path: `${index}` }))
    )
    for (const [what, message] of Object.entries({
      'an origin that is none': choice('cat', bits(1).toBytes()),
      'files of its own': choice('ann', new Bitfield(1).toBytes()),
      'more entries than there are': choice('ben', new Uint8Array(2)),
      'an entry that is not there': choice('ben', Uint8Array.of(0b0001_0000)),
      'no bits': choice('ben', new Uint8Array())
    })) {
      assert.equal(roster.choose(ann, message), undefined, what)
      assert.equal(ann.declined.size, 0, what)
    }
    assert.equal(roster.choose(ann, some), true)
    assert.equal(roster.choose(ann, some), false, 'the same again')
    assert.deepEqual([...(ann.declined.get('ben')?.held() ?? [])], [0, 2])
    assert.equal(ben.declined.size, 0)
    assert.equal(roster.choose(ann, { declined: [] }), true)
    assert.equal(ann.declined.size, 0)
  })
})
