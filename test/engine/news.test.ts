import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bitfield } from '#potluck/core/bitfield.js'
import { HEARTBEAT_MS } from '#potluck/engine/constants.js'
import type { Outbox } from '#potluck/engine/outbox.js'
import { Remote } from '#potluck/engine/remote.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import { engineOf } from '../fixtures/engine.js'

const CHUNK_BYTES = 1024

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
    tellSoon: (afterMs) => told.push(`soon ${afterMs}`)
  }
  const state = new SwarmState(() => 0)
  const engine = engineOf(state, outbox, CHUNK_BYTES, { newsBatchChunks: 3, newsBatchMs: 70 })
  const contents = ['red', 'blue'].map((root) => ({
    root,
    key: root,
    byteLength: 10 * CHUNK_BYTES,
    held: new Bitfield(10),
    origin: 'dan',
    digestsKnown: true,
    wanted: true
  }))
  engine.begin(contents, 3, 0)
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
    engine.done()
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
})
