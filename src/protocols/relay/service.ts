/** The relay's end: answers requests for a connection, and forwards data over the connections that it made. */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { equals } from 'uint8arrays/equals'
import { errorOf } from '../../core/errors.ts'
import { InboundStreams } from '../inbound.ts'
import { closeStream, inTime, passOn, readMessage, sendMessage } from '../wire.ts'
import {
  HANDSHAKE_TIMEOUT_MS,
  HOP_PROTOCOL,
  MAX_RELAYED_PER_MEMBER,
  RESERVATION_SECONDS,
  STOP_PROTOCOL
} from './constants.ts'
import { HopMessage, type Reservation, Status, StopMessage } from './pb/messages.ts'

export interface RelayServiceInit {
  host: Libp2p
  /** Whether the peer may use the relay, and be reached through it. */
  isMember(peerId: string): boolean
  /** Seconds since 1970. */
  unixSeconds(): number
}

export class RelayService {
  readonly #init: RelayServiceInit
  readonly #inbound: InboundStreams
  #relayedBytes = 0
  #connections = 0

  constructor(init: RelayServiceInit) {
    this.#init = init
    this.#inbound = new InboundStreams({
      host: init.host,
      protocol: HOP_PROTOCOL,
      maxInboundStreams: MAX_RELAYED_PER_MEMBER,
      serve: (stream, { remotePeer }) => this.#serve(stream, remotePeer.toString())
    })
  }

  /** Bytes forwarded from one peer to another: chunks, and their encryption and framing. */
  get relayedBytes(): number {
    return this.#relayedBytes
  }

  /** Connections between two peers that are relayed now. */
  get connections(): number {
    return this.#connections
  }

  start(): Promise<void> {
    return this.#inbound.start()
  }

  stop(): Promise<void> {
    return this.#inbound.stop()
  }

  async #serve(stream: Stream, source: string): Promise<void> {
    const onward = await inTime(stream, AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS), async () => {
      const request = await readMessage(stream, HopMessage)
      const { onward, ...answer } = await this.#answer(request, source)
      try {
        await sendMessage(stream, HopMessage, { type: HopMessage.Type.STATUS, ...answer })
      } catch (error) {
        onward?.abort(new Error('the peer that asked for the connection is gone'))
        throw error
      }
      return onward
    })
    if (onward !== undefined) {
      await this.#join(stream, onward)
    }
  }

  async #answer({ type, peer }: HopMessage, source: string): Promise<Answer> {
    const { isMember, unixSeconds } = this.#init
    if (!isMember(source)) {
      return { status: Status.PERMISSION_DENIED }
    }
    if (type === HopMessage.Type.RESERVE) {
      return {
        status: Status.OK,
        reservation: { expire: Math.round(unixSeconds()) + RESERVATION_SECONDS }
      }
    }
    if (type !== HopMessage.Type.CONNECT || peer === undefined) {
      return { status: Status.UNEXPECTED_MESSAGE }
    }
    const connection = this.#connectionWith(peer.id)
    if (connection === undefined) {
      return { status: Status.NO_RESERVATION }
    }
    const onward = await this.#ask(connection, source)
    return onward === undefined ? { status: Status.CONNECTION_FAILED } : { status: Status.OK, onward }
  }

  /** The newest connection: if a peer has reconnected, the older ones are dead. */
  #connectionWith(multihash: Uint8Array): Connection | undefined {
    const { host, isMember } = this.#init
    return host
      .getConnections()
      .filter(({ remotePeer, status }) => status === 'open' && isMember(remotePeer.toString()))
      .findLast(({ remotePeer }) => equals(remotePeer.toMultihash().bytes, multihash))
  }

  /** Whether the other peer accepts a connection from the one that asks; if so, the stream for it. */
  async #ask(connection: Connection, source: string): Promise<Stream | undefined> {
    try {
      const stream = await connection.newStream(STOP_PROTOCOL, {
        maxOutboundStreams: MAX_RELAYED_PER_MEMBER,
        signal: AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS)
      })
      const { status } = await inTime(stream, AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS), async () => {
        const peer = { id: peerIdFromString(source).toMultihash().bytes }
        await sendMessage(stream, StopMessage, { type: StopMessage.Type.CONNECT, peer })
        return await readMessage(stream, StopMessage)
      })
      if (status === Status.OK) {
        return stream
      }
      await closeStream(stream)
    } catch {
      // Gone, or silent: the peer that asked learns that it failed, and asks again later.
    }
    return undefined
  }

  /** Forwards in both directions until either end is done. */
  async #join(source: Stream, target: Stream): Promise<void> {
    const count = (byteLength: number): void => {
      this.#relayedBytes += byteLength
    }
    this.#connections++
    try {
      await Promise.all([passOn(source, target, count), passOn(target, source, count)])
    } catch (error) {
      target.abort(errorOf(error))
      throw error
    } finally {
      this.#connections--
    }
  }
}

/** The answer to a request, and the stream to the other peer if there is one. */
interface Answer {
  status: Status
  reservation?: Reservation
  onward?: Stream
}
