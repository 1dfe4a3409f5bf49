/**
 * Everything written to a socket arrives, however slowly the other side reads, and buffers are reused only after that.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { MAX_WRITE_BYTE_LENGTH, SocketOutlet } from '#potluck/node/secure-channel/outlet.js'
import { within } from '../../fixtures/within.js'

interface Sockets {
  near: Socket
  /** Paused. */
  far: Socket
}

async function sockets(test: TestContext): Promise<Sockets> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const connected = once(server, 'connection')
  const near = connect(address.port, '127.0.0.1')
  const [[far]] = await Promise.all([connected, once(near, 'connect')])
  assert.ok(far instanceof Socket)
  test.after(() => {
    near.destroy()
    far.destroy()
    server.close()
  })
  return { near, far }
}

describe('an outlet to a socket', () => {
  it('sends what it was given, though nobody reads for a while and the buffers are used again', async (test) => {
    const { near, far } = await sockets(test)
    let drained = 0
    const outlet = new SocketOutlet(near, () => drained++)
    const [sent, came] = [createHash('md5'), createHash('md5')]
    let [sentByteLength, cameByteLength, isWritable] = [0, 0, true]
    const send = (count: number): void => {
      const byteLength = count % 3 === 0 ? 100 + count : MAX_WRITE_BYTE_LENGTH - count
      const buffer = outlet.take(byteLength)
      buffer.fill(count, 0, byteLength)
      sent.update(buffer.subarray(0, byteLength))
      sentByteLength += byteLength
      isWritable = outlet.send(buffer, byteLength)
    }
    let count = 0
    while (isWritable) {
      send(count++)
    }
    // Writes that do not wait, such as small frames, are not lost.
    for (let more = 0; more < 30; more++) {
      send(count++)
      await endOfTurn()
    }
    assert.equal(drained, 0)
    far.on('data', (bytes: Uint8Array) => {
      came.update(bytes)
      cameByteLength += bytes.byteLength
      if (isWritable && count < 150) {
        send(count++)
      }
    })
    far.resume()
    await within(
      60_000,
      () => `${cameByteLength} of ${sentByteLength} bytes`,
      (async () => {
        while (cameByteLength < sentByteLength) {
          isWritable = near.writableLength === 0
          await endOfTurn()
        }
      })()
    )
    assert.equal(came.digest('hex'), sent.digest('hex'))
    assert.ok(drained > 0)
  })

  it('says when there may be more to whoever was told to wait, whatever is sent meanwhile', async (test) => {
    const { near, far } = await sockets(test)
    far.resume()
    let drained = 0
    const outlet = new SocketOutlet(near, () => drained++)
    // As with what another one writes in the same turn.
    near.cork()
    assert.equal(outlet.send(outlet.take(30_000), 30_000), false)
    near.uncork()
    assert.equal(near.writableLength, 0)
    assert.equal(outlet.send(outlet.take(10), 10), false)
    assert.equal(drained, 0)
    await endOfTurn()
    assert.equal(drained, 1)
    assert.equal(outlet.send(outlet.take(10), 10), true)
  })

  it('uses a buffer again at once where the system has taken it, and not before', async (test) => {
    const { near } = await sockets(test)
    const outlet = new SocketOutlet(near, () => undefined)
    const places = new Set<ArrayBufferLike>()
    for (let count = 0; count < 5; count++) {
      const buffer = outlet.take(10_000)
      places.add(buffer.buffer)
      assert.equal(outlet.send(buffer, 10_000), true)
    }
    assert.equal(places.size, 1)
    const held = new Set<ArrayBufferLike>()
    let isWritable = true
    while (isWritable) {
      const buffer = outlet.take(MAX_WRITE_BYTE_LENGTH)
      isWritable = outlet.send(buffer, MAX_WRITE_BYTE_LENGTH)
      if (!isWritable) {
        held.add(buffer.buffer)
      }
    }
    for (let more = 0; more < 20; more++) {
      const buffer = outlet.take(MAX_WRITE_BYTE_LENGTH)
      assert.equal(held.has(buffer.buffer), false)
      held.add(buffer.buffer)
      outlet.send(buffer, MAX_WRITE_BYTE_LENGTH)
    }
    // A broken connection drops what it has not sent.
    near.destroy()
    await once(near, 'close')
    await endOfTurn()
    assert.equal(held.has(outlet.take(MAX_WRITE_BYTE_LENGTH).buffer), false)
  })
})
