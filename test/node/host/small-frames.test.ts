/** Small frames leave together, in the order in which they were sent. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import '#potluck/polyfill.js'
import type { MessageStream } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import { gathering, MAX_UNTAKEN_BYTE_LENGTH } from '#potluck/node/host/small-frames.js'
import { fc } from '../../fixtures/properties.js'

/** Yamux's header: version, type, flags, stream, length. */
function frame(type: number, byteLength: number, fill = 0): Uint8Array {
  const bytes = new Uint8Array(byteLength).fill(fill)
  bytes.set([0, type, 0, 0])
  return bytes
}

const DATA = 0
const WINDOW_UPDATE = 1
const PING = 2
const GO_AWAY = 3

const RST = 8

/** A connection, and the messages that reach what is below it. */
async function connection(): Promise<{ sent: Uint8Array[]; near: MessageStream }> {
  const [near] = await streamPair()
  const sent: Uint8Array[] = []
  const send = near.send.bind(near)
  near.send = (data) => {
    sent.push(data.subarray())
    return send(data)
  }
  return { sent, near: gathering(near) }
}

/** For a connection that accepts nothing while twice as many bytes are sent as may wait. */
async function statusAfterFlood(bytes: Uint8Array): Promise<string> {
  const { near } = await connection()
  near.writableNeedsDrain = true
  for (let sent = 0; near.status === 'open' && sent < 2 * MAX_UNTAKEN_BYTE_LENGTH; sent += bytes.byteLength) {
    near.send(bytes)
  }
  return near.status
}

describe('small frames', () => {
  it('of one turn are one message', async () => {
    const { sent, near } = await connection()
    assert.equal(near.send(frame(WINDOW_UPDATE, 12)), true)
    assert.equal(near.send(frame(DATA, 80)), true)
    assert.equal(sent.length, 0)
    await endOfTurn()
    near.send(frame(WINDOW_UPDATE, 12))
    await endOfTurn()
    assert.deepEqual(
      sent.map(({ byteLength }) => byteLength),
      [92, 12]
    )
  })

  it('go with a large one', async () => {
    const { sent, near } = await connection()
    near.send(frame(DATA, 80))
    near.send(frame(DATA, 5000))
    assert.deepEqual(
      sent.map(({ byteLength }) => byteLength),
      [5080]
    )
    await endOfTurn()
    assert.equal(sent.length, 1)
  })

  it('do not wait when a stream or the connection ends', async () => {
    const fin = frame(WINDOW_UPDATE, 12)
    fin[3] = 4
    for (const end of [frame(GO_AWAY, 12), fin]) {
      const { sent, near } = await connection()
      near.send(frame(DATA, 80))
      near.send(end)
      assert.deepEqual(
        sent.map(({ byteLength }) => byteLength),
        [92]
      )
    }
  })

  it('say when the connection can take no more', async () => {
    const { near } = await connection()
    near.writableNeedsDrain = true
    assert.equal(near.send(frame(DATA, 80)), false)
  })

  it('fault 32: end a connection that takes none of them', async () => {
    assert.equal(await statusAfterFlood(frame(PING, 12)), 'aborted')
  })

  it('fault 32: end a connection that takes no refusals of streams', async () => {
    const refusal = frame(WINDOW_UPDATE, 12)
    refusal[3] = RST
    assert.equal(await statusAfterFlood(refusal), 'aborted')
  })

  it('go on without end where large ones take all that the connection can take', async () => {
    const { near } = await connection()
    const [windowUpdate, chunk] = [frame(WINDOW_UPDATE, 4000), frame(DATA, 5000)]
    for (let sent = 0; sent < 2 * MAX_UNTAKEN_BYTE_LENGTH; sent += windowUpdate.byteLength) {
      near.writableNeedsDrain = false
      near.send(chunk)
      near.writableNeedsDrain = true
      near.send(windowUpdate)
    }
    assert.equal(near.status, 'open')
  })

  it('are dropped with the connection', async () => {
    const { sent, near } = await connection()
    near.send(frame(DATA, 80))
    near.abort(new Error('over'))
    await endOfTurn()
    assert.deepEqual(sent.length, 1)
    assert.throws(() => near.send(frame(DATA, 80)))
  })

  it('fault 32: keep their order and their bytes, and few wait', async () => {
    const anyFrame = fc.tuple(
      fc.constantFrom(DATA, WINDOW_UPDATE, GO_AWAY),
      fc.oneof(fc.integer({ min: 12, max: 100 }), fc.integer({ min: 900, max: 40_000 }))
    )
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { maxLength: 60 }), async (kinds) => {
        const { sent, near } = await connection()
        const frames = kinds.map(([type, byteLength], index) => frame(type, byteLength, index + 1))
        let waiting = 0
        for (const one of frames) {
          const before = sent.length
          near.send(one)
          waiting = sent.length > before ? 0 : waiting + one.byteLength
          assert.ok(waiting <= 17 * 1024)
        }
        await endOfTurn()
        assert.deepEqual(Buffer.concat(sent), Buffer.concat(frames))
      })
    )
  })
})
