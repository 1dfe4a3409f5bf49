/** The uplink test between plain hosts: the bytes are discarded, and no node can harm the coordinator with them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection } from '@libp2p/interface'
import '#potluck/polyfill.js'
import { createHost, type Host } from '#potluck/node/host/host.js'
import { testUplink } from '#potluck/node/sockets/uplink-test.js'
import {
  MAX_TEST_BYTE_LENGTH,
  MAX_TEST_MS,
  MAX_TESTS,
  UPLINK_TEST_PROTOCOL
} from '#potluck/protocols/uplink-test/constants.js'
import { fillUplink, UplinkTestService } from '#potluck/protocols/uplink-test/index.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'

const MIB = 1024 * 1024

const never = new AbortController().signal

/** With connections of as many peers with a host that takes part in tests. */
async function withPeers(
  count: number,
  use: (connections: Connection[], peers: Host[]) => Promise<void>
): Promise<void> {
  const start = async (listen: string[]): Promise<Host> => {
    const host = await createHost({
      listen,
      announce: [],
      door: OPEN_DOOR,
      privateKey: await generateKeyPair('Ed25519')
    })
    await host.start()
    return host
  }
  const coordinator = await start(['/ip4/127.0.0.1/tcp/0'])
  const service = new UplinkTestService(coordinator)
  await service.start()
  const peers = await Promise.all(Array.from({ length: count }, () => start([])))
  try {
    await use(await Promise.all(peers.map((peer) => peer.dial(coordinator.getMultiaddrs()))), peers)
  } finally {
    await service.stop()
    await Promise.all([coordinator, ...peers].map((host) => host.stop()))
  }
}

function only(connections: Connection[]): Connection {
  const [connection] = connections
  assert.ok(connection !== undefined)
  return connection
}

/** A test that goes on until the other side aborts it. Resolves then. */
async function endOfTest(connection: Connection): Promise<void> {
  const stream = await connection.newStream(UPLINK_TEST_PROTOCOL)
  while (stream.status === 'open') {
    await sleep(10)
  }
}

describe('uplink test', () => {
  it('sends until enough is sent, again and again', async () => {
    await withPeers(1, async (connections) => {
      for (let turn = 0; turn < 3; turn++) {
        let most = 0
        const goesOn = (sent: number): boolean => {
          most = sent
          return sent < 2 * MIB
        }
        await fillUplink(only(connections), goesOn, never)
        assert.equal(most, 2 * MIB)
      }
      assert.equal(only(connections).streams.length, 0)
    })
  })

  it('ends when it is aborted', async () => {
    await withPeers(1, async (connections) => {
      const abort = new AbortController()
      const goesOn = (sent: number): boolean => {
        if (sent > MIB) {
          abort.abort()
        }
        return true
      }
      await assert.rejects(fillUplink(only(connections), goesOn, abort.signal))
    })
  })

  it('fault 32: takes no end of bytes from nobody', async () => {
    await withPeers(1, async (connections) => {
      let most = 0
      const goesOn = (sent: number): boolean => {
        most = sent
        return sent < 2 * MAX_TEST_BYTE_LENGTH
      }
      const startedAtMs = performance.now()
      await assert.rejects(fillUplink(only(connections), goesOn, never))
      // A machine that is too busy for so many bytes comes to the end of the time first.
      assert.ok(most >= MAX_TEST_BYTE_LENGTH || performance.now() - startedAtMs >= MAX_TEST_MS)
    })
  })

  it('fault 32: takes part in a few tests at a time', async () => {
    await withPeers(MAX_TESTS + 1, async (connections) => {
      const beganAtMs = performance.now()
      const ends = connections.map(async (connection) => {
        await endOfTest(connection)
        return performance.now() - beganAtMs
      })
      const elapsedMs = (await Promise.all(ends)).sort((a, b) => a - b)
      assert.ok((elapsedMs[0] ?? 0) < MAX_TEST_MS, 'one is refused')
      assert.ok((elapsedMs[1] ?? 0) >= MAX_TEST_MS, 'the others go on as long as they may')
    })
  })

  it('is left out for little, at a limit, and where nothing is seen of an uplink', async () => {
    await withPeers(1, async (connections, [peer]) => {
      const connection = only(connections)
      let begun = 0
      connection.newStream = () => {
        begun++
        return Promise.reject(new Error('a test was begun'))
      }
      const sendQueues = peer?.services.sendQueues
      assert.ok(sendQueues !== undefined)
      assert.equal(sendQueues.isSeeking, false, 'on one machine')
      const init = { connection, sendQueues, signal: never }
      await testUplink({ ...init, sharedByteLength: 1000 * MIB })
      let asked = 0
      let isLimited = false
      const seeking = Object.create(sendQueues, {
        isSeeking: { get: () => ++asked > 0 },
        isLimited: { get: () => isLimited }
      })
      await testUplink({ ...init, sendQueues: seeking, sharedByteLength: MIB })
      assert.equal(asked, 0)
      await testUplink({ ...init, sendQueues: seeking, sharedByteLength: 1000 * MIB })
      assert.equal(asked, 1, 'and what goes wrong is no matter')
      assert.equal(begun, 1)
      isLimited = true
      await testUplink({ ...init, sendQueues: seeking, sharedByteLength: 1000 * MIB })
      assert.equal(begun, 1)
    })
  })
})
