import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reasonToGiveUp } from '#potluck/coordinator/swarm/ending.js'
import { Roster } from '#potluck/coordinator/swarm/roster.js'
import { Bitfield } from '#potluck/core/bitfield.js'
import { PotluckError } from '#potluck/core/errors.js'
import { Disputes } from '#potluck/engine/disputes.js'
import { Holdings } from '#potluck/engine/holdings.js'
import { type Content, SwarmState } from '#potluck/engine/swarm-state.js'
import { Catalog } from '#potluck/node/catalog.js'
import { Shortfalls } from '#potluck/node/shortfalls.js'
import { COORDINATION_VERSION, MAX_SHORTFALL_LENGTH } from '#potluck/protocols/coordination/index.js'
import { Quota } from '#potluck/store/quota.js'
import { CHUNK, manifestOf } from '../store/fixture.js'

const NO_ROOM = new PotluckError('DISK', 'no room')

/** Of three chunks, as a peer takes it in. */
function stateOf(...lengths: number[]): SwarmState {
  const state = new SwarmState(() => 0)
  for (const byteLength of lengths) {
    const extent = { byteLength, chunkByteLength: CHUNK }
    const key = lengths.length === 1 ? 'root' : `root/${byteLength}`
    state.addContent('root', extent, new Bitfield(Math.ceil(byteLength / CHUNK)), undefined, key)
  }
  return state
}

function contentOf(state: SwarmState, key: string): Content {
  const content = state.content(key)
  assert.ok(content !== undefined)
  return content
}

describe('what a peer gave up', () => {
  it('fault 48, fault 49: ends its run with the lie first, and names a few files for each reason', () => {
    const shortfalls = new Shortfalls()
    for (let index = 0; index < 5; index++) {
      shortfalls.add(`ann/${index}`, NO_ROOM)
    }
    assert.equal(shortfalls.error().exitCode, 6)
    shortfalls.add('ben/lie', new PotluckError('INTEGRITY', 'ben/lie: ben lied'))
    const error = shortfalls.error()
    assert.equal(error.exitCode, 5)
    assert.equal(
      error.message,
      'this peer fetched everything but 6 files: ben/lie: ben lied; ann/0, ann/1, ann/2: no room; ' +
        'and 2 more files, as the log says'
    )
    const both = new Shortfalls()
    both.add('ann/0', NO_ROOM)
    assert.equal(both.error(new PotluckError('INCOMPLETE', 'nobody has it')).exitCode, 6)
    assert.equal(both.error(new PotluckError('INTEGRITY', 'cid lied')).exitCode, 5)
  })

  it('fault 48: stays small however much it is', () => {
    const shortfalls = new Shortfalls()
    for (let index = 0; index < 10_000; index++) {
      shortfalls.add(`ann/${index}`, new PotluckError('DISK', `no room for ${index}`))
    }
    assert.equal(shortfalls.count, 10_000)
    assert.ok(shortfalls.message.length < 200, shortfalls.message)
  })

  it('fault 48: is not missing any more, and a content is wanted as long as one of its entries is', () => {
    const catalog = new Catalog()
    const bytes = new Uint8Array(10)
    const [one, other] = [manifestOf('ann/a', bytes), manifestOf('ben/b', bytes)]
    catalog.add([one, other], 'me')
    assert.equal(catalog.fail(one), true)
    assert.equal(catalog.fail(one), false)
    assert.equal(catalog.fileOf(one.root), 'ben/b')
    assert.equal(catalog.wants(one.root), true)
    catalog.complete(other)
    assert.equal(catalog.wants(one.root), false)
    assert.equal(catalog.incomplete, 0)
  })
})

describe('a quota', () => {
  it('fault 48: is one file’s own once others were stored between four refusals in a row', () => {
    const quota = new Quota()
    const refuse = (): boolean => {
      quota.onStored('other', 10)
      return quota.onRefused('root', 10)
    }
    assert.deepEqual([refuse(), refuse(), refuse()], [false, false, false])
    quota.onStored('root', 10)
    assert.deepEqual(
      [refuse(), refuse(), refuse(), quota.onRefused('root', 10)],
      [false, false, false, false]
    )
    assert.equal(refuse(), true)
  })
})

