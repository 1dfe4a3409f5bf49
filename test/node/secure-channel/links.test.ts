/** Hosts with our own encryption and muxer, and with those of libp2p's packages, in any mix: the bytes are the same. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import { memory } from '@libp2p/memory'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import '#potluck/polyfill.js'
import { seededRandom } from '#potluck/core/random.js'
import { createHost, type Host } from '#potluck/node/host/host.js'
import { MuxedStream } from '#potluck/node/secure-channel/muxed-stream.js'
import { borrowBytes, passOn, sendBytes } from '#potluck/protocols/wire.js'
import { OPEN_DOOR } from '../../fixtures/open-door.js'
import { within } from '../../fixtures/within.js'

const MIXES = [
  { near: 'own', far: 'own' },
  { near: 'own', far: 'plain' },
  { near: 'plain', far: 'own' }
] as const

const SLOW_MS = 60_000

async function startHost(test: TestContext, link: 'own' | 'plain', listen: string): Promise<Host> {
  const host = await createHost({
    listen: [listen],
    announce: [],
    door: OPEN_DOOR,
    privateKey: await generateKeyPair('Ed25519'),
    plainLink: link === 'plain',
    ...(listen.startsWith('/memory') && { transports: [memory()] })
  })
  await host.start()
  test.after(() => host.stop())
  return host
}

let places = 0

interface Link {
  far: Host
  connection: Connection
}

async function linkOf(
  test: TestContext,
  mix: (typeof MIXES)[number],
  { over = 'tcp', via = (address) => Promise.resolve(address) }: LinkOptions = {}
): Promise<Link> {
  const place = (): string => (over === 'tcp' ? '/ip4/127.0.0.1/tcp/0' : `/memory/links-${places++}`)
  const far = await startHost(test, mix.far, place())
  const near = await startHost(test, mix.near, place())
  const [address] = far.getMultiaddrs()
  assert.ok(address !== undefined)
  return { far, connection: await near.dial(await via(address)) }
}

interface LinkOptions {
  over?: 'tcp' | 'memory'
  /** Another address for that of the far host. */
  via?(address: Multiaddr): Promise<Multiaddr>
}

/** Sends pieces of any length, and reads what comes back until the other side has finished. */
async function echo(stream: Stream, seed: number, byteLength: number): Promise<void> {
  const random = seededRandom(seed)
  const [sent, came] = [createHash('md5'), createHash('md5')]
  let cameByteLength = 0
  const take = (bytes: Uint8Array): void => {
    came.update(bytes)
    cameByteLength += bytes.byteLength
  }
  stream.addEventListener('message', ({ data }: StreamMessageEvent) => take(data.subarray()))
  if (seed % 2 === 0) {
    borrowBytes(stream, take)
  }
  const ended = once(stream, 'remoteCloseWrite')
  for (let left = byteLength; left > 0; ) {
    const piece = new Uint8Array(Math.min(left, 1 + Math.floor(random() ** 4 * 300_000)))
    for (let index = 0; index < piece.byteLength; index += 97) {
      piece[index] = random() * 256
    }
    sent.update(piece)
    await sendBytes(stream, piece)
    left -= piece.byteLength
  }
  await stream.close()
  await within(SLOW_MS, () => `${cameByteLength} of ${byteLength} bytes`, ended)
  assert.equal(cameByteLength, byteLength)
  assert.equal(came.digest('hex'), sent.digest('hex'))
}

