/** Asks as a getter's stream brings them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import '#potluck/polyfill.js'
import { streamPair } from '@libp2p/utils'
import { SwarmState } from '#potluck/node/exchange/swarm-state.js'
import { Uploader } from '#potluck/node/exchange/uploader.js'
import { Uploads } from '#potluck/node/exchange/uploads.js'
import { MAX_WAITING_ASKS, type ReceivedAsk, ReplyStream } from '#potluck/protocols/chunk/index.js'
import { ProtocolViolation } from '#potluck/protocols/wire.js'

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
})
