/** The getter's half of the scheduler by itself, with a limit of what is taken in. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { LATE_MIN_MS } from '#potluck/engine/constants.js'
import { type Ask, type AskFailure, Downloads } from '#potluck/engine/downloads.js'
import { Remote } from '#potluck/engine/remote.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import { remotesByName } from '../fixtures/remotes.js'

const CHUNK_BYTES = 256 * 1024
const MBIT = 125_000

/** A getter that lacks a content, and providers that have all of it. */
function getterOf(chunkCount: number, ...providers: string[]) {
  const remote = remotesByName()
  const state = new SwarmState(() => 0)
  const extent = { byteLength: chunkCount * CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
  state.addContent('root', extent, new Bitfield(chunkCount), undefined)
  state.open('root')
  const downloads = new Downloads({
    state,
    chunkByteLength: CHUNK_BYTES,
    maxInFlight: providers.length === 3 ? 6 : 256
  })
  for (const id of providers) {
    downloads.add(remote(id))
    downloads.setStatus(remote(id), 0, true)
    state.setHoldings(remote(id).holdings, 'root', true, new Uint8Array())
  }
  return { state, downloads, remote }
}

/** The current asks at the provider, without those taken back. */
function asksOf(downloads: Downloads, provider: Remote, nowMs: number): Ask[] {
  return downloads.plan(provider, nowMs).filter((one): one is Ask => one.kind !== 'cancel')
}

/** Takes in every chunk that was asked for, one after another. @returns the time afterwards */
function takeIn(downloads: Downloads, asks: readonly Ask[], fromMs: number, chunkMs: number): number {
  let nowMs = fromMs
  for (const ask of asks) {
    assert.ok(ask.kind === 'chunk')
    nowMs += chunkMs
    // Waiting here counts as a round trip, so the getter would ask for more and more.
    downloads.onFirstByte(ask.provider, nowMs - fromMs)
    downloads.arrived(ask, ask.chunk, CHUNK_BYTES, nowMs)
    downloads.settled(ask, ask.chunk, true, nowMs)
  }
  return nowMs
}

describe('downloads of tiny files', () => {
  it('fault 57: ask for many at a time once tiny ones have come, and for few of whole chunks', () => {
    const askedOf = (byteLength: number): number => {
      const state = new SwarmState(() => 0)
      const ann = new Remote('ann')
      for (let number = 0; number < 300; number++) {
        const extent = { byteLength, chunkByteLength: CHUNK_BYTES }
        state.addContent(`root${number}`, extent, new Bitfield(1), undefined)
        state.open(`root${number}`)
        state.setHoldings(ann.holdings, `root${number}`, true, new Uint8Array())
      }
      const downloads = new Downloads({ state, chunkByteLength: CHUNK_BYTES, maxInFlight: 256 })
      downloads.add(ann)
      downloads.setStatus(ann, 0, true)
      let asked = 0
      for (let nowMs = 1; nowMs <= 12; nowMs++) {
        const asks = downloads.plan(ann, nowMs)
        asked = Math.max(asked, asks.length)
        const [ask] = asks
        if (ask?.kind === 'chunk') {
          downloads.arrived(ask, ask.chunk, byteLength, nowMs)
        }
      }
      return asked
    }
    assert.ok(askedOf(1024) >= 3, 'tiny ones')
    assert.ok(askedOf(CHUNK_BYTES) <= 2, 'whole chunks')
  })
})

describe('downloads at a limit', () => {
  it('claim no more than half a second takes in, or three chunks a provider', () => {
    for (const [mbits, most] of [
      [1, 6],
      [20, 6],
      [100, 23],
      [400, 95]
    ] as const) {
      const { downloads, remote } = getterOf(5000, 'ann', 'ben')
      downloads.limit(mbits * MBIT)
      const chunkMs = (1000 * CHUNK_BYTES) / (mbits * MBIT)
      let nowMs = 0
      let asked = 0
      for (let round = 0; round < 10; round++) {
        const asks = ['ann', 'ben'].flatMap((id) => asksOf(downloads, remote(id), nowMs))
        asked = Math.max(asked, asks.length)
        nowMs = takeIn(downloads, asks, nowMs, chunkMs)
      }
      assert.ok(asked <= most && asked >= Math.min(most, 4), `${asked} of ${most} at ${mbits} Mbit/s`)
    }
  })

  it('fault 15: take nobody for silent who waits for them', () => {
    /** What ben is asked for of the two chunks that ann has owed for so long. */
    const askedTwice = (limit: number | undefined, owedMs: number): number => {
      const { downloads, remote } = getterOf(2, 'ann', 'ben')
      downloads.limit(limit)
      assert.equal(downloads.plan(remote('ann'), 0).length, 2)
      return downloads.plan(remote('ben'), owedMs).filter(({ kind }) => kind === 'chunk').length
    }
    assert.ok(askedTwice(undefined, 4 * LATE_MIN_MS) > 0)
    assert.equal(askedTwice(0.5 * MBIT, 4 * LATE_MIN_MS), 0)
    assert.ok(askedTwice(0.5 * MBIT, 60_000) > 0, 'but who never answers')
  })
})

describe('downloads from one that never gives', () => {
  const SECOND = 1000

  /** Asks odd for so many minutes; each ask fails at once. @returns how often odd was asked */
  function askFor(
    minutes: number,
    reason: AskFailure,
    before: (downloads: Downloads, state: SwarmState, odd: Remote) => void = () => undefined
  ): number {
    const { state, downloads, remote } = getterOf(100, 'odd')
    let asked = 0
    for (let nowMs = 0; nowMs < minutes * 60 * SECOND; nowMs += 20) {
      before(downloads, state, remote('odd'))
      for (const ask of asksOf(downloads, remote('odd'), nowMs)) {
        asked++
        downloads.failed(ask, reason, nowMs)
      }
    }
    return asked
  }

  for (const [reason, most] of [
    ['cancelled', 40],
    ['stream-closed', 40],
    ['not-held', 100],
    ['unreadable', 100],
    ['busy', 10]
  ] as const) {
    it(`fault 51: ask it a bounded number of times: ${reason}`, () => {
      const asked = askFor(10, reason)
      assert.ok(asked > 0 && asked <= most, `asked ${asked} times`)
    })
  }

  for (const [reason, most] of [
    ['not-held', 350],
    ['unreadable', 350],
    ['busy', 200]
  ] as const) {
    it(`fault 51: ask it a bounded number of times, whatever it promises: ${reason}`, () => {
      const asked = askFor(10, reason, (downloads, state, odd) => {
        downloads.setStatus(odd, 0, true)
        for (let chunk = 0; chunk < 100; chunk++) {
          if (!state.addHave(odd.holdings, chunk)) {
            downloads.onClaimedAgain(odd, chunk)
          }
        }
      })
      assert.ok(asked <= most, `asked ${asked} times`)
    })
  }

  it('fault 51: ask an origin for its chunk although one who fails says to have it', () => {
    const { state, downloads, remote } = getterOf(1, 'odd')
    const extent = { byteLength: CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
    state.addContent('own', extent, new Bitfield(1), 'ann')
    state.open('own')
    downloads.add(remote('ann'))
    downloads.setStatus(remote('ann'), 0, true)
    for (const id of ['odd', 'ann']) {
      state.setHoldings(remote(id).holdings, 'own', true, new Uint8Array())
    }
    assert.deepEqual(downloads.plan(remote('ann'), 0), [], 'odd is to pass it on')
    for (const ask of asksOf(downloads, remote('odd'), 0)) {
      downloads.failed(ask, 'cancelled', 0)
    }
    assert.deepEqual(downloads.plan(remote('ann'), 0), [{ kind: 'chunk', provider: remote('ann'), chunk: 1 }])
  })

  it('fault 51: go on beside silent ones that fill all that may be in flight', () => {
    const { state, downloads, remote } = getterOf(100, 'odd', 'idle', 'ann')
    assert.equal(state.chunkCount, 100)
    const silent = ['odd', 'idle'].flatMap((id) => asksOf(downloads, remote(id), 0))
    assert.equal(silent.length, 4)
    assert.equal(downloads.full, true)
    assert.deepEqual(downloads.plan(remote('ann'), 0), [])
    const others = asksOf(downloads, remote('ann'), 4 * LATE_MIN_MS)
    assert.equal(others.length, 2)
    assert.deepEqual(downloads.obstructing, [remote('odd'), remote('idle')], 'all six places are taken')
    for (const ask of silent) {
      downloads.failed(ask, 'stream-closed', 4 * LATE_MIN_MS)
    }
    assert.deepEqual(downloads.obstructing, [])
    takeIn(downloads, others, 4 * LATE_MIN_MS, 1)
    assert.equal(downloads.plan(remote('ann'), 5 * LATE_MIN_MS).length, 2)
  })

  it('fault 51: count a slot of an earlier connection as none of the present one', () => {
    const { state, downloads, remote } = getterOf(1, 'ann')
    const extent = { byteLength: 100 * CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
    state.addContent('own', extent, new Bitfield(100), 'ann')
    state.open('own')
    const connect = (ann: Remote): Ask[] => {
      downloads.add(ann)
      downloads.setStatus(ann, 100, true)
      return asksOf(downloads, ann, 0).filter(({ kind }) => kind === 'slot')
    }
    const earlier = connect(remote('ann'))
    downloads.remove(remote('ann'))
    const again = new Remote('ann', 0, remote('ann').standing)
    const slots = connect(again)
    assert.equal(slots.length, earlier.length)
    for (const ask of earlier) {
      downloads.failed(ask, 'none-fresh', 0)
    }
    downloads.setStatus(again, 100, true)
    assert.deepEqual(downloads.plan(again, 0), [])
  })

  it('fault 51: ask another for what one that gives first copies neither sends nor lets go', () => {
    const { state, downloads, remote } = getterOf(2, 'odd', 'ann')
    const ownChunks = 100
    const extent = { byteLength: ownChunks * CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
    state.addContent('own', extent, new Bitfield(ownChunks), 'odd')
    state.open('own')
    downloads.setStatus(remote('odd'), ownChunks, true)
    const slots = asksOf(downloads, remote('odd'), 0).filter(({ kind }) => kind === 'slot')
    assert.ok(slots.length > 0)
    const asked = new Set<number>()
    let nowMs = 0
    for (let given = 0; asked.size < 2 && given < ownChunks; given++) {
      nowMs += LATE_MIN_MS - 100
      const slot = slots.shift() ?? assert.fail()
      downloads.arrived(slot, 2 + given, CHUNK_BYTES, nowMs)
      assert.ok(downloads.settled(slot, 2 + given, true, nowMs))
      slots.push(...asksOf(downloads, remote('odd'), nowMs).filter(({ kind }) => kind === 'slot'))
      for (const ask of asksOf(downloads, remote('ann'), nowMs)) {
        if (ask.kind === 'chunk') {
          asked.add(ask.chunk)
        }
      }
    }
    assert.deepEqual([...asked].sort(), [0, 1])
    assert.ok(nowMs < 60_000, `asked after ${nowMs} ms`)
  })
})

describe('a claim that is refused', () => {
  for (const reason of ['not-held', 'unreadable'] as const) {
    it(`fault 19: is forgotten after "${reason}", unless the provider told of the chunk again since the ask`, () => {
      for (const again of [false, true]) {
        const { downloads, remote } = getterOf(1, 'ann')
        const [ask] = downloads.plan(remote('ann'), 0)
        assert.ok(ask?.kind === 'chunk')
        if (again) {
          downloads.onClaimedAgain(remote('ann'), ask.chunk)
        }
        downloads.failed(ask, reason, 1)
        assert.equal(remote('ann').holdings.has(ask.chunk), again)
        assert.equal(downloads.plan(remote('ann'), 60_000).length, again ? 1 : 0)
      }
    })
  }
})
