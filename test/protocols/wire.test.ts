/** Framing and back-pressure over a pair of streams in memory. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, Stream } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import { encode as encodeVarint } from 'uint8-varint'
import '#potluck/polyfill.js'
import { createHost } from '#potluck/node/host/host.js'
import { Have } from '#potluck/protocols/availability/pb/messages.js'
import {
  closeStream,
  frame,
  MAX_MESSAGE_BYTE_LENGTH,
  ProtocolViolation,
  readMessages,
  sendBytes,
  sendMessage
} from '#potluck/protocols/wire.js'
import { OPEN_DOOR } from '../fixtures/open-door.js'

const message = (index: number): { root: Uint8Array<ArrayBuffer>; chunkIndices: number[] } => ({
  root: new Uint8Array(32).fill(index),
  chunkIndices: [index, index + 1]
})

/** Two started nodes with our own window and limits. */
async function hosts(): Promise<[Libp2p, Libp2p]> {
  const start = async (): Promise<Libp2p> => {
    const privateKey = await generateKeyPair('Ed25519')
    const host = await createHost({
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      door: OPEN_DOOR,
      privateKey
    })
    await host.start()
    return host
  }
  return [await start(), await start()]
}

describe('wire', () => {
  it('carries messages in order until the sender closes', async () => {
    const [out, into] = await streamPair()
    const received: number[] = []
    const reading = (async () => {
      for await (const { chunkIndices } of readMessages(into, Have)) {
        received.push(chunkIndices[0] ?? -1)
      }
    })()
    for (let index = 0; index < 500; index++) {
      await sendMessage(out, Have, message(index))
    }
    await closeStream(out)
    await reading
    assert.deepEqual(
      received,
      Array.from({ length: 500 }, (_, index) => index)
    )
  })

  it('joins messages that arrive byte by byte', async () => {
    const [out, into] = await streamPair()
    const bytes = frame(Have, message(7)).subarray()
    for (const byte of bytes) {
      await sendBytes(out, Uint8Array.of(byte))
    }
    const { value } = await readMessages(into, Have).next()
    assert.deepEqual(value, message(7))
    out.abort(new Error('done'))
  })

  it('pauses the stream while a message is worked on', async () => {
    const [out, into] = await streamPair()
    const messages = readMessages(into, Have)
    await sendMessage(out, Have, message(1))
    await messages.next()
    await sendMessage(out, Have, message(2))
    await sleep(20)
    assert.equal(into.readStatus, 'paused')
    assert.deepEqual((await messages.next()).value, message(2))
    out.abort(new Error('done'))
  })

  it('fault 22: lets a fast sender wait for a slow reader, whatever there is to send', async () => {
    const [dialer, listener] = await hosts()
    try {
      const total = 80
      const received: number[] = []
      const done = new Promise<void>((resolve, reject) => {
        const read = async (stream: Stream): Promise<void> => {
          for await (const { chunkIndices } of readMessages(stream, Have)) {
            received.push(chunkIndices[0] ?? -1)
            await sleep(5)
          }
          resolve()
        }
        listener.handle('/test', (stream) => read(stream).catch(reject)).catch(reject)
      })
      const stream = await dialer.dialProtocol(listener.getMultiaddrs(), '/test')
      for (let index = 0; index < total; index++) {
        const chunkIndices = Array.from({ length: 50_000 }, (_, at) => (at === 0 ? index : 70_000 + at))
        await sendMessage(stream, Have, { root: new Uint8Array(32), chunkIndices })
      }
      await stream.close()
      await done
      assert.deepEqual(
        received,
        Array.from({ length: total }, (_, index) => index)
      )
    } finally {
      await Promise.all([dialer.stop(), listener.stop()])
    }
  })

  for (const [what, bytes] of [
    ['a message longer than any may be', encodeVarint(MAX_MESSAGE_BYTE_LENGTH + 1)],
    ['a message that declares 4 GiB', encodeVarint(2 ** 32)],
    ['a length without end', new Uint8Array(20).fill(0xff)],
    ['bytes that are no message', Uint8Array.of(5, 0xff, 0xff, 0xff, 0xff, 0xff)]
  ] as const) {
    it(`fault 31, fault 33: resets the stream at ${what}`, async () => {
      const [out, into] = await streamPair()
      await sendBytes(out, bytes)
      await assert.rejects(readMessages(into, Have).next(), ProtocolViolation)
      assert.notEqual(into.status, 'open')
    })
  }

  it('throws where the stream breaks', async () => {
    const [out, into] = await streamPair()
    const next = readMessages(into, Have).next()
    out.abort(new Error('gone'))
    await assert.rejects(next)
  })

  it('waits with sending until the stream takes more, or the signal aborts', async () => {
    const [out, into] = await streamPair({ capacity: 1, delay: 50 })
    into.pause()
    const abort = new AbortController()
    let sent = 0
    const sending = (async () => {
      while (sent < 1000) {
        await sendBytes(out, new Uint8Array(65536), abort.signal)
        sent++
      }
    })()
    await sleep(20)
    const waiting = sent
    abort.abort(new Error('enough'))
    await assert.rejects(sending, /enough/)
    assert.ok(waiting < 1000, 'sending did not run ahead of the stream')
    out.abort(new Error('done'))
  })
})
