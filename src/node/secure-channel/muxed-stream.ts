/** One stream of a Yamux connection: its windows, and how it begins and ends. */
import type { AbortOptions } from '@libp2p/interface'
import { AbstractStream, type AbstractStreamInit, type SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { Flag, type FrameHeader, FrameType, YamuxViolation } from './yamux-frame.ts'

/** A window is opened again once so much of it was used: at each of the usual chunks, and not at each ask. */
const UPDATED_SHARE = 1 / 4

export interface MuxedStreamInit extends AbstractStreamInit {
  streamId: number
  /** Of both directions, all the time: the nodes of a swarm agree on it. */
  windowByteLength: number
  connection: FrameOutlet
}

/** Where the frames of a stream go. */
export interface FrameOutlet {
  /** Whether frames of data are to wait for the next `onMuxerDrain`. */
  readonly needsDrain: boolean
  /**
   * @param data the caller's again when the call returns
   * @returns whether there may be more data at once
   */
  sendFrame(header: FrameHeader, data?: Uint8ArrayList): boolean
}

export class MuxedStream extends AbstractStream {
  readonly streamId: number
  /** Those who send may use their memory again once it has left the write buffer (`copiesWhatItSends` of protocols/wire.ts). */
  readonly copiesWhatItSends = true
  readonly #windowByteLength: number
  readonly #connection: FrameOutlet
  /** What the next frame says of the stream's begin: SYN of one that is opened here, ACK of the other side's. */
  #beginFlag: number
  /** What may still be sent, and what may still come. */
  #sendWindow: number
  #receiveWindow: number
  #isPaused = false
  #borrower: ((bytes: Uint8Array) => void) | undefined

  constructor(init: MuxedStreamInit) {
    super(init)
    this.streamId = init.streamId
    this.#windowByteLength = init.windowByteLength
    this.#connection = init.connection
    this.#beginFlag = init.direction === 'outbound' ? Flag.SYN : Flag.ACK
    this.#sendWindow = init.windowByteLength
    this.#receiveWindow = init.windowByteLength
  }

  /** Tells the other side that there is this stream, if nothing has yet. */
  open(): void {
    if (this.#beginFlag !== 0) {
      this.#sendWindowUpdate(0)
    }
  }

  /**
   * From now on `borrower` is lent what comes, for the time of the call, in the place of `message` events; those have
   * what comes while the stream is paused. @returns whether it is so: not where somebody watches the events
   */
  lendTo(borrower: (bytes: Uint8Array) => void): boolean {
    const isWatched = Object.hasOwn(this, 'dispatchEvent')
    if (!isWatched) {
      this.#borrower = borrower
    }
    return !isWatched
  }

  /** A frame of data begins. @throws YamuxViolation when it is more than the window */
  onDataHeader(byteLength: number): void {
    if (byteLength > this.#receiveWindow) {
      throw new YamuxViolation(`${byteLength} bytes in a window of ${this.#receiveWindow}`)
    }
    this.#receiveWindow -= byteLength
  }

  /** Bytes of it, lent. */
  onBytes(bytes: Uint8Array): void {
    if (this.#borrower !== undefined && this.readStatus === 'readable' && this.readBufferLength === 0) {
      this.#borrower(bytes)
    } else {
      this.onData(new Uint8Array(bytes))
    }
  }

  /** A frame is whole, so what it says of the stream's end holds. */
  onFrameEnd(type: number, flags: number): void {
    if ((flags & Flag.FIN) !== 0) {
      this.onRemoteCloseWrite()
    }
    if ((flags & Flag.RST) !== 0) {
      this.onRemoteReset()
    } else if (type === FrameType.DATA) {
      this.#updateWindow()
    }
  }

  onWindowUpdate(byteLength: number): void {
    this.#sendWindow += byteLength
    if (this.#sendWindow > 0 && this.writeBufferLength > 0 && !this.#connection.needsDrain) {
      this.safeDispatchEvent('drain')
    }
  }

  /** Who waits is told, and nobody else. */
  override onMuxerDrain(): void {
    if (this.writableNeedsDrain) {
      super.onMuxerDrain()
    }
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const length = Math.min(this.#sendWindow, data.byteLength)
    if (length === 0) {
      return { sentBytes: 0, canSendMore: data.byteLength === 0 }
    }
    const isAll = length === data.byteLength
    this.#sendWindow -= length
    const header = { type: FrameType.DATA, flags: this.#takeBeginFlag(), streamId: this.streamId, length }
    const canSendMore = this.#connection.sendFrame(header, isAll ? data : data.sublist(0, length))
    return { sentBytes: length, canSendMore: canSendMore && isAll }
  }

  override sendReset(): void {
    this.#send(FrameType.WINDOW_UPDATE, Flag.RST, 0)
  }

  override async sendCloseWrite(): Promise<void> {
    this.#send(FrameType.WINDOW_UPDATE, this.#takeBeginFlag() | Flag.FIN, 0)
  }

  /** Yamux has no frame for it. */
  override async sendCloseRead(options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
  }

  override sendPause(): void {
    this.#isPaused = true
  }

  override sendResume(): void {
    this.#isPaused = false
    this.#updateWindow()
  }

  #updateWindow(): void {
    const used = this.#windowByteLength - this.#receiveWindow
    const isDue = used >= this.#windowByteLength * UPDATED_SHARE || this.#beginFlag !== 0
    if (isDue && !this.#isPaused && this.status === 'open') {
      this.#receiveWindow = this.#windowByteLength
      this.#sendWindowUpdate(used)
    }
  }

  #sendWindowUpdate(byteLength: number): void {
    this.#send(FrameType.WINDOW_UPDATE, this.#takeBeginFlag(), byteLength)
  }

  #send(type: FrameType, flags: number, length: number): void {
    this.#connection.sendFrame({ type, flags, streamId: this.streamId, length })
  }

  #takeBeginFlag(): number {
    const flag = this.#beginFlag
    this.#beginFlag = 0
    return flag
  }
}
