/** The system's figures of a TCP connection, compared with the bytes that it carried. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadSocketCalls } from '#potluck/node/sockets/socket-calls.js'
import { descriptorOf } from '../../fixtures/sockets.js'

const BYTES = 300_000

const calls = await loadSocketCalls()

const skip =
  process.platform !== 'linux' ? 'only Linux tells' : calls === undefined && 'koffi is not installed'

/** A socket whose other end reads, or does not. */
async function withConnection(reads: boolean, use: (socket: Socket) => Promise<void>): Promise<void> {
  const ends: Socket[] = []
  const server = createServer((end) => {
    ends.push(end)
    if (reads) {
      end.resume()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const socket = connect(address.port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    await use(socket)
  } finally {
    socket.destroy()
    for (const end of ends) {
      end.destroy()
    }
    server.close()
  }
}

describe('the progress of a connection', { skip }, () => {
  const progressOf = (socket: Socket): ReturnType<NonNullable<typeof calls>['progressOf']> =>
    calls?.progressOf(Number(descriptorOf(socket)))

  it('is what the other side has acknowledged, and how long that took', async () => {
    await withConnection(true, async (socket) => {
      const before = progressOf(socket)
      socket.write(new Uint8Array(BYTES))
      const signal = AbortSignal.timeout(10_000)
      let now = progressOf(socket)
      while (
        now !== undefined &&
        before !== undefined &&
        now.ackedByteLength < before.ackedByteLength + BYTES
      ) {
        await sleep(5, undefined, { signal })
        now = progressOf(socket)
      }
      assert.equal((now?.ackedByteLength ?? 0) - (before?.ackedByteLength ?? 0), BYTES)
      assert.equal(now?.unsentByteLength, 0)
      assert.ok(now.roundTripMs > 0 && now.roundTripMs < 1000)
    })
  })

  it('tells what waits unsent', async () => {
    await withConnection(false, async (socket) => {
      const signal = AbortSignal.timeout(10_000)
      while ((progressOf(socket)?.unsentByteLength ?? 0) === 0) {
        socket.write(new Uint8Array(BYTES))
        await sleep(5, undefined, { signal })
      }
    })
  })

  it('is not told of what is no TCP connection', async () => {
    const file = await open(import.meta.filename)
    try {
      assert.equal(calls?.progressOf(file.fd), undefined)
    } finally {
      await file.close()
    }
  })
})
