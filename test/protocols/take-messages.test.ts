/** Messages taken as they come, over streams in memory, which cannot lend, and over those of two hosts, which do. */
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, Stream } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import { encode as encodeVarint } from 'uint8-varint'
import '#potluck/polyfill.js'
import { createHost } from '#potluck/node/host/host.js'
import { Have } from '#potluck/protocols/availability/pb/messages.js'
import { takeMessages } from '#potluck/protocols/take-messages.js'
import {
  closeStream,
  frame,
  MAX_MESSAGE_BYTE_LENGTH,
  MessageDecoder,
  ProtocolViolation,
  sendBytes,
  sendMessage
} from '#potluck/protocols/wire.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'

const message = (index: number): { root: Uint8Array<ArrayBuffer>; chunkIndices: number[] } => ({
  root: new Uint8Array(32).fill(index),
  chunkIndices: [index, index + 1]
})

const range = (length: number): number[] => Array.from({ length }, (_, index) => index)

const running: Libp2p[] = []

async function startHost(): Promise<Libp2p> {
  const privateKey = await generateKeyPair('Ed25519')
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const host = await createHost({ listen, announce: [], door: OPEN_DOOR, privateKey })
  await host.start()
  running.push(host)
  return host
}

async function streamOfHosts(): Promise<[Stream, Stream]> {
  const [dialer, listener] = [await startHost(), await startHost()]
  const { promise: opened, resolve } = Promise.withResolvers<Stream>()
  await listener.handle('/test', resolve)
  const out = await dialer.dialProtocol(listener.getMultiaddrs(), '/test')
  return [out, await opened]
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((host) => host.stop()))
})

for (const [where, open] of [
  ['in memory', streamPair],
  ['of hosts', streamOfHosts]
] as const) {
  describe(`messages of a stream ${where}`, () => {
    it('are taken in order until the sender closes, in memory of their own', async () => {
      const [out, into] = await open()
      const received: unknown[] = []
      const taking = takeMessages(into, Have, (have) => {
        received.push(have)
        return undefined
      })
      for (let index = 0; index < 500; index++) {
        await sendMessage(out, Have, message(index))
      }
      await closeStream(out)
      await taking
      assert.deepEqual(received, range(500).map(message))
    })

    it('may have come before anyone takes them', async () => {
      const [out, into] = await open()
      await sendMessage(out, Have, message(1))
      await closeStream(out)
      await sleep(20)
      const received: unknown[] = []
      await takeMessages(into, Have, (have) => {
        received.push(have)
        return undefined
      })
      assert.deepEqual(received, [message(1)])
    })

    it('are joined where they come byte by byte', async () => {
      const [out, into] = await open()
      const received: unknown[] = []
      const taking = takeMessages(into, Have, (have) => {
        received.push(have)
        return undefined
      })
      for (const byte of [...frame(Have, message(7)), ...frame(Have, message(8))]) {
        await sendBytes(out, Uint8Array.of(byte))
        await new Promise((resolve) => setImmediate(resolve))
      }
      await closeStream(out)
      await taking
      assert.deepEqual(received, [message(7), message(8)])
    })

    it('wait, with the stream paused, for a promise that the one before returned', async () => {
      const [out, into] = await open()
      const received: unknown[] = []
      const turn = Promise.withResolvers<void>()
      const taking = takeMessages(into, Have, (have) => {
        received.push(have)
        return received.length === 1 ? turn.promise : undefined
      })
      // All in one frame, then more: what was lent with the first is another's memory by the time of the second.
      await sendBytes(out, Buffer.concat(range(3).map((index) => frame(Have, message(index)))))
      await sleep(20)
      for (let index = 3; index < 100; index++) {
        await sendMessage(out, Have, message(index))
      }
      await sleep(20)
      assert.equal(into.readStatus, 'paused')
      assert.deepEqual(received, [message(0)])
      turn.resolve()
      await closeStream(out)
      await taking
      assert.deepEqual(received, range(100).map(message))
    })

    for (const [what, bytes] of [
      ['a message longer than any may be', encodeVarint(MAX_MESSAGE_BYTE_LENGTH + 1)],
      ['a length without end', new Uint8Array(3).fill(0xff)],
      ['bytes that are no message', Uint8Array.of(5, 0xff, 0xff, 0xff, 0xff, 0xff)]
    ] as const) {
      it(`fault 31: end with ${what}, which resets the stream`, async () => {
        const [out, into] = await open()
        const received: unknown[] = []
        const taking = takeMessages(into, Have, (have) => {
          received.push(have)
          return undefined
        })
        await sendBytes(out, Buffer.concat([frame(Have, message(1)), bytes]))
        await assert.rejects(taking, ProtocolViolation)
        assert.deepEqual(received, [message(1)])
        assert.equal(into.status, 'aborted')
      })
    }

    for (const [how, throws] of [
      ['at once', () => assert.fail('enough')],
      ['later', () => sleep(1).then(() => assert.fail('enough'))]
    ] as const) {
      it(`are not taken any more once one was refused ${how}`, async () => {
        const [out, into] = await open()
        let taken = 0
        const taking = takeMessages(into, Have, () => {
          taken++
          return throws()
        })
        await sendBytes(out, Buffer.concat([frame(Have, message(1)), frame(Have, message(2))]))
        await assert.rejects(taking, /enough/)
        assert.equal(into.status, 'aborted')
        assert.equal(taken, 1)
      })
    }

    it('end with an error where the stream breaks', async () => {
      const [out, into] = await open()
      const taking = takeMessages(into, Have, () => undefined)
      await sendMessage(out, Have, message(1))
      out.abort(new Error('gone'))
      await assert.rejects(taking)
    })
  })
}

describe('messages that each have to be waited for', () => {
  it('hold a fast sender back where each has to be waited for', async () => {
    const [out, into] = await streamOfHosts()
    const received: (number | undefined)[] = []
    const taking = takeMessages(into, Have, async ({ chunkIndices }) => {
      received.push(chunkIndices[0])
      await sleep(1)
    })
    // Eleven windows of a stream.
    const rest = range(50_000).map((at) => 70_000 + at)
    for (let index = 0; index < 80; index++) {
      await sendMessage(out, Have, { root: new Uint8Array(32), chunkIndices: [index, ...rest] })
    }
    await closeStream(out)
    await taking
    assert.deepEqual(received, range(80))
  })
})

describe('MessageDecoder', () => {
  it('finds the same messages however the bytes are cut', () => {
    const large = { root: new Uint8Array(32), chunkIndices: range(300) }
    const bytes = Buffer.concat([message(1), large, message(2)].map((have) => frame(Have, have)))
    for (let cut = 1; cut < bytes.byteLength; cut++) {
      const decoder = new MessageDecoder(Have, 'test')
      const found: unknown[] = []
      for (let at = 0; at < bytes.byteLength; at += cut) {
        const lent = new Uint8Array(bytes.subarray(at, at + cut))
        decoder.push(lent, true)
        for (let have = decoder.next(); have !== undefined; have = decoder.next()) {
          found.push(have)
        }
        lent.fill(0xee)
      }
      assert.deepEqual(found, [message(1), large, message(2)])
    }
  })
})
