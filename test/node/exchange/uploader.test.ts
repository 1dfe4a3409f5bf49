/** Asks as a getter's stream brings them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import '#potluck/polyfill.js'
import { streamPair } from '@libp2p/utils'
import { Bitfield } from '#potluck/core/bitfield.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import type { PeerEvent } from '#potluck/events/peer.js'
import { StoreFaults } from '#potluck/node/exchange/store-faults.js'
import { Uploader } from '#potluck/node/exchange/uploader.js'
import { MAX_WAITING_ASKS, type ReceivedAsk, ReplyStream } from '#potluck/protocols/chunk/index.js'
import { ProtocolViolation } from '#potluck/protocols/wire.js'
import type { Store } from '#potluck/store/store.js'
import { engineOf } from '../../fixtures/engine.js'

const refuse = (): Promise<never> => Promise.reject(new Error('the store was closed'))
const CLOSED: Store = {
  hashShares: refuse,
  adopt: refuse,
  digests: refuse,
  setDigests: refuse,
  readChunk: refuse,
  writeChunk: refuse,
  confirm: refuse,
  close: () => Promise.resolve()
}

const ROOT = 'ab'.repeat(32)

/** An uploader as the exchange has it, that reads as the test pleases; `ben` is connected, and asks. */
function uploaderOf(state: SwarmState, read: () => Promise<Uint8Array>) {
  const engine = engineOf(state, {
    send: (reply) => uploader.send(reply),
    refuse: (_getter, id, refusal) => uploader.refuse(id, refusal)
  })
  const uploader = new Uploader({ engine, now: () => 0, read, onSent: () => undefined })
  engine.connected('ben', 0)
  return { engine, uploader }
}

describe('the uploader', () => {
  it('fault 22: keeps no more refusals for a getter than it may have asks, and ends one that takes none', async () => {
    const { uploader } = uploaderOf(new SwarmState(Math.random), refuse)
    const [near] = await streamPair()
    const replies = new ReplyStream('ben', near, undefined)
    const take = uploader.onStream(replies)
    const ask = (id: number): ReceivedAsk => ({ kind: 'chunk', id, root: ROOT, chunkIndex: 0 })
    // A getter that takes its answers may ask for as long as it likes.
    for (let id = 0; id < 3 * MAX_WAITING_ASKS; id++) {
      take(ask(id))
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(replies.waiting, 0)
    near.send = () => false
    Object.defineProperty(near, 'writableNeedsDrain', { get: () => true })
    assert.throws(() => {
      for (let id = 0; id <= MAX_WAITING_ASKS; id++) {
        take(ask(id))
      }
    }, ProtocolViolation)
    assert.equal(replies.waiting, MAX_WAITING_ASKS)
    near.abort(new Error('over'))
    uploader.onStreamEnd(replies)
  })
  it('fault 8: does not refuse a chunk as unreadable when the peer stops while it is being read', async (test) => {
    const state = new SwarmState(Math.random)
    state.addContent(ROOT, { byteLength: 1024, chunkByteLength: 1024 }, Bitfield.full(1), undefined)
    const reads: PromiseWithResolvers<Uint8Array>[] = []
    const { engine, uploader } = uploaderOf(state, () => {
      const read = Promise.withResolvers<Uint8Array>()
      reads.push(read)
      return read.promise
    })
    const [near] = await streamPair()
    const replies = new ReplyStream('ben', near, undefined)
    const refusal = test.mock.method(replies, 'refuse', async () => undefined)
    const take = uploader.onStream(replies)
    for (const isStopped of [false, true]) {
      take({ kind: 'chunk', id: reads.length + 1, root: ROOT, chunkIndex: 0 })
      assert.equal(reads.length, isStopped ? 2 : 1)
      if (isStopped) {
        engine.stop()
      }
      reads.at(-1)?.reject(new Error('the store was closed'))
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(refusal.mock.callCount(), 1, isStopped ? 'it stops' : 'it cannot read the chunk')
    }
    near.abort(new Error('over'))
    uploader.onStreamEnd(replies)
  })
})

describe('faults of the store', () => {
  it('fault 8: tell of a chunk that cannot be read, and of none that is read while the peer stops', async () => {
    const state = new SwarmState(Math.random)
    state.addContent(ROOT, { byteLength: 1024, chunkByteLength: 1024 }, Bitfield.full(1), undefined)
    const events: PeerEvent['event'][] = []
    const stopping = new AbortController()
    const faults = new StoreFaults({
      store: CLOSED,
      state,
      engine: engineOf(state),
      now: () => 0,
      emit: ({ event }) => void events.push(event),
      fileOf: () => 'ann/file',
      onFatal: (error) => assert.fail(error),
      signal: stopping.signal
    })
    await assert.rejects(faults.read(0))
    assert.deepEqual(events, ['chunk-unreadable'])
    stopping.abort()
    await assert.rejects(faults.read(0))
    assert.deepEqual(events, ['chunk-unreadable'])
  })
})
