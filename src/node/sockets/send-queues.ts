/**
 * Keeps the send queues of one host's TCP connections short, so that asks and haves do not wait behind them: unsent
 * bytes in the kernel, for each connection, and the queue in front of the uplink, for all together. By itself Linux
 * accepts up to 1 MB per connection, 0.4 s of a 20 Mbit/s link, and the swarm would be idle while its asks wait. On
 * every system, no more leaves than the configured limit.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Socket } from 'node:net'
import type { Listener, Transport } from '@libp2p/interface'
import type { Pace } from '../../protocols/chunk/index.ts'
import { gatherWrites } from './gather-writes.ts'
import { RateLimit } from './rate-limit.ts'
import type { SocketCalls } from './socket-calls.ts'
import { type PieceTimes, Turns } from './turns.ts'
import { PERIOD_MS, type SocketState, UnsentLimit } from './unsent-limit.ts'
import { LOOK_MS, type SocketProgress, UplinkPace } from './uplink-pace.ts'

export interface SendQueuesInit {
  /** Undefined when there are none; then nothing is watched. */
  calls: SocketCalls | undefined
  /** Whether the socket's data leaves over this machine's uplink. */
  hasUplink: (socket: Socket) => boolean
  /** In milliseconds. */
  now: () => number
}

/**
 * A service of the host. @libp2p/tcp 11 does not expose its sockets: its options are those of connect and listen, and
 * its connections hide what they are made of. Node's diagnostics channels report every socket of the process. The
 * transport shows which of them are the host's: it makes a socket before `dial` returns for the first time, and accepts
 * sockets at its listening ports. So several hosts do not interfere, and other sockets of a program that uses Potluck
 * are left alone.
 */
export class SendQueues implements Pace {
  readonly #pace = new UplinkPace()
  readonly #limit = new RateLimit()
  readonly #turns: Turns
  readonly #calls: SocketCalls | undefined
  readonly #hasUplink: (socket: Socket) => boolean
  readonly #now: () => number
  readonly #limits = new Map<Socket, UnsentLimit>()
  readonly #ports = new Set<number>()
  #isDialling = false
  #timer: NodeJS.Timeout | undefined
  #lookTimer: NodeJS.Timeout | undefined

  constructor({ calls, hasUplink, now }: SendQueuesInit) {
    this.#calls = calls
    this.#hasUplink = hasUplink
    this.#now = now
    this.#turns = new Turns(slowerOf(this.#pace, this.#limit), now)
  }

