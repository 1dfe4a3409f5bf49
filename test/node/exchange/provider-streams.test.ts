/** How many streams a getter opens to a provider. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Stream } from '@libp2p/interface'
import '#potluck/polyfill.js'
import { DEFAULT_CHUNK_BYTE_LENGTH } from '#potluck/core/chunks.js'
import { RemoteStreams, type RemoteStreamsInit } from '#potluck/node/exchange/remote-streams.js'
import {
  ChunkClient,
  type ChunkClientInit,
  MAX_STREAMS_PER_PROVIDER,
  STREAMS_PER_PROVIDER
} from '#potluck/protocols/chunk/index.js'

/** A provider whose streams take asks and never answer. */
function silentProvider(test: TestContext) {
  const opened: ChunkClientInit[] = []
  const stream = { addEventListener: () => undefined, send: () => true }
  test.mock.method(ChunkClient, 'open', async (_connection: unknown, init: ChunkClientInit) => {
    opened.push(init)
    return new ChunkClient(stream as unknown as Stream, init)
  })
  const init = {
    signal: new AbortController().signal,
    now: () => 0,
    onFirstByte: () => undefined
  }
  const provider = new RemoteStreams(init as unknown as RemoteStreamsInit)
  const ask = (count: number) => {
    for (let chunkIndex = 0; chunkIndex < count; chunkIndex++) {
      void provider.ask({ root: 'ab'.repeat(32), chunkIndex, byteLength: DEFAULT_CHUNK_BYTE_LENGTH })
    }
    return opened.length
  }
  return { opened, ask }
}

describe('the streams to a provider', () => {
  it('are two while nothing is known of the path, and on a short one', (test) => {
    const { opened, ask } = silentProvider(test)
    assert.equal(ask(20), STREAMS_PER_PROVIDER)
    opened[0]?.onFirstByte(500, 495)
    assert.equal(ask(20), STREAMS_PER_PROVIDER)
  })

  it('are as many on a long path as keep every answer within its stream’s window, within a bound', (test) => {
    const { opened, ask } = silentProvider(test)
    ask(1)
    opened[0]?.onFirstByte(100, 0)
    assert.equal(ask(5), 2)
    assert.equal(ask(3), 3)
    assert.equal(ask(100), MAX_STREAMS_PER_PROVIDER)
  })

  it('go by the shortest round trip, since later ones have queues in them', (test) => {
    const { opened, ask } = silentProvider(test)
    ask(1)
    opened[0]?.onFirstByte(2, 0)
    opened[0]?.onFirstByte(200, 0)
    assert.equal(ask(20), STREAMS_PER_PROVIDER)
  })
})
