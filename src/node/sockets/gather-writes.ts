/**
 * What is written to a socket in one turn of the event loop leaves by one call of the system. Noise writes the length of
 * each message and then the message, and of small messages the call costs more than all else.
 */
import type { Socket } from 'node:net'

/** From now on the socket gathers. Its end, or closing it with what waits, is as before. */
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
