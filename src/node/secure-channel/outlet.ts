/**
 * Where the messages of a secure channel leave: directly to the socket if there is one, otherwise to the underlying
 * connection.
 */
import { Socket } from 'node:net'
import type { MessageStream } from '@libp2p/interface'
import { BufferPool } from './buffer-pool.ts'

/** Asks and news fit; from Node's own pool. */
const SMALL_BYTE_LENGTH = 4096

/** As many messages as a chunk of 256 KiB and its headers take, with their lengths. */
export const MAX_WRITE_BYTE_LENGTH = 5 * 65_537

/** Free ones. More are made while as many sockets accept nothing. */
const MAX_FREE_BUFFERS = 16

/** What a socket may hold before the sender has to wait: as much as a Node.js 20 stream accepts before it says so. */
const MAX_HELD_BYTE_LENGTH = 16 * 1024

/** Takes the encrypted bytes. */
export interface Outlet {
  /** A buffer to encrypt this many bytes into, used for nothing else until it was sent. */
  take(byteLength: number): Uint8Array
  /** Sends the first bytes of a buffer that was taken. @returns whether more may follow at once */
  send(buffer: Uint8Array, byteLength: number): boolean
}

const pool = new BufferPool(MAX_WRITE_BYTE_LENGTH, MAX_FREE_BUFFERS)

/** Passes each buffer to the socket in one write, and reuses it once the system has its bytes. */
export class SocketOutlet implements Outlet {
  readonly #socket: Socket
  readonly #onDrain: () => void
  /** In the order in which they were written; undefined for one whose bytes the system has taken already. */
  readonly #written: (Uint8Array | undefined)[] = []
  #isHeldUp = false

  /** @param onDrain more may be sent, after `send` returned false */
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
    // Not the socket's own `write`, which gathers those of a turn: these are gathered already, and it should show at
    // once whether the system has taken the bytes.
    Reflect.apply(Socket.prototype.write, socket, [buffer.subarray(0, byteLength), this.#onWritten])
    if (socket.writableLength === 0) {
      // The call took all of it. The next write uses this buffer again, while it is in the cache.
      this.#written[index] = undefined
      giveBack(buffer)
    }
    // A sender that was told to wait is told when to go on: only that ends the wait, not the fact that there is room by
    // now.
    this.#isHeldUp ||= socket.writableLength > MAX_HELD_BYTE_LENGTH
    return !this.#isHeldUp
  }

  readonly #onWritten = (error?: Error | null): void => {
    const socket = this.#socket
    if (error != null || socket.destroyed) {
      // Data that was not written yet fails before data that is being written, so it is unclear which buffer is free:
      // none is.
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

/** The pool accepts only its own. */
function giveBack(buffer: Uint8Array | undefined): void {
  if (buffer?.buffer instanceof ArrayBuffer) {
    pool.give(buffer.buffer)
  }
}

/** Sends over the underlying connection, which may keep what it is given: each message has memory of its own. */
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
