/** Where the messages of a secure channel leave: to the socket itself where there is one, else to the connection below. */
import { Socket } from 'node:net'
import type { MessageStream } from '@libp2p/interface'
import { BufferPool } from './buffer-pool.ts'

/** Asks and news fit; of Node's own pool. */
const SMALL_BYTE_LENGTH = 4096

/** As many messages as a chunk of 256 KiB and its headers take, with their lengths. */
export const MAX_WRITE_BYTE_LENGTH = 5 * 65_537

/** Free ones. More are made while as many sockets take nothing. */
const MAX_FREE_BUFFERS = 16

/** What a socket may hold before whoever sends has to wait: as much as a Node.js 20 stream takes before it says so. */
const MAX_HELD_BYTE_LENGTH = 16 * 1024

/** Takes what is encrypted. */
export interface Outlet {
  /** A buffer to encrypt so many bytes to, nobody else's until it was sent. */
  take(byteLength: number): Uint8Array
  /** Sends the first bytes of a buffer that was taken. @returns whether there may be more at once */
  send(buffer: Uint8Array, byteLength: number): boolean
}

const pool = new BufferPool(MAX_WRITE_BYTE_LENGTH, MAX_FREE_BUFFERS)

/** Gives each buffer to the socket in one write, and uses it again once the system has its bytes. */
export class SocketOutlet implements Outlet {
  readonly #socket: Socket
  readonly #onDrain: () => void
  /** In the order in which they were written; undefined for one that the system has taken already. */
  readonly #written: (Uint8Array | undefined)[] = []
  #isHeldUp = false

  /** @param onDrain there may be more, after `send` said no */
  constructor(socket: Socket, onDrain: () => void) {
    this.#socket = socket
    this.#onDrain = onDrain
  }

  take(byteLength: number): Uint8Array {
    return byteLength <= SMALL_BYTE_LENGTH ? Buffer.allocUnsafe(byteLength) : Buffer.from(pool.take())
  }

  send(buffer: Uint8Array, byteLength: number): boolean {
    const socket = this.#socket
    const index = this.#written.push(buffer) - 1
    // Not the socket's own `write`, which gathers those of a turn: these are gathered already, and whether the system
    // has taken the bytes should show at once.
    Reflect.apply(Socket.prototype.write, socket, [buffer.subarray(0, byteLength), this.#onWritten])
    if (socket.writableLength === 0) {
      // All of it was taken within the call. The next write uses this buffer again, while it is in the cache.
      this.#written[index] = undefined
      giveBack(buffer)
    }
    // Whoever was told to wait is told when to go on: only that ends it, not that there is room by now.
    this.#isHeldUp ||= socket.writableLength > MAX_HELD_BYTE_LENGTH
    return !this.#isHeldUp
  }

  readonly #onWritten = (error?: Error | null): void => {
    const socket = this.#socket
    if (error != null || socket.destroyed) {
      // What was not written yet fails before what is being written, so nobody knows which buffer is free: none is.
      this.#written.length = 0
      return
    }
    giveBack(this.#written.shift())
    if (this.#isHeldUp && socket.writableLength <= MAX_HELD_BYTE_LENGTH) {
      this.#isHeldUp = false
      this.#onDrain()
    }
  }
}

/** Others than the pool's it does not take. */
function giveBack(buffer: Uint8Array | undefined): void {
  if (buffer?.buffer instanceof ArrayBuffer) {
    pool.give(buffer.buffer)
  }
}

/** Sends over the connection below, which may keep what it is given: each message has memory of its own. */
export class ConnectionOutlet implements Outlet {
  readonly #connection: MessageStream

  constructor(connection: MessageStream) {
    this.#connection = connection
  }

  take(byteLength: number): Uint8Array {
    return Buffer.allocUnsafe(byteLength)
  }

  send(buffer: Uint8Array, byteLength: number): boolean {
    return this.#connection.send(buffer.subarray(0, byteLength))
  }
}
