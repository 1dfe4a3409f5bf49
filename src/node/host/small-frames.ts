/**
 * Small frames of a muxer leave together: those of one turn of the event loop at its end, or before with a large one.
 *
 * Each chunk takes four or five of them beside its own bytes: its ask, a share of the news, and for each of these and
 * for the chunk a window that is opened again. By itself each is a message of Noise and two writes to the socket, and
 * wakes the other side up.
 */
import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

/** Asks, news and windows are smaller, and so are the chunks of tiny files: with 10,000 of them that is what counts. */
export const SMALL_BYTE_LENGTH = 4096

/** What waits at the most; a remote peer decides how many windows there are to open again. */
export const MAX_WAITING_BYTE_LENGTH = 16 * 1024

/**
 * Small frames that a connection holds while the other side takes nothing. Streams wait by themselves then; answers to
 * pings and refusals of streams would grow for as long as the other side asks for them.
 */
export const MAX_UNTAKEN_BYTE_LENGTH = 1024 * 1024

/** Of Yamux's header: what a frame is, in its second byte, and the flags that end a stream, in its fourth. */
const GO_AWAY = 3
const FIN_OR_RST = 0x4 | 0x8

/** The same muxer, on connections that gather its small frames. */
export function gatherSmallFrames(factory: StreamMuxerFactory): StreamMuxerFactory {
  const createStreamMuxer = factory.createStreamMuxer.bind(factory)
  factory.createStreamMuxer = (connection) => createStreamMuxer(gathering(connection))
  return factory
}

/** The same connection; what is sent on it in small frames waits for the end of the turn. */
export function gathering(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection)
  let waiting = new Uint8ArrayList()
  let timer: NodeJS.Immediate | undefined
  let untaken = 0

  const take = (): Uint8ArrayList => {
    const frames = waiting
    waiting = new Uint8ArrayList()
    clearImmediate(timer)
    timer = undefined
    return frames
  }
  const flush = (): void => {
    const frames = take()
    try {
      send(frames)
    } catch {
      // The connection is over, as all who use it are told by its end.
    }
  }
  connection.send = (frame) => {
    const isOver = connection.status !== 'open' && connection.status !== 'closing'
    if (isOver && isGoAway(frame)) {
      // Streams end within an abort, and whoever hears of that may abort as well: the outer one comes too late to say so.
      return false
    }
    const isSmall = frame.byteLength <= SMALL_BYTE_LENGTH
    if (!connection.writableNeedsDrain) {
      untaken = 0
    } else if (isSmall) {
      untaken += frame.byteLength
      if (untaken > MAX_UNTAKEN_BYTE_LENGTH && !isGoAway(frame)) {
        take()
        connection.abort(new Error('it reads nothing that is sent to it'))
        return false
      }
    }
    const mayWait = isSmall && connection.status === 'open' && !isEnd(frame)
    if (mayWait && waiting.byteLength < MAX_WAITING_BYTE_LENGTH) {
      waiting.append(frame)
      timer ??= setImmediate(flush)
      return !connection.writableNeedsDrain
    }
    if (waiting.byteLength === 0) {
      return send(frame)
    }
    const frames = take()
    frames.append(frame)
    return send(frames)
  }
  return connection
}

/** Whether the frame ends a stream or the connection: what was said before has to be out before the socket closes. */
function isEnd(frame: Uint8Array | Uint8ArrayList): boolean {
  const [, , , flags = 0] = frame.subarray(0, 4)
  return isGoAway(frame) || (flags & FIN_OR_RST) !== 0
}

function isGoAway(frame: Uint8Array | Uint8ArrayList): boolean {
  return frame.subarray(1, 2)[0] === GO_AWAY
}
