/** Yamux over a secure channel, tested with single frames: valid ones, invalid ones, and the limits. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import '#potluck/polyfill.js'
import type { MultiaddrConnection, Stream, StreamMessageEvent } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { MAX_UNTAKEN_BYTE_LENGTH } from '#potluck/node/host/small-frames.js'
import { FrameDecoder } from '#potluck/node/secure-channel/frame-decoder.js'
import { FrameWriter } from '#potluck/node/secure-channel/frame-writer.js'
import type { MuxedStream } from '#potluck/node/secure-channel/muxed-stream.js'
import { Muxer } from '#potluck/node/secure-channel/muxer.js'
import type { SecureChannel } from '#potluck/node/secure-channel/secure-channel.js'
import { Flag, type FrameHeader, FrameType, GoAway } from '#potluck/node/secure-channel/yamux-frame.js'
import { channels, frameOf } from '../../fixtures/channels.js'
import { fc } from '../../fixtures/properties.js'
import { within } from '../../fixtures/within.js'

const WINDOW = 64 * 1024
const INIT = { windowByteLength: WINDOW, maxReadBufferLength: 4 * WINDOW, maxWriteBufferLength: 16 * WINDOW }

/** The other side's first stream. */
const THEIRS = 2

const SYN = { type: FrameType.WINDOW_UPDATE, flags: Flag.SYN, streamId: THEIRS }

interface Frame extends FrameHeader {
  data: Uint8Array
}

interface Bench {
  muxer: Muxer
  near: SecureChannel
  far: SecureChannel
  below: MultiaddrConnection
  /** The messages that the muxer's side sent. */
  sent: Uint8Array[]
  /** The frames that came to the far end. */
  frames: Frame[]
  /** The streams that the far end opened. */
  streams: MuxedStream[]
  /** Sends bytes from the far end, and waits until they are there. */
  say(...bytes: Uint8Array[]): Promise<void>
  /** Waits until it is so. */
  until(isSo: () => boolean, what: string): Promise<void>
}

