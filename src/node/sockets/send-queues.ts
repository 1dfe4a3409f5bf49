/**
 * Keeps short what waits to be sent by the TCP connections of one host, so that asks and haves do not wait behind it:
 * unsent in the kernel, for each of them, and in front of the uplink, for all together. By itself Linux takes in up to
 * 1 MB a connection, 0.4 s of a 20 Mbit/s line, and the swarm with it idles while it waits to be asked. Whatever the
 * system, no more leaves than people have said.
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
  /** Undefined where there are none; then nothing is watched. */
  calls: SocketCalls | undefined
  /** Whether what goes out at the socket goes over this machine's uplink. */
  hasUplink: (socket: Socket) => boolean
  /** In milliseconds. */
  now: () => number
}

/**
 * A service of the host. @libp2p/tcp 11 hands its sockets to nobody: its options are those of connect and listen, and
 * the connections that it makes hide what they are made of. Node's diagnostics channels tell of every socket of the
 * process, and which of them are the host's shows at its transport: it makes a socket before `dial` returns for the
 * first time, and takes sockets in at the ports that it listens on. So several hosts do not meet, and the sockets of a
 * program that Potluck is a part of are left alone.
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

  /** Whether people have said how much may leave. */
  get isLimited(): boolean {
    return Number.isFinite(this.#limit.bytesPerSecond)
  }

  /** So many bytes per second may leave at the most from now on; undefined: as many as the uplink carries. */
  setLimit(bytesPerSecond: number | undefined): void {
    this.#limit.set(bytesPerSecond, this.#now())
    this.#turns.onPaceChanged()
  }

  get seenBytesPerSecond(): number {
    return this.#pace.seenBytesPerSecond
  }

  /** Whether there are connections over the uplink, and it is not known yet what it carries. */
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

  /** What refuses, such as a socket that is not TCP's, is not asked again. */
  #apply({ byteLength }: UnsentLimit, socket: Socket): void {
    const descriptor = descriptorOf(socket)
    if (descriptor === undefined || this.#calls?.setUnsentLimit(descriptor, byteLength) !== true) {
      this.#limits.delete(socket)
    }
  }
}

/** A piece leaves when both let it. */
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
  // Node counts what waits on its own side as written.
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
