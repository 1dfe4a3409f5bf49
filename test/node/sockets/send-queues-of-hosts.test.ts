/** What waits unsent in the kernel, between hosts as peers make them. */
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import '#potluck/polyfill.js'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection } from '@libp2p/interface'
import { createHost, type Host } from '#potluck/node/host/host.js'
import { loadSocketCalls } from '#potluck/node/sockets/socket-calls.js'
import { PERIOD_MS } from '#potluck/node/sockets/unsent-limit.js'
import { sendBytes } from '#potluck/protocols/wire.js'
import { OPEN_DOOR } from '../../fixtures/open-door.js'
import {
  isAnybodySubscribed,
  loadUnsentLimitReader,
  withSockets,
  withStrangers
} from '../../fixtures/sockets.js'

const FIRST = 128 * 1024

const PROTOCOL = '/test/swallow/1.0.0'

async function makeHost(listen = '/ip4/127.0.0.1/tcp/0'): Promise<Host> {
  return createHost({
    listen: [listen],
    announce: [],
    door: OPEN_DOOR,
    privateKey: await generateKeyPair('Ed25519')
  })
}

async function withHosts(use: (dialler: Host, listener: Host) => Promise<void>): Promise<void> {
  const [dialler, listener] = [await makeHost(), await makeHost()]
  try {
    await dialler.start()
    await listener.start()
    await use(dialler, listener)
  } finally {
    await dialler.stop()
    await listener.stop()
  }
}

/** Sends from one end to the other until it is enough. */
async function sendUntil(isEnough: () => boolean, connection: Connection, listener: Host): Promise<void> {
  await listener.handle(PROTOCOL, (stream) => stream.addEventListener('message', () => undefined))
  const stream = await connection.newStream(PROTOCOL)
  const signal = AbortSignal.timeout(30_000)
  while (!isEnough()) {
    await sendBytes(stream, new Uint8Array(256 * 1024), signal)
  }
  stream.abort(new Error('enough'))
}

/** The intervals of the period's length that have begun and not ended. */
function tickingIntervals({ mock }: TestContext): Set<unknown> {
  const ticking = new Set<unknown>()
  const begin = setInterval
  const end = clearInterval
  mock.method(globalThis, 'setInterval', (callback: () => void, ms: number) => {
    const timer = begin(callback, ms)
    if (ms === PERIOD_MS) {
      ticking.add(timer)
    }
    return timer
  })
  mock.method(globalThis, 'clearInterval', (timer: NodeJS.Timeout) => {
    ticking.delete(timer)
    end(timer)
  })
  return ticking
}

const skip =
  process.platform !== 'linux'
    ? "the option is read back by Linux's number"
    : (await loadSocketCalls()) === undefined && 'koffi is not installed'

describe('send queues of two hosts', { skip }, () => {
  it('have a limit at both ends of their connection, and at no other socket', async () => {
    const limitOf = await loadUnsentLimitReader()
    await withSockets(async (sockets) => {
      await withHosts(async (dialler, listener) => {
        await dialler.dial(listener.getMultiaddrs())
        assert.deepEqual([...sockets].map(limitOf), [FIRST, FIRST])
        await withStrangers(async (strangers) => {
          assert.deepEqual(strangers.map(limitOf), [0, 0])
        })
      })
    })
  })

  it('have one at the connections that a peer makes to all addresses of another one', async () => {
    const limitOf = await loadUnsentLimitReader()
    await withSockets(async (sockets) => {
      await withHosts(async (dialler, listener) => {
        await dialler.services.reach.dial(listener.getMultiaddrs(), AbortSignal.timeout(10_000))
        assert.deepEqual([...sockets].map(limitOf), [FIRST, FIRST])
      })
    })
  })

  it('get longer when the link is fast, at the end that sends', async () => {
    const limitOf = await loadUnsentLimitReader()
    await withSockets(async (sockets) => {
      await withHosts(async (dialler, listener) => {
        const connection = await dialler.dial(listener.getMultiaddrs())
        const [near, far] = sockets
        assert.ok(near !== undefined && far !== undefined)
        assert.equal(near.remotePort, far.localPort)
        await sendUntil(() => limitOf(near) > FIRST, connection, listener)
        assert.equal(limitOf(far), FIRST)
      })
    })
  })

  it('are left alone, and nothing ticks, when the hosts have stopped', async (test) => {
    const limitOf = await loadUnsentLimitReader()
    const ticking = tickingIntervals(test)
    const [one, other] = [await makeHost(), await makeHost()]
    await one.start()
    await other.start()
    assert.equal(ticking.size, 2)
    await one.stop()
    assert.equal(ticking.size, 1)
    assert.equal(isAnybodySubscribed(), true)
    await other.stop()
    assert.equal(ticking.size, 0)
    assert.equal(isAnybodySubscribed(), false)
    await one.start()
    assert.equal(ticking.size, 1, 'a host can be started again')
    await one.stop()
    await withStrangers(async (strangers) => {
      await sleep(PERIOD_MS)
      assert.deepEqual(strangers.map(limitOf), [0, 0])
    })
  })

  it('leave nothing behind when a host cannot start', async (test) => {
    const ticking = tickingIntervals(test)
    const host = await makeHost('/ip4/192.0.2.1/tcp/9')
    await assert.rejects(async () => host.start(), { code: 'LISTEN_FAILED' })
    assert.equal(ticking.size, 0)
    assert.equal(isAnybodySubscribed(), false)
  })
})
