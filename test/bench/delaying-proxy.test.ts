/** The proxy that makes a path long, as a process between a server and a client of this one. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { freePort } from '../../bench/machine/ports.js'

const PROXY = resolve('build/bench/path/delaying-proxy.js')
const ADDRESS = '127.0.0.1'

const ONE_WAY_MS = 60

/** More than the system's buffers take, so that the proxy has to wait for room. */
const UNREAD_BYTE_LENGTH = 24 * 1024 * 1024

/** A timer may run a millisecond early. */
const EARLY_MS = 5

describe('the proxy of a long path', () => {
  let proxy: ChildProcess
  let server: Server
  let port: number

  before(async () => {
    // It sends back what it receives, and ends when its client does.
    server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
    const serverPort = await freePort()
    server.listen(serverPort, ADDRESS)
    port = await freePort()
    const argv = [PROXY, ADDRESS, String(port), ADDRESS, String(serverPort), String(ONE_WAY_MS)]
    proxy = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    assert.ok(proxy.stdout !== null)
    await once(proxy.stdout, 'data')
  })

  after(async () => {
    // It ends by itself when nobody is left who started it.
    proxy.disconnect()
    await once(proxy, 'exit')
    server.close()
  })

  async function open(): Promise<Socket> {
    const socket = connect({ port, host: ADDRESS, allowHalfOpen: true })
    await once(socket, 'connect')
    return socket
  }

  it('holds what goes both ways for a round trip', async () => {
    const socket = await open()
    const sentAtMs = performance.now()
    socket.write('ping')
    const [reply] = await once(socket, 'data')
    assert.equal(String(reply), 'ping')
    assert.ok(performance.now() - sentAtMs >= 2 * ONE_WAY_MS - EARLY_MS)
    socket.end()
    socket.resume()
    await once(socket, 'close')
  })

  it('passes on all bytes in order, and the end behind them', async () => {
    const socket = await open()
    const sent = randomBytes(8 * 1024 * 1024)
    socket.end(sent)
    const received: Buffer[] = []
    for await (const bytes of socket) {
      received.push(bytes)
    }
    assert.ok(Buffer.concat(received).equals(sent))
  })

  it('keeps the bytes of a receiver that does not read', async () => {
    const socket = await open()
    const sent = randomBytes(UNREAD_BYTE_LENGTH)
    socket.pause()
    socket.end(sent)
    await new Promise((next) => setTimeout(next, 4 * ONE_WAY_MS))
    const received: Buffer[] = []
    for await (const bytes of socket) {
      received.push(bytes)
    }
    assert.ok(Buffer.concat(received).equals(sent))
  })
})
