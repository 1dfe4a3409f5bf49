/** The relay's own end of the protocol, with plain hosts in place of a swarm. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Connection, Stream } from '@libp2p/interface'
import '#potluck/polyfill.js'
import { createHost, type Host } from '#potluck/node/host/host.js'
import { HOP_PROTOCOL, RelayService, STOP_PROTOCOL } from '#potluck/protocols/relay/index.js'
import { HopMessage, Status, StopMessage } from '#potluck/protocols/relay/pb/messages.js'
import { readMessage, sendBytes, sendMessage } from '#potluck/protocols/wire.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'

const MIB = 1024 * 1024

interface Scene {
  relay: RelayService
  /** Connections with the relay's host, of two members and of somebody else. */
  ann: Guest
  ben: Guest
  eve: Guest
}

interface Guest {
  host: Host
  connection: Connection
}

async function withRelay(use: (scene: Scene) => Promise<void>): Promise<void> {
  const hosts: Host[] = []
  const start = async (listen: string[]): Promise<Host> => {
    const host = await createHost({
      listen,
      announce: [],
      door: OPEN_DOOR,
      privateKey: await generateKeyPair('Ed25519')
    })
    hosts.push(host)
    await host.start()
    return host
  }
  try {
    const middle = await start(['/ip4/127.0.0.1/tcp/0'])
    const guest = async (): Promise<Guest> => {
      const host = await start([])
      return { host, connection: await host.dial(middle.getMultiaddrs()) }
    }
    const [ann, ben, eve] = [await guest(), await guest(), await guest()]
    const relay = new RelayService({
      host: middle,
      isMember: (peerId) => peerId !== eve.host.peerId.toString(),
      unixSeconds: () => 1_000_000
    })
    await relay.start()
    await use({ relay, ann, ben, eve })
    await relay.stop()
  } finally {
    await Promise.all(hosts.map((host) => host.stop()))
  }
}

async function ask(
  from: Guest,
  request: Partial<HopMessage>
): Promise<{ stream: Stream; reply: HopMessage }> {
  const stream = await from.connection.newStream(HOP_PROTOCOL)
  await sendMessage(stream, HopMessage, request)
  return { stream, reply: await readMessage(stream, HopMessage) }
}

function connectTo({ host }: Guest): Partial<HopMessage> {
  return { type: HopMessage.Type.CONNECT, peer: { id: host.peerId.toMultihash().bytes } }
}

describe('the relay', () => {
  it('fault 28: takes members only, to members only', async () => {
    await withRelay(async ({ ann, ben, eve }) => {
      const reserve = { type: HopMessage.Type.RESERVE }
      assert.equal((await ask(eve, reserve)).reply.status, Status.PERMISSION_DENIED)
      assert.equal((await ask(eve, connectTo(ben))).reply.status, Status.PERMISSION_DENIED)
      assert.equal((await ask(ann, connectTo(eve))).reply.status, Status.NO_RESERVATION)
      const { status, reservation } = (await ask(ann, reserve)).reply
      assert.equal(status, Status.OK)
      assert.equal(reservation?.expire, 1_086_400)
    })
  })

  it('says so when the other peer does not take the connection', async () => {
    await withRelay(async ({ ann, ben }) => {
      // Its door is shut, as long as nobody told it of a relay.
      assert.equal((await ask(ann, connectTo(ben))).reply.status, Status.CONNECTION_FAILED)
    })
  })

  it('lets the sender wait for a receiver that does not read, and loses nothing', async () => {
    await withRelay(async ({ relay, ann, ben }) => {
      const taken = Promise.withResolvers<Stream>()
      await ben.host.unhandle(STOP_PROTOCOL)
      await ben.host.handle(STOP_PROTOCOL, async (stream) => {
        const request = await readMessage(stream, StopMessage)
        assert.ok(
          Buffer.from(ann.host.peerId.toMultihash().bytes).equals(request.peer?.id ?? Buffer.alloc(0))
        )
        stream.pause()
        await sendMessage(stream, StopMessage, { type: StopMessage.Type.STATUS, status: Status.OK })
        taken.resolve(stream)
      })
      const { stream, reply } = await ask(ann, connectTo(ben))
      assert.equal(reply.status, Status.OK)
      const receiver = await taken.promise
      assert.equal(relay.connections, 1)

      let sentBytes = 0
      const sending = (async () => {
        for (; sentBytes < 64 * MIB; sentBytes += MIB / 4) {
          await sendBytes(stream, new Uint8Array(MIB / 4))
        }
      })()
      for (let before = -1; before < sentBytes; ) {
        before = sentBytes
        await sleep(500)
      }
      assert.ok(sentBytes < 16 * MIB, `${sentBytes} bytes taken in for a peer that reads none`)

      let receivedBytes = 0
      receiver.addEventListener('message', ({ data }) => {
        receivedBytes += data.byteLength
      })
      receiver.resume()
      await sending
      while (receivedBytes < 64 * MIB) {
        await sleep(20)
      }
      assert.equal(receivedBytes, 64 * MIB)
      assert.equal(relay.relayedBytes, 64 * MIB)
      stream.abort(new Error('done'))
      while (relay.connections > 0) {
        await sleep(20)
      }
    })
  })
})
