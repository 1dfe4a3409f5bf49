/** Many strangers at once: they keep no member out, and cost a bounded amount. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { multiaddr } from '@multiformats/multiaddr'
import type { Coordinator } from '#potluck/index.js'
import { makeSecretFile } from '#potluck/keys/secret.js'
import { createHost } from '#potluck/node/host/host.js'
import { MAX_PENDING_CONNECTIONS } from '#potluck/node/host/pending-connections.js'
import { askAdmission } from '#potluck/protocols/admission/index.js'
import { bytesOf } from '../fixtures/bytes.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'
import { CHUNK, TestSwarm } from '../fixtures/swarm.js'
import { within } from '../fixtures/within.js'

/** A different address of this machine from the members', because libp2p limits connections per second for each. */
const ELSEWHERE = '127.0.0.2'

/** libp2p takes 256 connections a second from one address. */
const A_SECOND_MS = 1100

/** A connection that says nothing ends after 10 s: one that ends earlier was ended for another reason. */
const BEFORE_IT_ENDS_BY_ITSELF_MS = 9000

/** Of libp2p's negotiation, in some hundred KB. */
const QUESTIONS = 20_000

interface Flood {
  come(): Promise<void>
  end(): Promise<void>
}

/** Connects strangers to a coordinator before, while and after two members join, and lets the members gather. */
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
          const deadlineMs = performance.now() + BEFORE_IT_ENDS_BY_ITSELF_MS
          await sleep(A_SECOND_MS)
          const isBounded = () => sockets.filter(({ closed }) => !closed).length <= MAX_PENDING_CONNECTIONS
          await until(isBounded, deadlineMs)
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
})

describe('a stranger', () => {
  it('fault 32: who asks on and on before it is admitted loses its connection, and most of the answers', async () => {
    await TestSwarm.run(async (swarm) => {
      const { port } = portOf(await swarm.coordinator({ expectedPeers: 1 }))
      const socket = createConnection({ host: '127.0.0.1', port })
      let answered = 0
      socket
        .on('error', () => undefined)
        .on('data', (bytes: Buffer) => {
          answered += bytes.toString().split('/noise').length - 1
        })
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.write(Buffer.concat([lineOf('/multistream/1.0.0'), ...Array(QUESTIONS).fill(lineOf('ls'))]))
      await within(BEFORE_IT_ENDS_BY_ITSELF_MS, () => 'the end of the connection', closed)
      assert.ok(answered < QUESTIONS, `${answered} answers`)
    })
  })
})

describe('refusals', () => {
  it('fault 32: are told one by one as long as they are few', async () => {
    await TestSwarm.run(async (swarm) => {
      const { multiaddrs } = await swarm.coordinator({ expectedPeers: 1, allow: [] })
      const eve = await createHost({
        listen: [],
        announce: [],
        door: OPEN_DOOR,
        privateKey: await generateKeyPair('Ed25519')
      })
      await eve.start()
      const told = (kind: string): number =>
        swarm.coordinatorEvents.filter(({ event }) => event === kind).length
      try {
        const address = multiaddr(multiaddrs[0])
        for (let tries = 0; tries < 200 && told('warning') === 0; tries++) {
          const connection = await eve.dial(address)
          const signal = AbortSignal.timeout(10_000)
          const asked = askAdmission({ connection, secret: undefined, peerId: eve.peerId.toString(), signal })
          await assert.rejects(asked, /"allow" list/)
          await connection.close()
        }
      } finally {
        await eve.stop()
      }
      // Those of two minutes, should a busy machine need more than one.
      assert.ok(told('warning') === 1 && told('refused') >= 60 && told('refused') <= 120)
      const warning = swarm.coordinatorEvents.find((event) => event.event === 'warning')
      assert.match(warning?.event === 'warning' ? warning.message : '', /^60 connections were refused within/)
    })
  })
})

async function until(isSo: () => boolean, deadlineMs: number): Promise<void> {
  while (!isSo()) {
    assert.ok(performance.now() < deadlineMs, 'more are kept than there is room for')
    await sleep(10)
  }
}

function portOf(coordinator: Coordinator): { port: number } {
  const address = multiaddr(coordinator.multiaddrs[0])
  return { port: Number(address.getComponents().find(({ name }) => name === 'tcp')?.value) }
}

/** As libp2p negotiates: its length first, a line end last. */
function lineOf(text: string): Buffer {
  return Buffer.from(`${String.fromCharCode(text.length + 1)}${text}\n`)
}
