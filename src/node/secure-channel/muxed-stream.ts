/** One stream of a Yamux connection: its windows, and how it begins and ends. */
import type { AbortOptions } from '@libp2p/interface'
import { AbstractStream, type AbstractStreamInit, type SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { Flag, type FrameHeader, FrameType, YamuxViolation } from './yamux-frame.ts'

/** A window is reopened once this much of it was used: at each chunk of the usual length, and not at each ask. */
const UPDATED_SHARE = 1 / 4

export interface MuxedStreamInit extends AbstractStreamInit {
  streamId: number
  /** Of both directions, all the time: the nodes of a swarm agree on it. */
  windowByteLength: number
  connection: FrameOutlet
}

/** Where the stream sends its frames. */
export interface FrameOutlet {
  /** Whether frames of data must wait for the next `onMuxerDrain`. */
  readonly needsDrain: boolean
  /**
   * @param data the caller's again when the call returns
   * @returns whether more data may follow at once
   */
  sendFrame(header: FrameHeader, data?: Uint8ArrayList): boolean
}

export class MuxedStream extends AbstractStream {
  readonly streamId: number
  /**
   * Senders may reuse their memory once the data has left the write buffer (`copiesWhatItSends` of protocols/wire.ts).
   */
  readonly copiesWhatItSends = true
  readonly #windowByteLength: number
  readonly #connection: FrameOutlet
  /**
   * The flag of the next frame about the stream's beginning: SYN for one that is opened here, ACK for the other side's.
   */
  #beginFlag: number
  /** How many bytes may still be sent, and how many may still arrive. */
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

  /** Announces this stream to the other side, if no frame has yet. */
  open(): void {
    if (this.#beginFlag !== 0) {
      this.#sendWindowUpdate(0)
    }
  }

  /**
   * From now on `borrower` is lent the data, for the time of the call, instead of `message` events; data that arrives
   * while the stream is paused still comes as events. @returns whether that is so: not if someone watches the events
   */
  lendTo(borrower: (bytes: Uint8Array) => void): boolean {
    const isWatched = Object.hasOwn(this, 'dispatchEvent')
    if (!isWatched) {
      this.#borrower = borrower
    }
    return !isWatched
  }

  /** A frame of data begins. @throws YamuxViolation when it exceeds the window */
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

  /** A frame is complete, so its flags about the stream's end hold. */
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

  /** Only waiting callers are informed. */
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
