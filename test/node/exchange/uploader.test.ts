/** Asks that arrive on a getter's stream. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import '#potluck/polyfill.js'
import { streamPair } from '@libp2p/utils'
import { Bitfield } from '#potluck/core/bitfield.js'
import { SwarmState } from '#potluck/engine/swarm-state.js'
import { ChunkBuffers } from '#potluck/node/exchange/chunk-buffers.js'
import { StoreFaults } from '#potluck/node/exchange/store-faults.js'
import { Uploader } from '#potluck/node/exchange/uploader.js'
import {
  COMPLAINT_INTERVAL_MS,
  MAX_WAITING_ASKS,
  REMEMBERED_ANSWERS,
  type ReceivedAsk,
  ReplyStream
} from '#potluck/protocols/chunk/index.js'
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

/** An uploader as in the exchange, whose reads the test controls; `ben` is connected, and asks. */
function uploaderOf(state: SwarmState, read: () => Promise<Uint8Array>) {
  const released: Uint8Array[] = []
  const engine = engineOf(state, {
    send: (reply) => uploader.send(reply),
    refuse: (_getter, id, refusal) => uploader.refuse(id, refusal)
  })
  const uploader = new Uploader({
    engine,
    now: () => 0,
    read,
    release: (bytes) => void released.push(bytes),
    onSent: () => undefined
  })
  engine.connected('ben', 0)
  return { engine, uploader, released }
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

describe('what an uploader read', () => {
  it('is released once for each chunk: not before it has left, and also when the ask was taken back', async () => {
    const state = new SwarmState(Math.random)
    state.addContent(ROOT, { byteLength: 1024, chunkByteLength: 1024 }, Bitfield.full(1), undefined)
    const bytes = new Uint8Array(1024)
    const reads: PromiseWithResolvers<Uint8Array>[] = []
    const { uploader, released } = uploaderOf(state, () => {
      const read = Promise.withResolvers<Uint8Array>()
      reads.push(read)
      return read.promise
    })
    const [near] = await streamPair()
    const replies = new ReplyStream('ben', near, undefined)
    const sent: PromiseWithResolvers<boolean>[] = []
    replies.send = () => {
      const send = Promise.withResolvers<boolean>()
      sent.push(send)
      return send.promise
    }
    let left = Promise.withResolvers<void>()
    replies.left = () => left.promise
    const take = uploader.onStream(replies)
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    for (const [id, outcome] of [
      [1, true],
      [2, false],
      [3, undefined],
      [4, true]
    ] as const) {
      take({ kind: 'chunk', id, root: ROOT, chunkIndex: 0 })
      take({ kind: 'cancel', id })
      reads.at(-1)?.resolve(bytes)
      await turn()
      take({ kind: 'cancel', id })
      await turn()
      assert.equal(released.length, id - 1)
      if (outcome === undefined) {
        sent.at(-1)?.reject(new Error('the stream is over'))
      } else {
        sent.at(-1)?.resolve(outcome)
      }
      await turn()
      assert.equal(released.length, outcome === true ? id : id - 1)
      left.resolve()
      await turn()
      assert.equal(released.length, id)
      left = Promise.withResolvers()
    }
    assert.deepEqual([reads.length, sent.length], [4, 4])
    near.abort(new Error('over'))
    uploader.onStreamEnd(replies)
  })
})

describe('complaints', () => {
  /** Two chunks are sent, for the asks 0 and 7; and then a getter complains as the test pleases. */
  async function sentTwo(isSpoilt: () => boolean) {
    const state = new SwarmState(Math.random)
    state.addContent(ROOT, { byteLength: 2048, chunkByteLength: 1024 }, Bitfield.full(2), undefined)
    const looked: number[] = []
    let nowMs = 0
    const engine = engineOf(state, {
      send: (reply) => uploader.send(reply),
      refuse: (_getter, id, refusal) => uploader.refuse(id, refusal)
    })
    const uploader: Uploader = new Uploader({
      engine,
      now: () => nowMs,
      read: async (chunk, isDoubted) => {
        if (isDoubted) {
          looked.push(state.refOf(chunk).chunkIndex)
        }
        return isDoubted && isSpoilt() ? await refuse() : new Uint8Array(1024)
      },
      release: () => undefined,
      onSent: () => undefined
    })
    engine.connected('ben', 0)
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const [near] = await streamPair()
    const replies = new ReplyStream('ben', near, undefined)
    const refused: [number, string][] = []
    replies.refuse = async (id, reason) => void refused.push([id, reason])
    const take = uploader.onStream(replies)
    const complain = async (id: number): Promise<void> => {
      take({ kind: 'complaint', id })
      await turn()
    }
    const ask = async (id: number, chunkIndex: number): Promise<void> => {
      take({ kind: 'chunk', id, root: ROOT, chunkIndex })
      await turn()
    }
    await complain(0)
    assert.deepEqual(looked, [], 'nothing was sent yet')
    await ask(0, 0)
    await ask(7, 1)
    const pass = (ms: number): void => {
      nowMs += ms
    }
    return { looked, refused, complain, ask, pass, end: () => near.abort(new Error('over')) }
  }

  it('fault 19: that are wrong have one chunk looked at in a while, of those that were sent, and each once', async () => {
    const { looked, refused, complain, ask, pass, end } = await sentTwo(() => false)
    for (const id of [1, 7, 7, 0]) {
      await complain(id)
    }
    assert.deepEqual(looked, [1])
    pass(COMPLAINT_INTERVAL_MS)
    for (const id of [7, 7 + REMEMBERED_ANSWERS]) {
      await complain(id)
    }
    assert.deepEqual(looked, [1])
    await ask(8, 0)
    await complain(8)
    assert.deepEqual(looked, [1, 0])
    assert.deepEqual(refused, [])
    end()
  })

  it('fault 9: that are right are answered, and looked into one after another', async () => {
    const { looked, refused, complain, end } = await sentTwo(() => true)
    for (const id of [0, 7]) {
      await complain(id)
    }
    assert.deepEqual(looked, [0, 1])
    assert.deepEqual(refused, [
      [0, 'unreadable'],
      [7, 'unreadable']
    ])
    end()
  })
})

describe('faults of the store', () => {
  it('fault 8: tell of a chunk that cannot be read, and of none that is read while the peer stops', async () => {
    const state = new SwarmState(Math.random)
    state.addContent(ROOT, { byteLength: 1024, chunkByteLength: 1024 }, Bitfield.full(1), undefined)
    const events: string[] = []
    const stopping = new AbortController()
    const faults = new StoreFaults({
      store: CLOSED,
      state,
      engine: engineOf(state),
      buffers: new ChunkBuffers(1024, 1),
      now: () => 0,
      emit: (event) =>
        void events.push(event.event === 'chunk-unreadable' ? `${event.file} for ${event.to}` : event.event),
      fileOf: () => 'ann/file',
      nameOf: (peerId) => peerId.slice(3),
      onFatal: (error) => assert.fail(error),
      signal: stopping.signal
    })
    await assert.rejects(faults.read(0, false, 'id-ben'))
    assert.deepEqual(events, ['ann/file for ben'])
    stopping.abort()
    await assert.rejects(faults.read(0, false, 'id-ben'))
    assert.deepEqual(events, ['ann/file for ben'])
  })
})
