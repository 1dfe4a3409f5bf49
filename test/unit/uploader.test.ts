/** Asks as a getter's stream brings them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import '#potluck/polyfill.js'
import { streamPair } from '@libp2p/utils'
import type { PeerEvent } from '#potluck/events/peer.js'
import { StoreFaults } from '#potluck/node/exchange/store-faults.js'
import { SwarmState } from '#potluck/node/exchange/swarm-state.js'
import { Uploader } from '#potluck/node/exchange/uploader.js'
import { Uploads } from '#potluck/node/exchange/uploads.js'
import type { Store } from '#potluck/node/store/store.js'
import { Bitfield } from '#potluck/protocols/bitfield.js'
import { MAX_WAITING_ASKS, type ReceivedAsk, ReplyStream } from '#potluck/protocols/chunk/index.js'
import { ProtocolViolation } from '#potluck/protocols/wire.js'

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

describe('the uploader', () => {
  it('fault 22: keeps no more refusals for a getter than it may have asks, and ends one that takes none', async () => {
    const state = new SwarmState(Math.random)
    const uploader = new Uploader({
      state,
      uploads: new Uploads({ state, self: 'ann', chunkByteLength: 1024, uplinkBytesPerSecond: undefined }),
      now: () => 0,
      serves: () => true,
      read: () => Promise.reject(new Error('nothing is here')),
      onSent: () => undefined
    })
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
    const uploads = new Uploads({
      state,
      self: 'ann',
      chunkByteLength: 1024,
      uplinkBytesPerSecond: undefined
    })
    uploads.addGetter('ben')
    uploads.refresh()
    const reads: PromiseWithResolvers<Uint8Array>[] = []
    let serves = true
    const uploader = new Uploader({
      state,
      uploads,
      now: () => 0,
      serves: () => serves,
      read: () => {
        const read = Promise.withResolvers<Uint8Array>()
        reads.push(read)
        return read.promise
      },
      onSent: () => undefined
    })
    const [near] = await streamPair()
    const replies = new ReplyStream('ben', near, undefined)
    const refusal = test.mock.method(replies, 'refuse', async () => undefined)
    const take = uploader.onStream(replies)
    for (const isStopped of [false, true]) {
      take({ kind: 'chunk', id: reads.length + 1, root: ROOT, chunkIndex: 0 })
      uploader.pump()
      assert.equal(reads.length, isStopped ? 2 : 1)
      serves = !isStopped
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
      now: () => 0,
      emit: ({ event }) => void events.push(event),
      fileOf: () => 'ann/file',
      onFailure: (error) => assert.fail(error),
      signal: stopping.signal
    })
    await assert.rejects(faults.read(0))
    assert.deepEqual(events, ['chunk-unreadable'])
    stopping.abort()
    await assert.rejects(faults.read(0))
    assert.deepEqual(events, ['chunk-unreadable'])
  })
})
