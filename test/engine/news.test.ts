import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { HEARTBEAT_MS, TELL_AGAIN_MS } from '#potluck/engine/constants.js'
import type { EngineContent } from '#potluck/engine/engine.js'
import type { Outbox } from '#potluck/engine/outbox.js'
import { Remote } from '#potluck/engine/remote.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import { engineOf } from '../fixtures/engine.js'

const CHUNK_BYTES = 1024

function contentOf(root: string): EngineContent {
  return {
    root,
    key: root,
    byteLength: 10 * CHUNK_BYTES,
    held: new Bitfield(10),
    origin: 'dan',
    digestsKnown: true,
    wanted: true
  }
}

/** Ann, who lacks two contents of ten chunks, and what she tells: one line for each message. */
function ann(): {
  told: string[]
  stores(root: string, chunkIndex: number): void
  engine: ReturnType<typeof engineOf>
} {
  const told: string[] = []
  const outbox: Partial<Outbox> = {
    tellHoldings: (remote, content) => told.push(`${remote} holdings ${content?.root ?? 'all'}`),
    tellNews: (remote, news, status) => {
      const chunks = news.map(({ root, chunkIndices }) => `${root} ${chunkIndices}`)
      told.push([remote, ...chunks, ...(status === undefined ? [] : ['status'])].join(' '))
    },
    askHoldings: (remote) => told.push(`${remote} asked`),
    tellSoon: (afterMs) => told.push(`soon ${afterMs}`)
  }
  const state = new SwarmState(() => 0)
  const engine = engineOf(state, outbox, CHUNK_BYTES, { newsBatchChunks: 3, newsBatchMs: 70 })
  engine.begin([contentOf('red'), contentOf('blue')], 3, 0)
  return {
    told,
    engine,
    stores: (root, chunkIndex) => {
      const chunk = state.chunkOf(root, chunkIndex) ?? assert.fail()
      engine.settled({ kind: 'chunk', provider: new Remote('dan'), chunk }, chunk, 'stored', 0)
    }
  }
}

describe('news', () => {
  it('waits for more of it, until there is enough or the time is up', () => {
    const { told, engine, stores } = ann()
    engine.connected('ben', 0)
    engine.greet('ben')
    assert.deepEqual(told.splice(0), ['ben holdings all', 'ben status'])
    stores('red', 1)
    stores('blue', 0)
    assert.deepEqual(told.splice(0), ['soon 70'])
    stores('red', 4)
    assert.deepEqual(told.splice(0), ['ben red 1,4 blue 0'])
    engine.tellNews()
    assert.deepEqual(told.splice(0), [], 'all was told')
    stores('blue', 9)
    engine.tellNews()
    assert.deepEqual(told.splice(0), ['soon 70', 'ben blue 9'])
  })

  it('goes to those who were greeted, and with it what they plan by where that has changed', () => {
    const { told, engine, stores } = ann()
    for (const id of ['ben', 'cat']) {
      engine.connected(id, 0)
    }
    engine.greet('ben')
    engine.greet('nobody')
    stores('red', 1)
    told.splice(0)
    engine.setDone(true)
    assert.deepEqual(told.splice(0), ['ben red 1 status'], 'a change is told at once, with what waited')
    engine.greet('cat')
    assert.deepEqual(told.splice(0), ['cat holdings all', 'cat status'])
    engine.tick(HEARTBEAT_MS + 1)
    assert.deepEqual(told.splice(0), ['ben status', 'cat status'], 'to show that ann lives')
    engine.tick(HEARTBEAT_MS + 2)
    assert.deepEqual(told.splice(0), [])
    engine.disconnected('ben', HEARTBEAT_MS + 2)
    stores('red', 2)
    engine.tellNews()
    assert.deepEqual(told.splice(0), ['soon 70', 'cat red 2'])
  })

  it('begins anew when there are more contents', () => {
    const { told, engine } = ann()
    engine.connected('ben', 0)
    engine.greet('ben')
    told.splice(0)
    engine.begin([], 3, 0)
    assert.deepEqual(told.splice(0), ['ben holdings all'])
  })

  it('fault 60: is asked for again when contents come late, of those who spoke of them before', () => {
    const { told, engine } = ann()
    engine.connected('ben', 0)
    engine.connected('cat', 0)
    engine.greet('ben')
    told.splice(0)
    engine.begin([contentOf('green')], 3, 0)
    assert.deepEqual(told.splice(0), ['ben holdings all', 'ben asked'])
    engine.greet('cat')
    assert.deepEqual(told.splice(0), ['cat holdings all', 'cat status', 'cat asked'])
    engine.connected('dan', 0)
    engine.greet('dan')
    assert.deepEqual(told.splice(0), ['dan holdings all', 'dan status'], 'it has said nothing before')
  })

  it('fault 60: is told again when a remote asks, and not all the time', () => {
    const { told, engine } = ann()
    engine.connected('ben', 0)
    engine.onHoldingsAsked('ben', 0)
    assert.deepEqual(told.splice(0), [], 'it hears everything anyway once it can')
    engine.greet('ben')
    told.splice(0)
    for (const atMs of [1, 2, 3]) {
      engine.onHoldingsAsked('ben', atMs)
    }
    assert.deepEqual(told.splice(0), ['ben holdings all'])
    engine.tick(500)
    assert.deepEqual(told.splice(0), [])
    engine.tick(1 + TELL_AGAIN_MS)
    assert.deepEqual(told.splice(0), ['ben holdings all'], 'once for all asks since')
    engine.tick(1 + 2 * TELL_AGAIN_MS)
    assert.deepEqual(told.splice(0), [])
  })
})
