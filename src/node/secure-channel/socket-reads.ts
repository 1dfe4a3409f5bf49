/**
 * Reads a socket into the caller's memory. Node can do so (`onread`), but offers it only for sockets that a program
 * opens itself, not for a server's sockets. The fields of that option are set here for both, if they are found as
 * expected.
 */
import { Socket } from 'node:net'

/** Where the bytes of a socket are written. */
export interface ReadTarget {
  /** The memory for the next bytes. */
  space(): Uint8Array
  /** This many bytes were written there. Does not throw. */
  onRead(byteLength: number): void
  /** Bytes arrived in other memory. Does not throw. */
  push(bytes: Uint8Array): void
}

/** Node's names for the fields of `onread`. */
const NAMES = { buffer: 'kBuffer', onRead: 'kBufferCb', nextBuffer: 'kBufferGen' }

type Fields = Record<keyof typeof NAMES, symbol>

/** The socket of a connection of @libp2p/tcp; undefined for others. */
export function socketOf(connection: object): Socket | undefined {
  return 'socket' in connection && connection.socket instanceof Socket ? connection.socket : undefined
}

/** From now on only the target gets the socket's data. */
export function readTo(socket: Socket, target: ReadTarget): void {
  socket.removeAllListeners('data')
  // Also for data that the socket holds already, and for all data if Node is not as expected.
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

/** Undefined when any is missing or in use already, and on Windows, which may write to a buffer later. */
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
