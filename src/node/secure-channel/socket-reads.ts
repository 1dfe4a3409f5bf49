/**
 * Reads a socket to memory of the caller's. Node can do so (`onread`), but offers it for sockets that one opens oneself
 * and not for those that a server takes in; what the option sets is set here for both, where it is found as it is known.
 */
import { Socket } from 'node:net'

/** Where the bytes of a socket go. */
export interface ReadTarget {
  /** Where the next bytes are to be written. */
  space(): Uint8Array
  /** So many were. Does not throw. */
  onRead(byteLength: number): void
  /** Bytes came that lie somewhere else. Does not throw. */
  push(bytes: Uint8Array): void
}

/** The names that Node gives to what `onread` sets. */
const NAMES = { buffer: 'kBuffer', onRead: 'kBufferCb', nextBuffer: 'kBufferGen' }

type Fields = Record<keyof typeof NAMES, symbol>

/** The socket that a connection of @libp2p/tcp consists of; undefined for others. */
export function socketOf(connection: object): Socket | undefined {
  return 'socket' in connection && connection.socket instanceof Socket ? connection.socket : undefined
}

/** From now on the target has what the socket brings, and nobody else. */
export function readTo(socket: Socket, target: ReadTarget): void {
  socket.removeAllListeners('data')
  // Also for what the socket holds already, and all of it where Node is not as it is known.
  socket.on('data', (bytes: Uint8Array) => {
    target.push(bytes)
    readDirectly(socket, target)
  })
  readDirectly(socket, target)
}

function readDirectly(socket: Socket, target: ReadTarget): void {
  const fields = fieldsOf(socket)
  const handle: unknown = Reflect.get(socket, '_handle')
  if (fields === undefined || !hasUserBuffer(handle) || socket.readableLength > 0 || socket.destroyed) {
    return
  }
  const space = target.space()
  Reflect.set(socket, fields.onRead, (byteLength: number) => {
    target.onRead(byteLength)
    return true
  })
  Reflect.set(socket, fields.nextBuffer, () => target.space())
  Reflect.set(socket, fields.buffer, space)
  handle.useUserBuffer(space)
}

/** Undefined where any is missing or is used already, and on Windows, which may write to a buffer later. */
function fieldsOf(socket: Socket): Fields | undefined {
  if (process.platform === 'win32') {
    return undefined
  }
  const symbols = Object.getOwnPropertySymbols(socket)
  const find = (name: string): symbol | undefined => {
    const symbol = symbols.find(({ description }) => description === name)
    return symbol !== undefined && Reflect.get(socket, symbol) === null ? symbol : undefined
  }
  const [buffer, onRead, nextBuffer] = [find(NAMES.buffer), find(NAMES.onRead), find(NAMES.nextBuffer)]
  return buffer === undefined || onRead === undefined || nextBuffer === undefined
    ? undefined
    : { buffer, onRead, nextBuffer }
}

function hasUserBuffer(handle: unknown): handle is { useUserBuffer(buffer: Uint8Array): void } {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'useUserBuffer' in handle &&
    typeof handle.useUserBuffer === 'function'
  )
}
