/** The readers of a connection's bytes: encrypted messages, which are decrypted into frames of Yamux. */
import '#potluck/polyfill.js'
import { AbstractMessageStream, multiaddrConnectionPair, type SendResult } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'
import { nodeAead, TAG_BYTE_LENGTH } from '#potluck/node/secure-channel/aead.js'
import { InboundMessages } from '#potluck/node/secure-channel/inbound-messages.js'
import { Muxer } from '#potluck/node/secure-channel/muxer.js'
import { SecureChannel } from '#potluck/node/secure-channel/secure-channel.js'
import {
  encodeHeader,
  Flag,
  type FrameHeader,
  FrameType,
  HEADER_BYTE_LENGTH,
  YamuxViolation
} from '#potluck/node/secure-channel/yamux-frame.js'
import { allow, type FrameTarget, inParts } from './frame-target.ts'
import { bytesOf } from './samples.ts'

const WINDOW_BYTE_LENGTH = 4096

/** The overhead of Noise. */
const MAX_MESSAGE_BYTE_LENGTH = 65_535

/** After this many another muxer takes over: streams that the samples open are never closed. */
const FRAMES_PER_MUXER = 1000

export function linkTargets(): FrameTarget[] {
  return [encryptedMessages(), yamuxFrames()]
}

function encryptedMessages(): FrameTarget {
  const message = (byteLength: number): Buffer =>
    Buffer.concat([Uint8Array.of(byteLength >>> 8, byteLength & 0xff), bytesOf(byteLength)])
  const take = ({ byteLength }: Uint8Array): boolean => {
    if (byteLength < TAG_BYTE_LENGTH || byteLength > MAX_MESSAGE_BYTE_LENGTH) {
      throw new Error(`a message of ${byteLength} bytes was passed on`)
    }
    return true
  }
  // A frame continues the state that earlier frames left, as on a connection.
  let inbound = new InboundMessages(take)
  return {
    name: 'encrypted-messages',
    samples: [message(16), Buffer.concat([message(40), message(300), message(17)])],
    take: (bytes, random) => {
      try {
        for (const part of inParts(bytes, random)) {
          inbound.push(part)
        }
      } catch (error) {
        if (!(error instanceof Error) || !/^an encrypted message of \d+ bytes$/.test(error.message)) {
          throw error
        }
        inbound = new InboundMessages(take)
      }
    }
  }
}

function yamuxFrames(): FrameTarget {
  const frame = (header: Partial<FrameHeader>, data = new Uint8Array()): Buffer => {
    const bytes = new Uint8Array(HEADER_BYTE_LENGTH)
    encodeHeader({ type: FrameType.DATA, flags: 0, streamId: 0, length: data.byteLength, ...header }, bytes)
    return Buffer.concat([bytes, data])
  }
  const [update, ping, goAway] = [FrameType.WINDOW_UPDATE, FrameType.PING, FrameType.GO_AWAY]
  let muxer = newMuxer()
  let frames = 0
  return {
    name: 'yamux-frames',
    samples: [
      frame({ type: update, flags: Flag.SYN, streamId: 2 }),
      Buffer.concat([
        frame({ flags: Flag.SYN, streamId: 4 }, bytesOf(30)),
        frame({ streamId: 4, flags: Flag.FIN }, bytesOf(3))
      ]),
      frame({ type: update, streamId: 1, length: 500 }),
      frame({ type: update, flags: Flag.RST, streamId: 2 }),
      frame({ type: ping, flags: Flag.SYN, length: 7 }),
      frame({ type: goAway, length: 0 })
    ],
    take: (bytes, random) => {
      let isRight = false
      allow(YamuxViolation, () => {
        for (const part of inParts(bytes, random)) {
          muxer.receive(part)
        }
        isRight = true
      })
      frames++
      if (!isRight || muxer.status !== 'open' || frames % FRAMES_PER_MUXER === 0) {
        muxer.abort(new Error('over'))
        muxer = newMuxer()
      }
    },
    slow: true
  }
}

/** With a stream of its own, on a connection that accepts everything and delivers nothing. */
function newMuxer(): Muxer {
  const keys = { sending: new Uint8Array(32), receiving: new Uint8Array(32) }
  const connection = new Abyss()
  const channel = new SecureChannel({ connection, keys, aead: nodeAead(), rest: new Uint8ArrayList() })
  const limits = { maxReadBufferLength: 4 * WINDOW_BYTE_LENGTH, maxWriteBufferLength: WINDOW_BYTE_LENGTH }
  const muxer = new Muxer(channel, { windowByteLength: WINDOW_BYTE_LENGTH, ...limits })
  muxer.addEventListener('stream', () => undefined)
  void muxer.createStream().catch(() => undefined)
  return muxer
}

const [{ log }] = multiaddrConnectionPair()

class Abyss extends AbstractMessageStream {
  constructor() {
    super({ log, direction: 'outbound' })
  }

  override sendData({ byteLength }: Uint8ArrayList): SendResult {
    return { sentBytes: byteLength, canSendMore: true }
  }

  override sendReset(): void {
    this.onTransportClosed()
  }

  override sendPause(): void {
    // It delivers nothing.
  }

  override sendResume(): void {
    // It delivers nothing.
  }

  override async close(): Promise<void> {
    this.onTransportClosed()
  }
}