function bench(isFull = false): Bench {
  const { near, far, sent, below } = channels(isFull)
  const frames: Frame[] = []
  let last: Frame | undefined
  const decoder = new FrameDecoder({
    onHeader: (header) => {
      last = { ...header, data: new Uint8Array() }
      frames.push(last)
    },
    onFrameData: (data) => {
      if (last !== undefined) {
        last.data = Buffer.concat([last.data, data])
      }
    }
  })
  far.deliverTo({ receive: (bytes) => decoder.push(bytes), fail: () => undefined })
  const muxer = new Muxer(near, INIT)
  const streams: MuxedStream[] = []
  muxer.addEventListener('stream', ({ detail }) => streams.push(detail))
  const until = (isSo: () => boolean, what: string): Promise<void> => {
    const wait = async (): Promise<void> => {
      while (!isSo()) {
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    return within(10_000, () => what, wait())
  }
  let said = 0
  return {
    muxer,
    near,
    far,
    below,
    sent,
    frames,
    streams,
    until,
    async say(...bytes) {
      // Pings are answered in order with everything else, so the answer shows that all earlier frames were handled.
      const id = 1_000_000 + said++
      const ping = frameOf({ type: FrameType.PING, flags: Flag.SYN, length: id })
      const all = [...bytes, ping]
      far.write(all, Buffer.concat(all).byteLength)
      await until(
        () =>
          near.status !== 'open' ||
          frames.some(({ type, length }) => type === FrameType.PING && length === id),
        'an answer'
      )
    }
  }
}

function received(stream: Stream): number[] {
  const bytes: number[] = []
  stream.addEventListener('message', ({ data }: StreamMessageEvent) => bytes.push(...data.subarray()))
  return bytes
}

/** Sends twice as many bytes of small frames as may wait to be taken, as long as the near end takes them. */
async function flood(near: SecureChannel, far: SecureChannel, frame: () => Uint8Array): Promise<void> {
  for (let sent = 0; near.status === 'open' && sent < 2 * MAX_UNTAKEN_BYTE_LENGTH; ) {
    const frames = Buffer.concat(Array.from({ length: 5000 }, frame))
    far.write([frames], frames.byteLength)
    sent += frames.byteLength
    await endOfTurn()
  }
}

describe('a muxer', () => {
  it('takes frames apart wherever they are cut', async () => {
    const bytes = Buffer.concat([
      frameOf(SYN),
      frameOf({ streamId: THEIRS }, Uint8Array.of(1, 2, 3)),
      frameOf({ streamId: 77 }, Uint8Array.of(9, 9)),
      frameOf({ streamId: THEIRS }),
      frameOf({ streamId: THEIRS, flags: Flag.FIN }, Uint8Array.of(4, 5))
    ])
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: bytes.byteLength }), { maxLength: 8 }),
        async (cuts) => {
          const { say, streams, far, until } = bench()
          let begin = 0
          for (const end of [...cuts, bytes.byteLength].sort((a, b) => a - b)) {
            // Each of them is a message of its own.
            far.write([bytes.subarray(begin, end)], end - begin)
            begin = end
          }
          await until(() => streams.length === 1, 'the stream')
          const [stream] = streams
          assert.ok(stream !== undefined)
          const taken = received(stream)
          await say()
          await until(() => stream.remoteWriteStatus === 'closed', 'its end')
          assert.deepEqual(taken, [1, 2, 3, 4, 5])
        }
      ),
      { numRuns: 30 }
    )
  })

  for (const [what, bytes] of [
    ['a frame of another version', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
    ['a frame of no type for a stream', frameOf({ type: 4, streamId: THEIRS })],
    ['data for the connection', frameOf({ type: FrameType.DATA, streamId: 0, length: 0 })],
    ['a ping for a stream', frameOf({ type: FrameType.PING, streamId: THEIRS })],
    ['a ping that neither asks nor answers', frameOf({ type: FrameType.PING, flags: 0 })],
    ['an answer to no ping', frameOf({ type: FrameType.PING, flags: Flag.ACK, length: 0 })],
    ['a stream with an id of this side', frameOf({ ...SYN, streamId: 1 })],
    ['more than the window', Buffer.concat([frameOf(SYN), frameOf({ streamId: THEIRS, length: WINDOW + 1 })])]
  ] as const) {
    it(`fault 31: ends the connection at ${what}`, async () => {
      const { far, near, muxer, frames, until } = bench()
      far.write([bytes], bytes.byteLength)
      await until(() => near.status === 'aborted', 'the end')
      assert.equal(muxer.status, 'closed')
      assert.equal(muxer.streams.length, 0)
      // The far end may hear why, when the connection below carries it on.
      const ends = frames.filter(({ type }) => type === FrameType.GO_AWAY)
      assert.ok(ends.every(({ length }) => length === GoAway.PROTOCOL_ERROR))
    })
  }

  it('fault 31: ends the connection at what was not encrypted by the other side', async () => {
    for (const bytes of [
      Uint8Array.of(0, 17, ...new Uint8Array(17)),
      Uint8Array.of(0, 15),
      Uint8Array.of(0, 0)
    ]) {
      const { near, below, muxer, until } = bench()
      below.send(bytes)
      await until(() => near.status === 'aborted', 'the end')
      assert.equal(muxer.status, 'closed')
    }
  })

  it('fault 32: holds the other side to the window of each stream while nobody reads', async () => {
    const { say, streams, frames, near } = bench()
    await say(frameOf(SYN))
    const [stream] = streams
    assert.ok(stream !== undefined)
    stream.pause()
    const opened = (): number =>
      frames
        .filter(({ type, streamId }) => type === FrameType.WINDOW_UPDATE && streamId === THEIRS)
        .reduce((sum, { length }) => sum + length, 0)
    for (let left = WINDOW; left > 0; left -= WINDOW / 4) {
      await say(frameOf({ streamId: THEIRS }, new Uint8Array(WINDOW / 4)))
    }
    assert.equal(opened(), 0)
    assert.equal(stream.readBufferLength, WINDOW)
    const taken = received(stream)
    stream.resume()
    await say()
    assert.equal(opened(), WINDOW)
    assert.equal(taken.length, WINDOW)
    stream.pause()
    await say(frameOf({ streamId: THEIRS }, new Uint8Array(WINDOW)))
    assert.equal(near.status, 'open')
    await say(frameOf({ streamId: THEIRS }, new Uint8Array(1)))
    assert.equal(near.status, 'aborted')
  })

  it('opens a window again at each quarter of it, and not for less', async () => {
    const { say, streams, frames } = bench()
    await say(frameOf(SYN))
    received(streams[0] as Stream)
    const updates = (): number[] =>
      frames
        .filter(({ type, length }) => type === FrameType.WINDOW_UPDATE && length > 0)
        .map(({ length }) => length)
    // The first one also says that the stream is taken.
    await say(frameOf({ streamId: THEIRS }, new Uint8Array(10)))
    assert.deepEqual(updates(), [10])
    await say(frameOf({ streamId: THEIRS }, new Uint8Array(WINDOW / 4 - 1)))
    assert.deepEqual(updates(), [10])
    await say(frameOf({ streamId: THEIRS }, new Uint8Array(1)))
    assert.deepEqual(updates(), [10, WINDOW / 4])
  })

  it('sends no more than the window of the other side, and the rest when that is opened', async () => {
    const { muxer, frames, say } = bench()
    const stream = await muxer.createStream()
    const bytes = new Uint8Array(2 * WINDOW).map((_, index) => index % 251)
    assert.equal(stream.send(bytes), false)
    await say()
    const data = (): Buffer =>
      Buffer.concat(frames.filter(({ type }) => type === FrameType.DATA).map((frame) => frame.data))
    assert.deepEqual(data(), Buffer.from(bytes.subarray(0, WINDOW)))
    await say(frameOf({ type: FrameType.WINDOW_UPDATE, streamId: stream.streamId, length: 100 }))
    await say()
    assert.equal(data().byteLength, WINDOW + 100)
    await say(frameOf({ type: FrameType.WINDOW_UPDATE, streamId: stream.streamId, length: 2 * WINDOW }))
    await say()
    assert.deepEqual(data(), Buffer.from(bytes))
  })

  it('leaves the memory of what was sent to its owner at once', async () => {
    const { muxer, frames, say } = bench()
    const stream = await muxer.createStream()
    const expected: Buffer[] = []
    for (const byteLength of [1, 100, 4000, 5000, 20_000, 70]) {
      const bytes = new Uint8Array(byteLength).fill(byteLength)
      expected.push(Buffer.from(bytes))
      assert.equal(stream.send(new Uint8ArrayList(bytes.subarray(0, 1), bytes.subarray(1))), true)
      assert.equal(stream.writeBufferLength, 0)
      // By now it holds another chunk.
      bytes.fill(0xee)
    }
    await say()
    assert.deepEqual(
      Buffer.concat(frames.filter(({ type }) => type === FrameType.DATA).map(({ data }) => data)),
      Buffer.concat(expected)
    )
  })

  it('lends what comes, and keeps what comes while the stream is paused', async () => {
    const { say, streams } = bench()
    await say(frameOf(SYN))
    const [stream] = streams
    assert.ok(stream !== undefined)
    const lent: number[] = []
    const kept = received(stream)
    assert.equal(
      stream.lendTo((bytes) => lent.push(...bytes)),
      true
    )
    await say(frameOf({ streamId: THEIRS }, Uint8Array.of(1, 2)))
    stream.pause()
    await say(
      frameOf({ streamId: THEIRS }, Uint8Array.of(3)),
      frameOf({ streamId: THEIRS }, Uint8Array.of(4))
    )
    assert.deepEqual([lent, kept], [[1, 2], []])
    stream.resume()
    await say(frameOf({ streamId: THEIRS }, Uint8Array.of(5)))
    assert.deepEqual(
      [lent, kept],
      [
        [1, 2, 5],
        [3, 4]
      ]
    )
  })

  it('leaves what came to who keeps it', async () => {
    const { say, streams } = bench()
    await say(frameOf(SYN))
    const kept: Uint8Array[] = []
    streams[0]?.addEventListener('message', ({ data }: StreamMessageEvent) => kept.push(data.subarray()))
    for (let count = 0; count < 50; count++) {
      await say(frameOf({ streamId: THEIRS }, new Uint8Array(100).fill(count)))
    }
    assert.deepEqual(
      kept.map((bytes) => bytes[99]),
      Array.from({ length: 50 }, (_, count) => count)
    )
  })

  it('does not lend where somebody watches the events, as metrics do', async () => {
    const { say, streams } = bench()
    await say(frameOf(SYN))
    const [stream] = streams
    assert.ok(stream !== undefined)
    stream.dispatchEvent = stream.dispatchEvent.bind(stream)
    assert.equal(
      stream.lendTo(() => assert.fail('it was lent')),
      false
    )
    const kept = received(stream)
    await say(frameOf({ streamId: THEIRS }, Uint8Array.of(1)))
    assert.deepEqual(kept, [1])
  })

  it('sends small frames of one turn as one message', async () => {
    const { muxer, sent } = bench()
    const stream = await muxer.createStream()
    await endOfTurn()
    const before = sent.length
    stream.send(new Uint8Array(50))
    stream.send(new Uint8Array(60))
    assert.equal(sent.length, before)
    await endOfTurn()
    assert.equal(sent.length, before + 1)
    stream.send(new Uint8Array(50))
    stream.send(new Uint8Array(5000))
    assert.equal(sent.length, before + 2, 'with a large one')
    stream.send(new Uint8Array(50))
    await stream.close()
    assert.equal(sent.length, before + 3, 'with the end of a stream')
  })

  it('fault 32: ends a connection that takes no small frames', async () => {
    const { near, far } = bench(true)
    const ping = frameOf({ type: FrameType.PING, flags: Flag.SYN, length: 1 })
    await flood(near, far, () => ping)
    assert.equal(near.status, 'aborted')
  })

  it('fault 32: ends a connection that takes no refusals of the streams that it opens', async () => {
    const { near, far } = bench(true)
    let streamId = 0
    await flood(near, far, () => {
      streamId += 2
      return frameOf({ ...SYN, streamId })
    })
    assert.equal(near.status, 'aborted')
  })

  it('keeps a connection whose large frames take all that it can take', async () => {
    const { near, far } = bench()
    const writer = new FrameWriter(near)
    const [small, large] = [new Uint8Array(4000), new Uint8Array(5000)]
    const header = { type: FrameType.DATA, flags: 0, streamId: 1 }
    far.deliverTo({ receive: () => undefined, fail: () => undefined })
    for (let sent = 0; sent < 2 * MAX_UNTAKEN_BYTE_LENGTH; sent += small.byteLength) {
      near.writableNeedsDrain = false
      writer.write({ ...header, length: large.byteLength }, [large])
      near.writableNeedsDrain = true
      writer.write({ ...header, length: small.byteLength }, [small])
      await endOfTurn()
    }
    assert.equal(near.status, 'open')
  })

  it('fault 32: refuses more streams than there may be', async () => {
    const { say, streams, frames } = bench()
    const open = Array.from({ length: 1001 }, (_, index) => frameOf({ ...SYN, streamId: 2 * index + 2 }))
    await say(...open)
    assert.equal(streams.length, 1000)
    assert.deepEqual(
      frames.filter(({ flags }) => (flags & Flag.RST) !== 0).map(({ streamId }) => streamId),
      [2002]
    )
  })

  it('tells of its end, and hears of the other side’s', async () => {
    const { muxer, far } = bench()
    const stream = await muxer.createStream()
    const closed = once(stream, 'close')
    const goAway = frameOf({ type: FrameType.GO_AWAY, length: GoAway.NORMAL })
    far.write([goAway], goAway.byteLength)
    await closed
    await assert.rejects(muxer.createStream())
    const other = bench()
    await other.muxer.close()
    await other.until(() => other.frames.length > 0, 'a frame')
    assert.deepEqual(
      other.frames.map(({ type, length }) => [type, length]),
      [[FrameType.GO_AWAY, GoAway.NORMAL]]
    )
  })

  it('resets a stream, and hears that it was reset', async () => {
    const { muxer, say, frames } = bench()
    const stream = await muxer.createStream()
    await say()
    stream.abort(new Error('over'))
    assert.equal(muxer.streams.length, 0)
    // What is under way for it still comes.
    await say(frameOf({ streamId: stream.streamId }, new Uint8Array(100)))
    assert.equal(frames.filter(({ flags }) => flags === Flag.RST).length, 1)
    const other = await muxer.createStream()
    await say(frameOf({ type: FrameType.WINDOW_UPDATE, flags: Flag.RST, streamId: other.streamId }))
    assert.equal(other.status, 'reset')
  })
})
