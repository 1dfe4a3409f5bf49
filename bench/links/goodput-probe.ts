/**
 * Sends or receives over plain TCP for some seconds and measures how fast the bytes arrive. Usage: `node
 * goodput-probe.js serve|up|down <address> <port>`. `serve` prints a line when it listens and answers the other two;
 * `up` sends to it, `down` receives. These two end by themselves, and print the receiver's bytes per second on standard
 * output.
 */
import { connect, createServer, type Socket } from 'node:net'
import { type Arrival, steadyRate } from './steady-rate.ts'

const SEND_MS = 4000

/** Until then the sender finds the link's rate, and the shaper's burst is over. */
const SKIP_MS = 700

const SEND_BYTE_LENGTH = 64 * 1024

/** The direction that the client wants. */
const WANTS = { up: 'u', down: 'd' }

const [mode = '', address = '', port = ''] = process.argv.slice(2)

if (mode === 'serve') {
  createServer({ allowHalfOpen: true }, serve).listen(Number(port), address, () =>
    process.stdout.write('ready\n')
  )
} else {
  const socket = connect({ host: address, port: Number(port), allowHalfOpen: true })
  socket.write(mode === 'up' ? WANTS.up : WANTS.down)
  if (mode === 'up') {
    send(socket)
    socket.pipe(process.stdout)
  } else {
    socket.end()
    receive(socket, (bytesPerSecond) => process.stdout.write(`${bytesPerSecond}\n`))
  }
}

function serve(socket: Socket): void {
  // A client that is killed ends its measurement, and not this service.
  socket.on('error', () => socket.destroy())
  socket.once('readable', () => {
    const wants: unknown = socket.read(1)
    if (Buffer.isBuffer(wants) && wants.toString() === WANTS.up) {
      receive(socket, (bytesPerSecond) => socket.end(`${bytesPerSecond}\n`))
    } else {
      send(socket)
    }
  })
}

function send(socket: Socket): void {
  const bytes = Buffer.alloc(SEND_BYTE_LENGTH)
  const startedAtMs = performance.now()
  const sendMore = (): void => {
    while (performance.now() - startedAtMs < SEND_MS) {
      if (!socket.write(bytes)) {
        socket.once('drain', sendMore)
        return
      }
    }
    socket.end()
  }
  sendMore()
}

function receive(socket: Socket, tell: (bytesPerSecond: number) => void): void {
  const arrivals: Arrival[] = []
  let firstAtMs: number | undefined
  let byteLength = 0
  socket.on('data', (data) => {
    const atMs = performance.now()
    firstAtMs ??= atMs
    byteLength += data.length
    if (atMs - firstAtMs >= SKIP_MS) {
      arrivals.push({ atMs, byteLength })
    }
  })
  socket.on('end', () => tell(steadyRate(arrivals)))
}
