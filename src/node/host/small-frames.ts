/**
 * Sends the small frames of a muxer together: those of one turn of the event loop at its end, or earlier with a large
 * one.
 *
 * Each chunk needs four or five of them besides its own bytes: its ask, a share of the news, and for each of these and
 * for the chunk a window update. By itself each is a message of Noise and two writes to the socket, and wakes the other
 * side.
 */
import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

/**
 * Asks, news and windows are smaller, and so are the chunks of tiny files, which matter when there are 10,000 of them.
 */
export const SMALL_BYTE_LENGTH = 4096

/** The most that waits; a remote peer decides how many windows there are to reopen. */
export const MAX_WAITING_BYTE_LENGTH = 16 * 1024

/**
 * Small frames that a connection buffers while the other side accepts nothing. Streams wait by themselves then; answers
 * to pings and refusals of streams would grow for as long as the other side asks for them.
 */
export const MAX_UNTAKEN_BYTE_LENGTH = 1024 * 1024

/** In Yamux's header: the frame's type is the second byte, and the flags that end a stream are in the fourth. */
const GO_AWAY = 3
const FIN_OR_RST = 0x4 | 0x8

/** The same muxer, on connections that gather its small frames. */
export function gatherSmallFrames(factory: StreamMuxerFactory): StreamMuxerFactory {
  const createStreamMuxer = factory.createStreamMuxer.bind(factory)
  factory.createStreamMuxer = (connection) => createStreamMuxer(gathering(connection))
  return factory
}

/** The same connection; small frames that are sent on it wait for the end of the turn. */
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
      // The connection has ended; its end tells everyone that uses it.
    }
  }
  connection.send = (frame) => {
    const isOver = connection.status !== 'open' && connection.status !== 'closing'
    if (isOver && isGoAway(frame)) {
      // Streams end within an abort, and their listeners may abort as well: the outer call then comes too late.
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

/** Whether the frame ends a stream or the connection: earlier frames must be out before the socket closes. */
function isEnd(frame: Uint8Array | Uint8ArrayList): boolean {
  const [, , , flags = 0] = frame.subarray(0, 4)
  return isGoAway(frame) || (flags & FIN_OR_RST) !== 0
}

function isGoAway(frame: Uint8Array | Uint8ArrayList): boolean {
  return frame.subarray(1, 2)[0] === GO_AWAY
}
