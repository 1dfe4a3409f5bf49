/** The getter's half of the scheduler by itself, with a limit of what is taken in. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LATE_MIN_MS } from '#potluck/node/exchange/constants.js'
import { type Ask, Downloads } from '#potluck/node/exchange/downloads.js'
import { SwarmState } from '#potluck/node/exchange/swarm-state.js'
import { Bitfield } from '#potluck/protocols/bitfield.js'

const CHUNK_BYTES = 256 * 1024
const MBIT = 125_000

/** A getter that lacks a content, and providers that have all of it. */
function getter(chunkCount: number, ...providers: string[]): Downloads {
  const state = new SwarmState(() => 0)
  const extent = { byteLength: chunkCount * CHUNK_BYTES, chunkByteLength: CHUNK_BYTES }
  state.addContent('root', extent, new Bitfield(chunkCount), undefined)
  state.open('root')
  const downloads = new Downloads({ state, chunkByteLength: CHUNK_BYTES, maxInFlight: 256 })
  for (const id of providers) {
    downloads.addProvider(id)
    downloads.setStatus(id, 0, true)
    state.setHoldings(id, 'root', true, new Uint8Array())
  }
  return downloads
}

/** Takes in every chunk that was asked for, one after another. @returns the time afterwards */
function takeIn(downloads: Downloads, asks: readonly Ask[], fromMs: number, chunkMs: number): number {
  let nowMs = fromMs
  for (const ask of asks) {
    assert.ok(ask.kind === 'chunk')
    nowMs += chunkMs
    // What waits here counts as a round trip, and would have more and more asked for.
    downloads.onFirstByte(ask.provider, nowMs - fromMs)
    downloads.arrived(ask, ask.chunk, CHUNK_BYTES, nowMs)
    downloads.settled(ask.chunk, true)
  }
  return nowMs
}

describe('downloads of tiny files', () => {
  it('fault 57: ask for many at a time once tiny ones have come, and for few of whole chunks', () => {
    const askedOf = (byteLength: number): number => {
      const state = new SwarmState(() => 0)
      for (let number = 0; number < 300; number++) {
        const extent = { byteLength, chunkByteLength: CHUNK_BYTES }
        state.addContent(`root${number}`, extent, new Bitfield(1), undefined)
        state.open(`root${number}`)
        state.setHoldings('ann', `root${number}`, true, new Uint8Array())
      }
      const downloads = new Downloads({ state, chunkByteLength: CHUNK_BYTES, maxInFlight: 256 })
      downloads.addProvider('ann')
      downloads.setStatus('ann', 0, true)
      let asked = 0
      for (let nowMs = 1; nowMs <= 12; nowMs++) {
        const asks = downloads.plan('ann', nowMs)
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
      const downloads = getter(5000, 'ann', 'ben')
      downloads.limit(mbits * MBIT)
      const chunkMs = (1000 * CHUNK_BYTES) / (mbits * MBIT)
      let nowMs = 0
      let asked = 0
      for (let round = 0; round < 10; round++) {
        const asks = ['ann', 'ben'].flatMap((id) => downloads.plan(id, nowMs))
        asked = Math.max(asked, asks.length)
        nowMs = takeIn(downloads, asks, nowMs, chunkMs)
      }
      assert.ok(asked <= most && asked >= Math.min(most, 4), `${asked} of ${most} at ${mbits} Mbit/s`)
    }
  })

  it('fault 15: take nobody for silent who waits for them', () => {
    /** What ben is asked for of the two chunks that ann has owed for so long. */
    const askedTwice = (limit: number | undefined, owedMs: number): number => {
      const downloads = getter(2, 'ann', 'ben')
      downloads.limit(limit)
      assert.equal(downloads.plan('ann', 0).length, 2)
      return downloads.plan('ben', owedMs).filter(({ kind }) => kind === 'chunk').length
    }
    assert.ok(askedTwice(undefined, 4 * LATE_MIN_MS) > 0)
    assert.equal(askedTwice(0.5 * MBIT, 4 * LATE_MIN_MS), 0)
    assert.ok(askedTwice(0.5 * MBIT, 60_000) > 0, 'but who never answers')
  })
})
