/** Strangers who come in numbers: they keep no member out, and cost a bounded amount. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import type { Coordinator } from '#potluck/index.js'
import { makeSecretFile } from '#potluck/keys/secret.js'
import { createHost } from '#potluck/node/host.js'
import { MAX_PENDING_CONNECTIONS } from '#potluck/node/pending-connections.js'
import { MAX_UNADMITTED_CONNECTIONS } from '#potluck/protocols/admission/constants.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'
import { bytesOf, CHUNK, TestSwarm } from '../fixtures/swarm.js'

/** Another address of this machine than the members': libp2p admits so many a second from each. */
const ELSEWHERE = '127.0.0.2'

/** Less than what ends by itself takes: a handshake has 10 s, an admission 5. */
const SOON_MS = 4000

interface Flood {
  come(): Promise<void>
  end(): Promise<void>
}

/** Has strangers come to a coordinator before, while and after two members join, and has these gather. */
async function gatherIn(floodOf: (coordinator: Coordinator) => Promise<Flood>): Promise<void> {
  await TestSwarm.run(async (swarm) => {
    const secretFile = join(swarm.folder, 'secret')
    await makeSecretFile(secretFile)
    const coordinator = await swarm.coordinator({ expectedPeers: 2, secretFile })
    const flood = await floodOf(coordinator)
    try {
      await flood.come()
      const ann = await swarm.peer('ann', { 'a.bin': bytesOf(20 * CHUNK, 'a') }, { secretFile })
      const ben = await swarm.peer('ben', {}, { secretFile })
      const coming = flood.come()
      await Promise.all([ann, ben].map(({ peer }) => peer.start()))
      await Promise.all([ann, ben].map(({ peer }) => peer.completed()))
      await coming
    } finally {
      await flood.end()
    }
  })
}

describe('a flood', () => {
  it('fault 32: of connections that say nothing keeps no member out', async () => {
    const sockets: Socket[] = []
    await gatherIn(async (coordinator) => {
      const { port } = portOf(coordinator)
      return {
        async come() {
          for (let count = 0; count < (MAX_PENDING_CONNECTIONS * 3) / 4; count++) {
            const socket = createConnection({ host: '127.0.0.1', port, localAddress: ELSEWHERE })
            socket.on('error', () => undefined)
            sockets.push(socket)
          }
          await until(() => sockets.filter(({ closed }) => !closed).length <= MAX_PENDING_CONNECTIONS)
        },
        async end() {
          await Promise.all(
            sockets.map((socket) => {
              socket.destroy()
              return socket.closed ? undefined : once(socket, 'close')
            })
          )
        }
      }
    })
  })

  it('fault 32: of nodes that do not ask to be admitted keeps no member out', async () => {
    const stranger = await createHost({
      listen: [],
      announce: [],
      door: OPEN_DOOR,
      privateKey: await generateKeyPair('Ed25519'),
      transports: [tcpFrom(ELSEWHERE)]
    })
    await stranger.start()
    await gatherIn(async (coordinator) => {
      const address = multiaddr(coordinator.multiaddrs[0])
      return {
        async come() {
          for (let count = 0; count < (MAX_UNADMITTED_CONNECTIONS * 3) / 4; count++) {
            await stranger.dial(address, { force: true }).catch(() => undefined)
          }
          await until(() => stranger.getConnections().length <= MAX_UNADMITTED_CONNECTIONS)
        },
        async end() {
          await stranger.stop()
        }
      }
    })
  })
})

async function until(isSo: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + SOON_MS
  while (!isSo()) {
    assert.ok(performance.now() < deadlineMs, 'more are kept than there is room for')
    await sleep(10)
  }
}

function portOf(coordinator: Coordinator): { port: number } {
  const address = multiaddr(coordinator.multiaddrs[0])
  return { port: Number(address.getComponents().find(({ name }) => name === 'tcp')?.value) }
}

/** TCP whose connections come from this address. */
function tcpFrom(localAddress: string): ReturnType<typeof tcp> {
  return (components) => {
    const transport = tcp()(components)
    const dial = transport.dial.bind(transport)
    transport.dial = (address, options) => dial(address, Object.assign(options, { localAddress }))
    return transport
  }
}