for (const mix of MIXES) {
  describe(`a link of ${mix.near} encryption to ${mix.far}`, () => {
    for (const over of ['tcp', 'memory'] as const) {
      it(`carries any bytes of several streams both ways over ${over}`, async (test) => {
        const { far, connection } = await linkOf(test, mix, { over })
        await far.handle('/echo', (stream) => passOn(stream, stream, () => undefined))
        const streams = await Promise.all([1, 2, 3, 4].map(() => connection.newStream('/echo')))
        assert.equal(streams[0] instanceof MuxedStream, mix.near === 'own')
        await Promise.all(streams.map((stream, index) => echo(stream, index, 3_000_000)))
      })
    }

    it('holds a sender back to the window while nobody reads', async (test) => {
      const { far, connection } = await linkOf(test, mix)
      const read = Promise.withResolvers<Stream>()
      await far.handle('/unread', (stream) => {
        stream.pause()
        read.resolve(stream)
      })
      const stream = await connection.newStream('/unread')
      const window = 1024 * 1024
      const sent = 2 * window
      for (let left = sent; left > 0; left -= window / 16) {
        stream.send(new Uint8Array(window / 16))
      }
      const taken = await read.promise
      // The negotiation of the protocol has used some of it.
      while (taken.readBufferLength < window - 100) {
        await sleep(5)
      }
      await sleep(50)
      assert.ok(taken.readBufferLength <= window, `${taken.readBufferLength} bytes came`)
      let came = 0
      taken.addEventListener('message', ({ data }: StreamMessageEvent) => {
        came += data.byteLength
      })
      taken.resume()
      await within(
        SLOW_MS,
        () => `${came} bytes`,
        (async () => {
          while (came < sent) {
            await sleep(5)
          }
        })()
      )
    })

    it('tells of a stream that is reset, and of a connection’s end', async (test) => {
      const { far, connection } = await linkOf(test, mix)
      await far.handle('/reset', (stream) => stream.abort(new Error('no')))
      await far.handle('/silent', () => undefined)
      const reset = await connection.newStream('/reset')
      if (reset.status === 'open') {
        await once(reset, 'close')
      }
      assert.equal(reset.status, 'reset')
      const silent = await connection.newStream('/silent')
      const closed = once(silent, 'close')
      await far.stop()
      await within(SLOW_MS, () => 'the end of the stream', closed)
    })

    it('fault 13: ends on both sides when it is cut at any byte', async (test) => {
      const cuts = Array.from({ length: 24 }, (_, index) => 1 + Math.floor(1.55 ** index))
      const { far, connection } = await linkOf(test, mix)
      await far.handle('/echo', (stream) => passOn(stream, stream, () => undefined))
      await connection.close()
      const [address] = far.getMultiaddrs()
      assert.ok(address !== undefined)
      const near = await startHost(test, mix.near, '/ip4/127.0.0.1/tcp/0')
      for (const cut of cuts) {
        const { address: way, close } = await cutting(address, cut)
        try {
          const connection = await near.dial(way)
          const stream = await connection.newStream('/echo')
          const closed = once(stream, 'close')
          while (stream.status === 'open') {
            stream.send(new Uint8Array(70_000))
            await sleep(1)
          }
          await closed
          await within(SLOW_MS, () => `the end of a connection cut at ${cut}`, untilClosed(connection))
        } catch (error) {
          assert.ok(!(error instanceof assert.AssertionError), String(error))
        } finally {
          await close()
        }
        await within(SLOW_MS, () => `the end at the far side, cut at ${cut}`, untilNone(far))
      }
    })
  })
}

async function untilClosed(connection: Connection): Promise<void> {
  while (connection.status === 'open' || connection.status === 'closing') {
    await sleep(2)
  }
}

async function untilNone(host: Host): Promise<void> {
  while (host.getConnections().length > 0) {
    await sleep(2)
  }
}

/** A connection to an address that breaks after this many bytes were sent to it. */
async function cutting(
  address: Multiaddr,
  byteLength: number
): Promise<{ address: Multiaddr; close(): Promise<void> }> {
  const port = Number(address.getComponents().find(({ name }) => name === 'tcp')?.value)
  const sockets: Socket[] = []
  const server = createServer((inbound) => {
    const outbound = connect(port, '127.0.0.1')
    sockets.push(inbound, outbound)
    let left = byteLength
    const end = (): void => {
      for (const socket of [inbound, outbound]) {
        socket.destroy()
      }
    }
    for (const socket of [inbound, outbound]) {
      socket.on('error', end)
      socket.on('close', end)
    }
    inbound.on('data', (bytes) => {
      outbound.write(bytes.subarray(0, left))
      left -= bytes.byteLength
      if (left <= 0) {
        outbound.end(() => end())
      }
    })
    outbound.pipe(inbound)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const here = server.address()
  assert.ok(typeof here === 'object' && here !== null)
  return {
    address: multiaddr(`/ip4/127.0.0.1/tcp/${here.port}`),
    async close() {
      for (const socket of sockets) {
        socket.destroy()
      }
      server.close()
      await once(server, 'close')
    }
  }
}
