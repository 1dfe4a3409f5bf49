import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gatherWrites } from '#potluck/node/sockets/gather-writes.js'

/** A socket of which each call of the system is noted. */
class NotedSocket extends Socket {
  readonly calls: string[] = []

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.calls.push(Buffer.from(chunk).toString())
    done()
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: () => void): void {
    this.calls.push(chunks.map(({ chunk }) => Buffer.from(chunk).toString()).join(''))
    done()
  }
}

test('fault 57: what is written in one turn leaves by one call, in its order, also before the end', async () => {
  const socket = new NotedSocket()
  gatherWrites(socket)
  socket.write(Buffer.from('a'))
  socket.write(Buffer.from('b'))
  assert.deepEqual(socket.calls, [])
  await nextTurn()
  assert.deepEqual(socket.calls, ['ab'])
  socket.write(Buffer.from('c'))
  socket.write(Buffer.from('d'))
  socket.end()
  await nextTurn()
  assert.deepEqual(socket.calls, ['ab', 'cd'])
  socket.destroy()
})