  get pieceByteLength(): number {
    return Math.min(this.#pace.pieceByteLength, this.#limit.pieceByteLength)
  }

  /** Whether people have set a limit of what may leave. */
  get isLimited(): boolean {
    return Number.isFinite(this.#limit.bytesPerSecond)
  }

  /** The most bytes per second that may leave from now on; undefined: as many as the uplink carries. */
  setLimit(bytesPerSecond: number | undefined): void {
    this.#limit.set(bytesPerSecond, this.#now())
    this.#turns.onPaceChanged()
  }

  get seenBytesPerSecond(): number {
    return this.#pace.seenBytesPerSecond
  }

  /** Whether there are connections over the uplink whose capacity is not known yet. */
  get isSeeking(): boolean {
    return this.#pace.isSeeking && this.#calls !== undefined && [...this.#limits.keys()].some(this.#hasUplink)
  }

  begin(): number {
    return this.#turns.begin()
  }

  turn(byteLength: number, reply: number): Promise<void> | undefined {
    return this.#turns.take(byteLength, reply)
  }

  /** The same transport; its sockets are watched from now on while the host runs. */
  watch(transport: Transport): Transport {
    const dial = transport.dial.bind(transport)
    const createListener = transport.createListener.bind(transport)
    transport.dial = (address, options) => {
      this.#isDialling = true
      try {
        return dial(address, options)
      } finally {
        this.#isDialling = false
      }
    }
    transport.createListener = (options) => {
      const listener = createListener(options)
      listener.addEventListener('listening', () => this.#addPorts(listener))
      return listener
    }
    return transport
  }

  /** Called by libp2p, which listens only when all services have started. */
  start(): void {
    if (this.#calls !== undefined && this.#timer === undefined) {
      subscribe('net.client.socket', this.#onClientSocket)
      subscribe('net.server.socket', this.#onServerSocket)
      this.#timer = setInterval(() => this.#updateAll(), PERIOD_MS).unref()
      this.#lookTimer = setInterval(() => this.#look(), LOOK_MS).unref()
    }
  }

  stop(): void {
    unsubscribe('net.client.socket', this.#onClientSocket)
    unsubscribe('net.server.socket', this.#onServerSocket)
    clearInterval(this.#timer)
    clearInterval(this.#lookTimer)
    this.#turns.stop()
    this.#timer = undefined
    this.#limits.clear()
    this.#ports.clear()
  }

  #addPorts(listener: Listener): void {
    for (const address of listener.getAddrs()) {
      for (const { name, value } of address.getComponents()) {
        if (name === 'tcp') {
          this.#ports.add(Number(value))
        }
      }
    }
  }

  readonly #onClientSocket = (message: unknown): void => {
    const socket = socketIn(message)
    if (this.#isDialling && socket !== undefined) {
      socket.once('connect', () => this.#add(socket))
    }
  }

  readonly #onServerSocket = (message: unknown): void => {
    const socket = socketIn(message)
    if (socket?.localPort !== undefined && this.#ports.has(socket.localPort)) {
      this.#add(socket)
    }
  }

  #add(socket: Socket): void {
    if (this.#timer !== undefined) {
      gatherWrites(socket)
      const limit = new UnsentLimit(stateOf(socket), this.#now())
      this.#limits.set(socket, limit)
      this.#apply(limit, socket)
    }
  }

  #updateAll(): void {
    const nowMs = this.#now()
    for (const [socket, limit] of this.#limits) {
      if (socket.destroyed) {
        this.#limits.delete(socket)
      } else if (limit.update(stateOf(socket), nowMs)) {
        this.#apply(limit, socket)
      }
    }
  }

  #look(): void {
    const sockets = new Map<Socket, SocketProgress>()
    for (const socket of this.#limits.keys()) {
      const descriptor = this.#hasUplink(socket) ? descriptorOf(socket) : undefined
      const progress = descriptor === undefined ? undefined : this.#calls?.progressOf(descriptor)
      if (progress !== undefined) {
        sockets.set(socket, progress)
      }
    }
    this.#pace.look(sockets, this.#now())
  }

  /** A socket that refuses, such as one that is not TCP's, is not asked again. */
  #apply({ byteLength }: UnsentLimit, socket: Socket): void {
    const descriptor = descriptorOf(socket)
    if (descriptor === undefined || this.#calls?.setUnsentLimit(descriptor, byteLength) !== true) {
      this.#limits.delete(socket)
    }
  }
}

/** A piece leaves when both allow it. */
function slowerOf(pace: PieceTimes, limit: PieceTimes): PieceTimes {
  return {
    get freeAtMs() {
      return Math.max(pace.freeAtMs, limit.freeAtMs)
    },
    reserve: (byteLength, nowMs) => {
      pace.reserve(byteLength, nowMs)
      limit.reserve(byteLength, nowMs)
    }
  }
}

function socketIn(message: unknown): Socket | undefined {
  return typeof message === 'object' &&
    message !== null &&
    'socket' in message &&
    message.socket instanceof Socket
    ? message.socket
    : undefined
}

function stateOf(socket: Socket): SocketState {
  // Node counts bytes that wait on its own side as written.
  return {
    takenByteLength: socket.bytesWritten - socket.writableLength,
    isHeldUp: socket.writableLength > 0
  }
}

/**
 * To be used at once: the system gives the number of a closed socket to the next one. A socket that is not destroyed
 * has not closed its own. Undefined on Windows, where a handle has none.
 */
function descriptorOf(socket: Socket): number | undefined {
  if (socket.destroyed || !('_handle' in socket)) {
    return undefined
  }
  const handle = socket._handle
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) {
    return undefined
  }
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined
}
