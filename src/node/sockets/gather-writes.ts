/**
 * Writes of one turn of the event loop to a socket leave in one system call. Noise writes the length of each message
 * and then the message, and for small messages the call costs more than everything else.
 */
import type { Socket } from 'node:net'

/** From now on the socket gathers. Its end, or closing it with waiting data, works as before. */
export function gatherWrites(socket: Socket): void {
  const { write } = socket
  let isGathering = false
  const release = (): void => {
    isGathering = false
    socket.uncork()
  }
  const gathered = (...parameters: unknown[]): unknown => {
    if (!isGathering) {
      isGathering = true
      socket.cork()
      process.nextTick(release)
    }
    return Reflect.apply(write, socket, parameters)
  }
  Object.defineProperty(socket, 'write', { value: gathered, configurable: true, writable: true })
}
