/** How a provider sends chunks: in one piece, or at a pace. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import '#potluck/polyfill.js'
import { streamPair } from '@libp2p/utils'
import { type Pace, ReplyStream } from '#potluck/protocols/chunk/index.js'

const PIECE = 1000

/** Grants every turn, and records its purpose. */
class NotedPace implements Pace {
  readonly turns: number[] = []
  /** Who each was for. */
  readonly replies: number[] = []
  pieceByteLength = PIECE
  seenBytesPerSecond = 0
  #begun = 0

  begin(): number {
    this.#begun++
    return this.#begun
  }

  turn(byteLength: number, reply: number): Promise<void> | undefined {
    this.turns.push(byteLength)
    this.replies.push(reply)
    return this.turns.length % 2 === 0 ? undefined : Promise.resolve()
  }
}

/** All that the other end reads of what is sent. */
async function sent(
  pace: Pace | undefined,
  send: (replies: ReplyStream) => Promise<unknown>
): Promise<Buffer> {
  const [near, far] = await streamPair()
  const parts: Uint8Array[] = []
  far.addEventListener('message', ({ data }) => parts.push(data.subarray()))
  const ended = new Promise((resolve) => far.addEventListener('remoteCloseWrite', resolve))
  await send(new ReplyStream('ann', near, pace))
  await near.close()
  await ended
  return Buffer.concat(parts)
}

describe('replies', () => {
  it('are the same bytes in pieces, one reply after another', async () => {
    const chunks = [randomBytes(2 * PIECE + 500), randomBytes(10)]
    const replies = (stream: ReplyStream): Promise<unknown> =>
      Promise.all([
        ...chunks.map((chunk, id) => stream.send(id, chunk, 0, { root: 'ab'.repeat(32), chunkIndex: id })),
        stream.refuse(2, 'busy')
      ])
    const pace = new NotedPace()
    const whole = await sent(undefined, replies)
    assert.deepEqual(await sent(pace, replies), whole)
    assert.deepEqual(
      pace.turns.map((turn) => Math.min(turn, PIECE)),
      pace.turns
    )
    assert.equal(
      pace.turns.reduce((sum, turn) => sum + turn, 0),
      whole.byteLength
    )
    assert.equal(pace.turns.filter((turn) => turn === PIECE).length, 2)
    assert.deepEqual(pace.replies, [1, 1, 1, 2, 3])
  })

  it('are rejected when the stream ends between two pieces', async () => {
    const [near] = await streamPair()
    const pace = new NotedPace()
    pace.turn = () => {
      near.abort(new Error('over'))
      return undefined
    }
    const replies = new ReplyStream('ann', near, pace)
    await assert.rejects(replies.send(1, randomBytes(3 * PIECE), 0))
  })

  it('fault 22: that wait from the start are seen to wait from the first look on', async () => {
    const [near] = await streamPair({ delay: 200, capacity: 1 })
    while (near.send(Uint8Array.of(0))) {
      // Until it takes nothing more.
    }
    const replies = new ReplyStream('ann', near, undefined)
    const sent = replies.send(1, randomBytes(PIECE), 0)
    await Promise.resolve()
    assert.ok(near.writeBufferLength > PIECE)
    const looks = [5000, 6000, 7000].map((nowMs) => replies.stalledMs(nowMs))
    assert.deepEqual(looks, [0, 1000, 2000])
    near.abort(new Error('over'))
    await assert.rejects(sent)
  })
})
