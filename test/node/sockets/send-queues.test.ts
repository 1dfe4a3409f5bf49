/** Which sockets get which limit, and when, on a system that only records the calls. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import '#potluck/polyfill.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p, type Libp2p } from 'libp2p'
import { SendQueues } from '#potluck/node/sockets/send-queues.js'
import { PERIOD_MS } from '#potluck/node/sockets/unsent-limit.js'
import { BURST_MS, LOOK_MS, PIECE_MS, type SocketProgress } from '#potluck/node/sockets/uplink-pace.js'
import { isAnybodySubscribed, withSockets } from '../../fixtures/sockets.js'

const skip = process.platform === 'win32' && 'sockets have no descriptors here'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'

/** The queues of one host, with a clock that stands still until it is told otherwise. */
class Bench {
  readonly told: number[] = []
  readonly queues: SendQueues
  nowMs = 0
  answer = true
  hasUplink = true
  /** Of every socket. */
  progress: SocketProgress | undefined
  #look: () => void = () => undefined
  #lookAtProgress: () => void = () => undefined

  constructor({ mock }: TestContext) {
    const begin = setInterval
    mock.method(globalThis, 'setInterval', (callback: () => void, ms: number) => {
      if (ms === PERIOD_MS) {
        this.#look = callback
      } else if (ms === LOOK_MS) {
        this.#lookAtProgress = callback
      } else {
        return begin(callback, ms)
      }
      return begin(() => undefined, ms)
    })
    this.queues = new SendQueues({
      calls: {
        setUnsentLimit: (descriptor, byteLength) => {
          assert.ok(Number.isInteger(descriptor) && descriptor > 2)
          this.told.push(byteLength)
          return this.answer
        },
        progressOf: () => this.progress
      },
      hasUplink: () => this.hasUplink,
      now: () => this.nowMs
    })
  }

  /** A look later, with so many more bytes acknowledged. */
  lookAtProgress(byteLength: number): void {
    this.nowMs += LOOK_MS
    const { ackedByteLength } = this.progress ?? { ackedByteLength: 0 }
    this.progress = {
      ackedByteLength: ackedByteLength + byteLength,
      isWaiting: true,
      unsentByteLength: 100_000,
      roundTripMs: 10
    }
    this.#lookAtProgress()
  }

  /** A look later, of which the system tells nothing. */
  lookWithoutProgress(): void {
    this.nowMs += LOOK_MS
    this.#lookAtProgress()
  }

  /** One period later. */
  look(): void {
    this.nowMs += PERIOD_MS
    this.#look()
  }
}

async function makeNode(queues: SendQueues | undefined, listen: string[]): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen },
    transports: [(components) => queues?.watch(tcp()(components)) ?? tcp()(components)],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()]
  })
}

/** A host with queues that is dialled by one without, or dials it. */
async function connected(
  { queues }: Bench,
  direction: 'inbound' | 'outbound',
  use: () => Promise<void> | void,
  address = LOOPBACK
): Promise<void> {
  queues.start()
  const listener = await makeNode(direction === 'inbound' ? queues : undefined, [address])
  const dialler = await makeNode(direction === 'outbound' ? queues : undefined, [])
  try {
    await dialler.dial(listener.getMultiaddrs())
    await use()
  } finally {
    await dialler.stop()
    await listener.stop()
    queues.stop()
  }
}

