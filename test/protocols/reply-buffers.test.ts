/** When a reply's memory may be reused: the getter receives what was sent, whatever is written there afterwards. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import '#potluck/polyfill.js'
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import type { MuxedStream } from '#potluck/node/secure-channel/muxed-stream.js'
import { Muxer } from '#potluck/node/secure-channel/muxer.js'
import { ReplyStream } from '#potluck/protocols/chunk/index.js'
import { ChunkReplyDecoder } from '#potluck/protocols/chunk/reply-decoder.js'
import { bytesOf } from '../../bench/torture/samples.js'
import { channels } from '../fixtures/channels.js'
import { within } from '../fixtures/within.js'

const WINDOW = 64 * 1024
const INIT = { windowByteLength: WINDOW, maxReadBufferLength: 16 * WINDOW, maxWriteBufferLength: 16 * WINDOW }

/** Two windows and a small rest, which leaves in a frame of its own. */
const CHUNK = 2 * WINDOW + 100

/** A provider's stream over two muxers, and what the getter has had of it: chunks, whole ones only. */
async function setUp(test: TestContext) {
  const { near: nearChannel, far: farChannel } = channels()
  const [nearMuxer, farMuxer] = [new Muxer(nearChannel, INIT), new Muxer(farChannel, INIT)]
  test.after(() => nearMuxer.abort(new Error('the test is over')))
  const opened = new Promise<MuxedStream>((resolve) =>
    farMuxer.addEventListener('stream', ({ detail }) => resolve(detail), { once: true })
  )
  const near = await nearMuxer.createStream()
  const far = await opened
  return { near, far, replies: new ReplyStream('ben', near, undefined), ...getter(far) }
}

function getter(stream: Stream) {
  const chunks: Uint8Array[] = []
  let chunk = new Uint8Array()
  const decoder = new ChunkReplyDecoder({
    begin: ({ byteLength }) => {
      chunk = new Uint8Array(byteLength)
      return chunk
    },
    end: () => void chunks.push(chunk)
  })
  stream.addEventListener('message', ({ data }: StreamMessageEvent) => decoder.push(data.subarray()))
  const got = (count: number): Promise<void> => {
    const wait = async (): Promise<void> => {
      while (chunks.length < count) {
        await endOfTurn()
      }
    }
    return within(10_000, () => `${count} chunks; ${chunks.length} are here`, wait())
  }
  return { chunks, got }
}

function filled(seed: number): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(CHUNK))
  bytes.set(bytesOf(CHUNK, seed))
  return bytes
}

async function turns(): Promise<void> {
  for (let count = 0; count < 20; count++) {
    await endOfTurn()
  }
}

describe('the memory of a reply', () => {
  it('is free when the last small frame has been copied, for the next reply at once', async (test) => {
    const { replies, chunks, got } = await setUp(test)
    const bytes = filled(0)
    for (let id = 0; id < 5; id++) {
      bytes.set(bytesOf(CHUNK, id))
      assert.equal(await replies.send(id, bytes, 0), true)
      bytes.fill(0)
    }
    await got(5)
    for (const [id, chunk] of chunks.entries()) {
      assert.deepEqual(chunk, bytesOf(CHUNK, id))
    }
  })

  it('is not free while the stream’s window is full', async (test) => {
    const { near, far, replies, chunks, got } = await setUp(test)
    far.pause()
    const free: number[] = []
    const sending = [0, 1].map(async (id) => {
      const bytes = filled(id)
      assert.equal(await replies.send(id, bytes, 0), true)
      bytes.fill(0)
      free.push(id)
    })
    await turns()
    assert.ok(near.writeBufferLength > 0)
    assert.deepEqual(free, [])
    far.resume()
    await Promise.all(sending)
    await got(2)
    assert.deepEqual(chunks, [bytesOf(CHUNK, 0), bytesOf(CHUNK, 1)])
  })

  for (const [what, end] of [
    ['is reset here', (near: Stream) => near.abort(new Error('over'))],
    ['is reset by the getter', (_near: Stream, far: Stream) => far.abort(new Error('over'))]
  ] as const) {
    it(`is free once the stream ${what} half way, and not before`, async (test) => {
      const { near, far, replies, chunks } = await setUp(test)
      far.pause()
      const sent = replies.send(0, filled(0), 0)
      const waiting = replies.send(1, filled(1), 0)
      await turns()
      let hasLeft = false
      void replies.left().then(() => {
        hasLeft = true
      })
      await turns()
      assert.equal(hasLeft, false)
      end(near, far)
      await assert.rejects(sent)
      await assert.rejects(waiting)
      await replies.left()
      await turns()
      assert.equal(hasLeft, true)
      assert.deepEqual(chunks, [])
    })
  }

  it('is not free when the stream is being closed and has some of it', async (test) => {
    const { near, far, replies, chunks, got } = await setUp(test)
    far.pause()
    const bytes = filled(0)
    const sent = replies.send(0, bytes, 0)
    await turns()
    const closed = near.close()
    far.resume()
    assert.equal(await sent, false)
    await replies.left()
    bytes.fill(0)
    await closed
    await got(1)
    assert.deepEqual(chunks, [bytesOf(CHUNK, 0)])
  })

  it('is free at once where the stream may refer to what it sends', async () => {
    const [near, far] = await streamPair({ delay: 20 })
    const { chunks, got } = getter(far)
    const replies = new ReplyStream('ben', near, undefined)
    const bytes = filled(0)
    for (let id = 0; id < 3; id++) {
      bytes.set(bytesOf(CHUNK, id))
      const sent = replies.send(id, bytes, 0)
      bytes.fill(0)
      assert.equal(await sent, true)
    }
    await got(3)
    assert.deepEqual(
      chunks,
      [0, 1, 2].map((id) => bytesOf(CHUNK, id))
    )
    near.abort(new Error('over'))
  })

  it('is free at once where somebody watches what is sent', async (test) => {
    const { near, replies, chunks, got } = await setUp(test)
    const watched: Uint8Array[] = []
    const send = near.send.bind(near)
    near.send = (data) => {
      watched.push(...(data instanceof Uint8Array ? [data] : data))
      return send(data)
    }
    const bytes = filled(0)
    assert.equal(await replies.send(0, bytes, 0), true)
    bytes.fill(0)
    await got(1)
    assert.deepEqual(chunks, [bytesOf(CHUNK, 0)])
    assert.deepEqual(Buffer.concat(watched).subarray(-CHUNK), Buffer.from(bytesOf(CHUNK, 0)))
  })
})
