/**
 * A TCP proxy that makes a path long: every byte arrives later, in order. `node delaying-proxy.js <address> <port> <to
 * address> <to port> <delay in ms, each way>`. It prints a line when it listens.
 */
import { createConnection, createServer, type Socket } from 'node:net'
import { HeldBytes } from './held-bytes.ts'

const [address = '', port = '', toAddress = '', toPort = '', delayMs = ''] = process.argv.slice(2)

createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = createConnection({
    host: toAddress,
    port: Number(toPort),
    allowHalfOpen: true,
    noDelay: true
  })
  carry(near, far)
  carry(far, near)
}).listen(Number(port), address, () => process.stdout.write('ready\n'))

// It ends when the process that started it ends in any way.
process.once('disconnect', () => process.exit())

/** One direction of a connection. */
function carry(from: Socket, to: Socket): void {
  const held = new HeldBytes(Number(delayMs))
  let timer: NodeJS.Timeout | undefined
  let ended = false
  let draining = false
  const deliver = (): void => {
    clearTimeout(timer)
    timer = undefined
    const nowMs = performance.now()
    for (let bytes = held.take(nowMs); bytes !== undefined; bytes = held.take(nowMs)) {
      if (!to.write(bytes)) {
        draining = true
        break
      }
    }
    if (held.roomy && from.isPaused()) {
      from.resume()
    }
    const waitMs = held.waitMs(nowMs)
    if (waitMs === undefined && ended) {
      to.end()
    } else if (waitMs !== undefined && !draining) {
      timer = setTimeout(deliver, waitMs)
    }
  }
  const deliverSoon = (): void => {
    if (!draining && timer === undefined) {
      deliver()
    }
  }
  to.on('drain', () => {
    draining = false
    deliver()
  })
  from.on('data', (bytes) => {
    held.put(bytes, performance.now())
    if (held.full) {
      from.pause()
    }
    deliverSoon()
  })
  from.on('end', () => {
    ended = true
    deliverSoon()
  })
  // If one end fails, the other one is destroyed too, without the bytes in flight.
  from.on('error', () => to.destroy())
  to.on('close', () => clearTimeout(timer))
}
