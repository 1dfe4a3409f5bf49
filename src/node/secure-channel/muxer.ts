/**
 * Yamux over a secure channel: the same as @chainsafe/libp2p-yamux, without an object, event or copy for each frame.
 */
import {
  type AbortOptions,
  type MessageStream,
  MuxerClosedError,
  type StreamMuxer,
  type StreamMuxerFactory,
  TooManyOutboundProtocolStreamsError
} from '@libp2p/interface'
import { AbstractStreamMuxer } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { FrameDecoder, type FrameSink } from './frame-decoder.ts'
import { FrameWriter } from './frame-writer.ts'
import { type FrameOutlet, MuxedStream } from './muxed-stream.ts'
import { SecureChannel, type TextReceiver } from './secure-channel.ts'
import { Flag, type FrameHeader, FrameType, GoAway, YamuxViolation } from './yamux-frame.ts'

const PROTOCOL = '/yamux/1.0.0'

/** For each direction, and how often the connection is kept alive: as in @chainsafe/libp2p-yamux. */
const MAX_STREAMS = 1000
const PING_INTERVAL_MS = 30_000

export interface MuxerInit {
  /** Of each stream and direction, all the time. */
  windowByteLength: number
  maxReadBufferLength: number
  maxWriteBufferLength: number
}

/** Muxers for secure channels; `other` makes those of any other connection. */
export function muxers(init: MuxerInit, other: StreamMuxerFactory): StreamMuxerFactory {
  return {
    protocol: PROTOCOL,
    createStreamMuxer: (connection: MessageStream): StreamMuxer =>
      connection instanceof SecureChannel ? new Muxer(connection, init) : other.createStreamMuxer(connection)
  }
}

export class Muxer extends AbstractStreamMuxer<MuxedStream> implements FrameOutlet, FrameSink, TextReceiver {
  readonly #init: MuxerInit
  readonly #channel: SecureChannel
  readonly #writer: FrameWriter
  readonly #decoder: FrameDecoder
  readonly #streams = new Map<number, MuxedStream>()
  readonly #pingTimer: NodeJS.Timeout
  readonly #isClient: boolean
  #nextStreamId: number
  #pingId = 0
  #isPinging = false
  #isLocallyEnded = false
  #isRemotelyEnded = false
  /** For the frame whose data is arriving: what it says of its stream, if there is one. */
  #dataFlags = 0
  #dataStream: MuxedStream | undefined

  constructor(channel: SecureChannel, init: MuxerInit) {
    super(channel, { protocol: PROTOCOL, name: 'yamux', streamOptions: init })
    this.#init = init
    this.#channel = channel
    this.#writer = new FrameWriter(channel)
    this.#decoder = new FrameDecoder(this)
    this.#isClient = channel.direction === 'outbound'
    this.#nextStreamId = this.#isClient ? 1 : 2
    this.#pingTimer = setInterval(() => this.#ping(), PING_INTERVAL_MS).unref()
    channel.deliverTo(this)
  }