describe('send queues', { skip }, () => {
  for (const direction of ['inbound', 'outbound'] as const) {
    it(`limit an ${direction} connection when it begins, and again when its rate is known`, async (test) => {
      const bench = new Bench(test)
      await withSockets(async (sockets) => {
        await connected(bench, direction, async () => {
          assert.deepEqual(bench.told, [128 * 1024])
          // A write as large as this is not taken at once by any system.
          for (const socket of sockets) {
            socket.write(new Uint8Array(64 * 1024 * 1024))
          }
          bench.look()
          assert.deepEqual(bench.told.slice(1), [64 * 1024])
        })
      })
    })
  }

  it('do not ask a socket again that refused', async (test) => {
    const bench = new Bench(test)
    bench.answer = false
    await withSockets(async (sockets) => {
      await connected(bench, 'outbound', () => {
        for (const socket of sockets) {
          socket.write(new Uint8Array(64 * 1024 * 1024))
        }
        bench.look()
        assert.equal(bench.told.length, 1)
      })
    })
  })

  it('do not ask of a socket that is destroyed', async (test) => {
    const bench = new Bench(test)
    await withSockets(async (sockets) => {
      await connected(bench, 'outbound', async () => {
        const closed = [...sockets].map((socket) => once(socket, 'close'))
        for (const socket of sockets) {
          socket.write(new Uint8Array(64 * 1024 * 1024))
          socket.destroy()
        }
        bench.look()
        await Promise.all(closed)
        bench.look()
        assert.equal(bench.told.length, 1)
      })
    })
  })

  it('leave the connections of other hosts in the process alone', async (test) => {
    const bench = new Bench(test)
    const other = new Bench(test)
    await connected(bench, 'outbound', async () => {
      await connected(other, 'outbound', () => undefined)
      assert.deepEqual([bench.told.length, other.told.length], [1, 1])
    })
  })

  it('do not mind connections that are not of TCP', async (test) => {
    const bench = new Bench(test)
    bench.answer = false
    const path = join(tmpdir(), `potluck-${process.pid}.socket`)
    await connected(bench, 'outbound', () => bench.look(), `/unix/${encodeURIComponent(path)}`)
    assert.equal(bench.told.length, 1)
  })

  it('have pieces wait for their turn once it is known what the uplink carries', async (test) => {
    const bench = new Bench(test)
    const { queues } = bench
    await connected(bench, 'outbound', async () => {
      assert.equal(queues.pieceByteLength, Number.POSITIVE_INFINITY)
      assert.equal(queues.turn(1_000_000, queues.begin()), undefined)
      assert.equal(queues.isSeeking, true)
      for (let look = 0; look < 20; look++) {
        bench.lookAtProgress(200_000)
      }
      const bytesPerSecond = (1000 * 200_000) / LOOK_MS
      assert.ok(Math.abs(queues.seenBytesPerSecond / bytesPerSecond - 1) < 0.01)
      assert.ok(queues.pieceByteLength < bytesPerSecond / 100)
      assert.equal(queues.isSeeking, false)
      const take = (): Promise<void> | undefined => queues.turn(queues.pieceByteLength, queues.begin())
      assert.equal(take(), undefined)
      const caughtUp = BURST_MS / PIECE_MS
      const turns = Array.from({ length: caughtUp + 3 }, take)
      assert.ok(turns.slice(0, caughtUp / 2).every((turn) => turn === undefined))
      assert.ok(turns.some((turn) => turn !== undefined))
      const clock = setInterval(() => bench.nowMs++, 1)
      await Promise.all(turns)
      clearInterval(clock)
    })
  })

  it('hold nothing back of what stays on the machine', async (test) => {
    const bench = new Bench(test)
    bench.hasUplink = false
    await connected(bench, 'outbound', () => {
      for (let look = 0; look < 20; look++) {
        bench.lookAtProgress(200_000)
      }
      assert.equal(bench.queues.pieceByteLength, Number.POSITIVE_INFINITY)
    })
  })

  it('hold nothing back where the system does not tell', async (test) => {
    const bench = new Bench(test)
    await connected(bench, 'outbound', () => {
      for (let look = 0; look < 5; look++) {
        bench.lookWithoutProgress()
      }
      assert.equal(bench.queues.pieceByteLength, Number.POSITIVE_INFINITY)
    })
  })

  it('watch nothing where nothing can be set', () => {
    const queues = new SendQueues({ calls: undefined, hasUplink: () => true, now: () => 0 })
    queues.start()
    assert.equal(isAnybodySubscribed(), false)
    queues.stop()
  })
})