describe('the swarm state', () => {
  it('fault 48: asks for nothing more of a content that is given up, and keeps what is held of it', () => {
    const state = stateOf(3 * CHUNK)
    const ann = new Holdings('ann')
    state.open('root')
    state.setHoldings(ann, 'root', true, new Uint8Array())
    state.store(0)
    state.request(1)
    state.giveUp('root')
    state.release(1)
    assert.equal(ann.wanted, 0)
    state.open('root')
    assert.equal(ann.wanted, 0)
    assert.equal(state.missingChunks, 0)
    assert.equal(state.canProgress, false)
    assert.deepEqual([...state.missing()], [])
    assert.deepEqual([...state.holdings()].length, 1, 'what is held is told')
    state.store(1)
    state.lose(0)
    assert.equal(state.missingChunks, 0)
    assert.equal(state.heldChunks, 1)
  })

  it('fault 48: tells who holds all that is here of what was given up', () => {
    const state = stateOf(2 * CHUNK)
    const [ann, ben, cat] = [new Holdings('ann'), new Holdings('ben'), new Holdings('cat')]
    state.open('root')
    state.store(0)
    state.giveUp('root')
    state.addHave(ann, 1)
    assert.equal(state.holdsAllHere(ann), false)
    state.addHave(ann, 0)
    assert.equal(state.holdsAllHere(ann), true)
    state.addHave(ben, 0)
    assert.equal(state.holdsAllHere(ben), true)
    assert.equal(state.holdsAllHere(cat), false)
  })

  it('fault 48: fetches a complete content again that is lost, whatever else was given up of it', () => {
    const state = stateOf(CHUNK)
    state.open('root')
    state.store(0)
    state.giveUp('root')
    state.lose(0)
    assert.equal(state.missingChunks, 1)
  })

  it('fault 49: asks for the last chunk of a disputed content first, and for the rest once that is proven', () => {
    const [short, long] = [2 * CHUNK + 1, 2 * CHUNK + 2]
    const state = stateOf(short, long)
    const ann = new Holdings('ann')
    state.setHoldings(ann, 'root', true, new Uint8Array())
    assert.equal(state.chunkOf('root', 0), undefined, 'nothing can be served or chosen of it')
    state.open(`root/${short}`)
    assert.equal(ann.wanted, 1)
    assert.equal(state.pick(ann, false), 2)
    assert.deepEqual([...state.holdings()], [], 'nothing is told of it')
    state.request(2)
    state.store(2)
    state.settle(`root/${short}`)
    assert.equal(contentOf(state, 'root').byteLength, short)
    assert.equal(ann.wanted, 2)
    assert.equal(state.missingChunks, 2)
    assert.equal(state.isComplete(ann), true, 'the other one does not exist')
    assert.equal(state.totalBytes, short)
  })
})

describe('disputes', () => {
  it('fault 49: try every description in turn with each provider, after growing pauses', () => {
    const state = stateOf(CHUNK + 1, CHUNK + 2)
    const all = state.candidates('root')
    const [ann, ben] = [new Disputes(), new Disputes()]
    const tried: number[] = []
    let nowMs = 0
    for (; nowMs < 200_000; nowMs += 1000) {
      const content = all.find((one) => ann.mayTry(one, all, nowMs))
      if (content !== undefined) {
        tried.push(content.byteLength - CHUNK)
        ann.onUnproven(content, nowMs)
      }
    }
    assert.deepEqual(tried.slice(0, 6), [1, 2, 1, 2, 1, 2])
    assert.ok(tried.length < 30, `${tried.length} tries`)
    assert.ok(
      all.some((one) => ben.mayTry(one, all, 0)),
      'another provider is asked at once'
    )
  })
})

describe('a swarm with a member that gave something up', () => {
  it('fault 48: ends when nobody else has anything to fetch, and says who ends without what', () => {
    const roster = new Roster({ expectedPeers: 2, chunkByteLength: CHUNK, late: 'yes' })
    for (const name of ['ann', 'ben']) {
      roster.join({ peerId: `id-${name}`, version: COORDINATION_VERSION, name, multiaddrs: [] }, 0)
    }
    const manifest = {
      ...manifestOf('ann/file', new Uint8Array(10)),
      originId: 'id-ann',
      chunkByteLength: CHUNK
    }
    roster.publish('id-ann', [{ manifest, bytes: new Uint8Array() }])
    roster.publish('id-ben', [])
    const prospects = { returnTimeoutMs: 1000, isStill: () => false, sleptMs: new Map<string, number>() }
    const message = '\u001b[31m'.repeat(MAX_SHORTFALL_LENGTH)
    const member = roster.fallShort('id-ben', { files: 99, message, entries: 1 })
    assert.equal(member?.shortfall?.files, 1, 'no more than there are')
    assert.ok(!member.shortfall.message.includes('\u001b'))
    assert.equal(
      roster.fallShort('id-ben', { files: 1, message, entries: 1 }),
      undefined,
      'it said so before'
    )
    assert.equal(reasonToGiveUp(roster, prospects, 0), undefined, 'ann goes on')
    roster.complete('id-ann', { atMs: 5, entries: 9 }, 5)
    assert.match(reasonToGiveUp(roster, prospects, 5) ?? '', /^ben ends without 1 file \(/)
    roster.leave('id-ben', 6)
    assert.match(reasonToGiveUp(roster, prospects, 7) ?? '', /^ben ends without 1 file \(/)
    roster.join({ peerId: 'id-ben', version: COORDINATION_VERSION, name: 'ben', multiaddrs: [] }, 8)
    assert.equal(reasonToGiveUp(roster, prospects, 9), undefined, 'it may have all this time')
  })
})