  /** Of the existing streams, in each direction. */
  #count(isInbound: boolean): number {
    let count = 0
    for (const streamId of this.#streams.keys()) {
      count += this.#isOwnId(streamId) === isInbound ? 0 : 1
    }
    return count
  }

  get needsDrain(): boolean {
    return this.#channel.writableNeedsDrain
  }

  /** Data that arrived before the muxer was there. */
  override onData(data: Uint8Array | Uint8ArrayList): void {
    for (const bytes of data instanceof Uint8Array ? [data] : data) {
      this.receive(bytes)
    }
  }

  receive(bytes: Uint8Array): void {
    this.#decoder.push(bytes)
  }

  fail(error: Error): void {
    this.abort(error)
  }

  override onCreateStream(): MuxedStream {
    if (this.#isRemotelyEnded || this.#isLocallyEnded) {
      throw new MuxerClosedError(`Muxer closed ${this.#isRemotelyEnded ? 'remotely' : 'locally'}`)
    }
    if (this.#count(false) >= MAX_STREAMS) {
      throw new TooManyOutboundProtocolStreamsError('max outbound streams exceeded')
    }
    const streamId = this.#nextStreamId
    this.#nextStreamId += 2
    const stream = this.#newStream(streamId, 'outbound')
    // After the caller has added it to its list: the answer may come at once.
    queueMicrotask(() => this.#open(stream))
    return stream
  }

  #open(stream: MuxedStream): void {
    try {
      stream.open()
    } catch {
      // The channel has ended, as the stream's end tells.
    }
  }

  onHeader(header: FrameHeader): void {
    const { type, flags, streamId, length } = header
    this.#dataStream = undefined
    if (this.status === 'closed') {
      return
    }
    if (streamId === 0) {
      this.#onConnectionFrame(header)
      return
    }
    if (type !== FrameType.DATA && type !== FrameType.WINDOW_UPDATE) {
      throw new YamuxViolation(`a frame of type ${type} for a stream`)
    }
    if ((flags & Flag.SYN) !== 0) {
      this.#onOpened(streamId)
    }
    const stream = this.#streams.get(streamId)
    if (stream === undefined) {
      return
    }
    if (type === FrameType.WINDOW_UPDATE) {
      stream.onFrameEnd(type, flags)
      stream.onWindowUpdate(length)
      return
    }
    stream.onDataHeader(length)
    if (length === 0) {
      stream.onFrameEnd(type, flags)
    } else {
      this.#dataStream = stream
      this.#dataFlags = flags
    }
  }

  onFrameData(bytes: Uint8Array, isLast: boolean): void {
    const stream = this.#dataStream
    if (stream !== undefined) {
      stream.onBytes(bytes)
      if (isLast) {
        stream.onFrameEnd(FrameType.DATA, this.#dataFlags)
      }
    }
  }

  /** @throws StreamStateError when the channel is closed */
  sendFrame(header: FrameHeader, data?: Uint8ArrayList): boolean {
    const isWritable = this.#writer.write(header, data)
    if (!isWritable) {
      for (const stream of this.streams) {
        stream.onMuxerNeedsDrain()
      }
    }
    return isWritable
  }

  override async close(options: AbortOptions = {}): Promise<void> {
    if (this.status !== 'open') {
      return
    }
    try {
      await super.close(options)
      this.#goAway(GoAway.NORMAL)
    } finally {
      this.#end()
    }
  }

  override abort(error: Error): void {
    if (this.status !== 'open') {
      return
    }
    try {
      super.abort(error)
      this.#goAway(error instanceof YamuxViolation ? GoAway.PROTOCOL_ERROR : GoAway.INTERNAL_ERROR)
    } finally {
      this.#end()
    }
  }

  override onTransportClosed(error?: Error): void {
    try {
      super.onTransportClosed(error)
    } finally {
      this.#end()
    }
  }

  #end(): void {
    clearInterval(this.#pingTimer)
    this.#writer.end()
  }

  #goAway(reason: number): void {
    this.#isLocallyEnded = true
    this.sendFrame({ type: FrameType.GO_AWAY, flags: 0, streamId: 0, length: reason })
  }

  /** Keeps an idle connection from being taken for dead. */
  #ping(): void {
    if (!this.#isPinging && this.status === 'open') {
      this.#isPinging = true
      this.#pingId++
      try {
        this.sendFrame({ type: FrameType.PING, flags: Flag.SYN, streamId: 0, length: this.#pingId })
      } catch {
        // The channel has ended, as the muxer learns.
      }
    }
  }

  #onConnectionFrame({ type, flags, length }: FrameHeader): void {
    if (type === FrameType.PING && flags === Flag.SYN) {
      this.sendFrame({ type: FrameType.PING, flags: Flag.ACK, streamId: 0, length })
    } else if (type === FrameType.PING && flags === Flag.ACK) {
      if (!this.#isPinging || length !== this.#pingId) {
        throw new YamuxViolation('an answer to a ping that was not sent')
      }
      this.#isPinging = false
    } else if (type === FrameType.GO_AWAY) {
      this.#isRemotelyEnded = true
      if (length === GoAway.NORMAL) {
        this.onTransportClosed()
      } else {
        this.abort(new Error('Remote sent GoAway'))
      }
    } else {
      throw new YamuxViolation(`a frame of type ${type} for the connection`)
    }
  }

  /** The other side opens a stream. */
  #onOpened(streamId: number): void {
    if (this.#isOwnId(streamId)) {
      throw new YamuxViolation('a stream with an id of this side')
    }
    if (this.#streams.has(streamId)) {
      return
    }
    if (this.#isLocallyEnded || this.#count(true) >= MAX_STREAMS) {
      this.sendFrame({ type: FrameType.WINDOW_UPDATE, flags: Flag.RST, streamId, length: 0 })
      return
    }
    this.onRemoteStream(this.#newStream(streamId, 'inbound'))
  }

  /** The side that opened the connection has the odd ones. */
  #isOwnId(streamId: number): boolean {
    return this.#isClient === (streamId % 2 === 1)
  }

  #newStream(streamId: number, direction: 'inbound' | 'outbound'): MuxedStream {
    const { windowByteLength, maxReadBufferLength, maxWriteBufferLength } = this.#init
    const stream = new MuxedStream({
      id: `${streamId}`,
      streamId,
      direction,
      windowByteLength,
      maxReadBufferLength,
      maxWriteBufferLength,
      connection: this,
      log: this.log.newScope(`${direction}:${streamId}`)
    })
    this.#streams.set(streamId, stream)
    stream.addEventListener('close', () => this.#streams.delete(streamId), { once: true })
    return stream
  }
}
